use kafka_listen::prelude::*;

const PAUSE: u64 = 100;

#[kafka_listener(topic = "email.send", blocking(delay = PAUSE, multiplier = 2, max_delay = 50))]
async fn send_email(_: &Delivery<'_>) {}

fn main() {}
