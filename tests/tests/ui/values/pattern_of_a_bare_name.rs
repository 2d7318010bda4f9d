use kafka_listen::prelude::*;

#[kafka_listener(topic = "email.send", retry_on(SendError::Io(_) | Timeout))]
async fn send_email(_: &[u8]) -> Result<(), String> {
    Ok(())
}

fn main() {}
