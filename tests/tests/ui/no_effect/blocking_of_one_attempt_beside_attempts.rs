use kafka_listen::prelude::*;

#[kafka_listener(topic = "email.send", attempts = 3, blocking(attempts = 1))]
async fn send_email(_: &Delivery<'_>) {}

fn main() {}
