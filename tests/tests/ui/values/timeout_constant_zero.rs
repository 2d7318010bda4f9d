use kafka_listen::prelude::*;

const NONE: u64 = 0;

#[kafka_listener(topic = "email.send", timeout = NONE)]
async fn send_email(_: &[u8]) {}

fn main() {}
