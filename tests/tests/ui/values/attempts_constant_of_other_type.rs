use kafka_listen::prelude::*;

#[kafka_listener(topic = "email.send", attempts = ATTEMPTS)]
async fn send_email(_: &Delivery<'_>) {}

const ATTEMPTS: i32 = 5;

fn main() {}
