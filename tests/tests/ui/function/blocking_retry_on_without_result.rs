use kafka_listen::prelude::*;

#[kafka_listener(topic = "email.send", blocking(retry_on(SendError::BadAddress)))]
async fn send_email(_: &[u8]) {}

fn main() {}
