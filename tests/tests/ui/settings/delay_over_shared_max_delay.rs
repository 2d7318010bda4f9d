use kafka_listen::prelude::*;

const SHORT: Settings = settings!(backoff(multiplier = 2, max_delay = "1m"));

#[kafka_listener(topic = "email.send", settings = SHORT, attempts = 3, backoff(delay = "2m"))]
async fn send_email(_: &[u8]) {}

fn main() {}
