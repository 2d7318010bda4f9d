use kafka_listen::prelude::*;

#[kafka_listener(topic = "email.send", attempts = 3, backoff(delayString = "1s"))]
async fn send_email(_: &Delivery<'_>) {}

fn main() {}
