use kafka_listen::prelude::*;

#[kafka_listener(topic = "email.send", backoff(delay = 1000))]
async fn send_email(_: &Delivery<'_>) {}

fn main() {}
