use kafka_listen::prelude::*;

#[kafka_listener(topic = TOPIC)]
async fn send_email(_: &Delivery<'_>) {}

const TOPIC: &str = "email.send";

fn main() {}
