use kafka_listen::prelude::*;

#[kafka_listener(topic = "email.send", crate = "::kafka_listen")]
async fn send_email(_: &Delivery<'_>) {}

fn main() {}
