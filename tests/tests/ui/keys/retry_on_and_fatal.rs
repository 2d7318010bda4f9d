use kafka_listen::prelude::*;

#[kafka_listener(topic = "email.send", retry_on(e if e.is_empty()), fatal(e if e.len() > 9))]
async fn send_email(_: &[u8]) -> Result<(), String> {
    Ok(())
}

fn main() {}
