use kafka_listen::prelude::*;

#[kafka_listener(topic = "email.send", group_naming = "per_topic")]
async fn send_email(_: &Delivery<'_>) {}

fn main() {}
