use kafka_listen::prelude::*;

#[kafka_listener(topic = "email.send", max_retry_after = "11years")]
async fn send_email(_: &Delivery<'_>) {}

fn main() {}
