use kafka_listen::prelude::*;

#[kafka_listener(topic = "email.send", properties())]
async fn send_email(_: &[u8]) {}

fn main() {}
