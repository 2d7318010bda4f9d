use kafka_listen::prelude::*;

#[kafka_listener(topic = "email.send", attempts = 1, timeout = "1h")]
async fn send_email(_: &[u8]) {}

fn main() {}
