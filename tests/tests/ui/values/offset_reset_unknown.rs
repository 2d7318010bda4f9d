use kafka_listen::prelude::*;

#[kafka_listener(topic = "email.send", offset_reset = "beginning")]
async fn send_email(_: &Delivery<'_>) {}

fn main() {}
