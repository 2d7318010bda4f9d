use kafka_listen::prelude::*;

#[kafka_listener(topic = "email.send", handler_timeout = 0)]
async fn send_email(_: &Delivery<'_>) {}

fn main() {}
