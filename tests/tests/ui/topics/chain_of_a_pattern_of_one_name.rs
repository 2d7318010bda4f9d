use kafka_listen::prelude::*;

#[kafka_listener(topic_pattern = "^email", attempts = 2, retry_suffix = "-dlt")]
async fn send_email(_: &Delivery<'_>) {}

fn main() {}
