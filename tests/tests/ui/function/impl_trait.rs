use kafka_listen::prelude::*;

#[kafka_listener(topic = "email.send")]
async fn send_email(_: impl Into<String>) {}

fn main() {}
