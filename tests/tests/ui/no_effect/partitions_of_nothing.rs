use kafka_listen::prelude::*;

#[kafka_listener(topic = "email.send", auto_create = false, partitions = 6)]
async fn send_email(_: &Delivery<'_>) {}

fn main() {}
