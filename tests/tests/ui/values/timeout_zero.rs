use kafka_listen::prelude::*;

#[kafka_listener(topic = "email.send", timeout = 0)]
async fn send_email(_: &[u8]) {}

fn main() {}
