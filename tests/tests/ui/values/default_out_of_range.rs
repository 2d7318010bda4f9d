use kafka_listen::prelude::*;

#[kafka_listener(topic = "email.send", attempts = "${EMAIL_ATTEMPTS:0}")]
async fn send_email(_: &Delivery<'_>) {}

fn main() {}
