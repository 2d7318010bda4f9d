use kafka_listen::prelude::*;

#[kafka_listener(topc = "email.send")]
async fn send_email(_: &Delivery<'_>) {}

fn main() {}
