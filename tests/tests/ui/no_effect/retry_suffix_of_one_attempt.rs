use kafka_listen::prelude::*;

#[kafka_listener(topic = "email.send", attempts = 1, retry_suffix = "-again")]
async fn send_email(_: &Delivery<'_>) {}

fn main() {}
