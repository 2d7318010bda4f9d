use kafka_listen::prelude::*;

#[kafka_listener(topic = "email.send", fatal(SendError::BadAddress, SendError::Io(_)))]
async fn send_email(_: &[u8]) -> Result<(), String> {
    Ok(())
}

fn main() {}
