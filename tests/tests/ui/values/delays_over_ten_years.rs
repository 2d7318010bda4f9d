use kafka_listen::prelude::*;

#[kafka_listener(topic = "email.send", attempts = 50, backoff(delay = "1s", multiplier = 2))]
async fn send_email(_: &Delivery<'_>) {}

fn main() {}
