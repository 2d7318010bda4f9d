use kafka_listen::prelude::*;

#[kafka_listener(topic = "email.send", groupId = "email")]
async fn send_email(_: &Delivery<'_>) {}

fn main() {}
