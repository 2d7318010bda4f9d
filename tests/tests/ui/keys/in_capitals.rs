use kafka_listen::prelude::*;

#[kafka_listener(topic = "email.send", ATTEMPTS = 3)]
async fn send_email(_: &Delivery<'_>) {}

fn main() {}
