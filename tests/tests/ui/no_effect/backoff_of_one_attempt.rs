use kafka_listen::prelude::*;

#[kafka_listener(topic = "email.send", attempts = 1, backoff(delay = 1000))]
async fn send_email(_: &Delivery<'_>) {}

fn main() {}
