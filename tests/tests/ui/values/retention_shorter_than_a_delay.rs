use kafka_listen::prelude::*;

#[kafka_listener(topic = "email.send", attempts = 5, backoff(delay = "1h", multiplier = 2), retention = "8h")]
async fn send_email(_: &Delivery<'_>) {}

fn main() {}
