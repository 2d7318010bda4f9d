use kafka_listen::prelude::*;

#[kafka_listener(topic = "email.send", filter = "is_wanted")]
async fn send_email(_: &[u8]) {}

fn main() {}
