use kafka_listen::prelude::*;

#[kafka_listener(topic = "email send", attempts = 0, order = "keys")]
async fn send_email(_: &Delivery<'_>) {}

fn main() {}
