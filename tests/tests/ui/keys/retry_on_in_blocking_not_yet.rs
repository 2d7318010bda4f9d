use kafka_listen::prelude::*;

#[kafka_listener(topic = "email.send", blocking(attempts = 3, retry_on(SendError::Io(_))))]
async fn send_email(_: &Delivery<'_>) {}

fn main() {}
