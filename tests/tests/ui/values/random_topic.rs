use kafka_listen::prelude::*;

#[kafka_listener(topic = "email.${random.uuid}", group = "email")]
async fn send_email(_: &Delivery<'_>) {}

fn main() {}
