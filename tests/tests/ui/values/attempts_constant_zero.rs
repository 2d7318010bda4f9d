use kafka_listen::prelude::*;

#[kafka_listener(topic = "email.send", attempts = ATTEMPTS)]
async fn send_email(_: &Delivery<'_>) {}

const ATTEMPTS: u32 = 0;

fn main() {}
