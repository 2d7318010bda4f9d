use kafka_listen::prelude::*;

#[kafka_listener(topic = "email.send", dlt = false, group_naming = "per-topic")]
async fn send_email(_: &Delivery<'_>) {}

fn main() {}
