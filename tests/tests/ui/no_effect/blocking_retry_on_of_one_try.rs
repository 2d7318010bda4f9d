use kafka_listen::prelude::*;

#[kafka_listener(topic = "email.send", blocking(attempts = 1, retry_on(e if e.is_empty())))]
async fn send_email(_: &[u8]) -> Result<(), String> {
    Ok(())
}

fn main() {}
