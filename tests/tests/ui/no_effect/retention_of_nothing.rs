use kafka_listen::prelude::*;

#[kafka_listener(topic = "email.send", dlt = false, retention = "7d")]
async fn send_email(_: &Delivery<'_>) {}

fn main() {}
