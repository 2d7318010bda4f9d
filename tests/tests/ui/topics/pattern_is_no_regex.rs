use kafka_listen::prelude::*;

#[kafka_listener(topic_pattern = "^email\\.(send|urgent")]
async fn send_email(_: &Delivery<'_>) {}

fn main() {}
