use kafka_listen::prelude::*;

#[kafka_listener()]
async fn send_email(_: &Delivery<'_>) {}

fn main() {}
