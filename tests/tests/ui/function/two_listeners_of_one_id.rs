use kafka_listen::prelude::*;

#[kafka_listener(topic = "email.send", id = "email")]
#[kafka_listener(topic = "email.urgent", id = "email")]
async fn send_email(_: &Delivery<'_>) {}

fn main() {}
