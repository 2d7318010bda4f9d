use kafka_listen::prelude::*;

const LIMIT: u64 = 0;

#[kafka_listener(topic = "email.send", handler_timeout = LIMIT)]
async fn send_email(_: &Delivery<'_>) {}

fn main() {}
