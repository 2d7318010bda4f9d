use kafka_listen::prelude::*;

#[kafka_listener(topic = "email.send", blocking(attempts = 1, delay = 100))]
async fn send_email(_: &Delivery<'_>) {}

fn main() {}
