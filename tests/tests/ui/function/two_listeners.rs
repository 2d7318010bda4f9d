use kafka_listen::prelude::*;

#[kafka_listener(topic = "email.send")]
#[kafka_listener(topic = "email.urgent")]
async fn send_email(_: &Delivery<'_>) {}

fn main() {}
