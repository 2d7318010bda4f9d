use kafka_listen::prelude::*;

#[kafka_listener(topic = "email.send", retention = u64::MAX / 2 + 1)]
async fn send_email(_: &Delivery<'_>) {}

fn main() {}
