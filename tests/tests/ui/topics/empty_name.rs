use kafka_listen::prelude::*;

#[kafka_listener(topic = "")]
async fn send_email(_: &Delivery<'_>) {}

fn main() {}
