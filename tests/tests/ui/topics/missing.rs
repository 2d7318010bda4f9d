use kafka_listen::prelude::*;

#[kafka_listener(group = "email")]
async fn send_email(_: &Delivery<'_>) {}

fn main() {}
