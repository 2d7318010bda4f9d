use kafka_listen::prelude::*;

#[kafka_listener(topic = "email.send", group = "email", group = "mail")]
async fn send_email(_: &Delivery<'_>) {}

fn main() {}
