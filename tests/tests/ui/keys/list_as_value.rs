use kafka_listen::prelude::*;

#[kafka_listener(topics = "email.send,email.urgent")]
async fn send_email(_: &Delivery<'_>) {}

fn main() {}
