use kafka_listen::prelude::*;

#[kafka_listener(topic = "email.send", attempts = 5, retry_on(SendError::Http { code: 500..=599 } | SendError::Io(_)))]
async fn send_email(_: &Delivery<'_>) {}

fn main() {}
