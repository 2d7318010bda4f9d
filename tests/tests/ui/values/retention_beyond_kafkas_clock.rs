use kafka_listen::prelude::*;

#[kafka_listener(topic = "email.send", retention = 9223372036854775808)]
async fn send_email(_: &Delivery<'_>) {}

fn main() {}
