use kafka_listen::prelude::*;

#[kafka_listener(topic = "email.send", auto_start = "later")]
async fn send_email(_: &[u8]) {}

fn main() {}
