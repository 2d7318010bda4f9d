use kafka_listen::prelude::*;

#[kafka_listener(topic = "email.send", attempts = 5, backoff(multiplier = GROWTH))]
async fn send_email(_: &Delivery<'_>) {}

const GROWTH: f64 = 0.5;

fn main() {}
