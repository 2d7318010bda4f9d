use kafka_listen::prelude::*;

#[kafka_listener(topic = "email.send", blocking(attempts = 3, delay = 100, jitter = 0.2))]
async fn send_email(_: &Delivery<'_>) {}

fn main() {}
