use kafka_listen::prelude::*;

#[kafka_listener(topic = "email.send", handler_timeout = "10s")]
fn send_email(_: &Delivery<'_>) {}

fn main() {}
