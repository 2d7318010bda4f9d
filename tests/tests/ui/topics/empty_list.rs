use kafka_listen::prelude::*;

#[kafka_listener(topics())]
async fn send_email(_: &Delivery<'_>) {}

fn main() {}
