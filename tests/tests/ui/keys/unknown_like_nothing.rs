use kafka_listen::prelude::*;

#[kafka_listener(topic = "email.send", colour = "red")]
async fn send_email(_: &Delivery<'_>) {}

fn main() {}
