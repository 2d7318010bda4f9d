use kafka_listen::prelude::*;

#[kafka_listener(topic = "email.send", order = "${ORDER:keys}")]
async fn send_email(_: &Delivery<'_>) {}

fn main() {}
