use kafka_listen::prelude::*;

#[kafka_listener(topic = "email.send", concurrency = 0)]
async fn send_email(_: &Delivery<'_>) {}

fn main() {}
