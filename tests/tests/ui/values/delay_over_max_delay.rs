use kafka_listen::prelude::*;

#[kafka_listener(topic = "email.send", attempts = 5, backoff(delay = "5s", multiplier = 2, max_delay = "3s"))]
async fn send_email(_: &Delivery<'_>) {}

fn main() {}
