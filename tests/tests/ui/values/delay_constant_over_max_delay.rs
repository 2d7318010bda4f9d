use kafka_listen::prelude::*;

#[kafka_listener(topic = "email.send", attempts = 5, backoff(delay = DELAY, multiplier = 2, max_delay = "3s"))]
async fn send_email(_: &Delivery<'_>) {}

const DELAY: u64 = 5000;

fn main() {}
