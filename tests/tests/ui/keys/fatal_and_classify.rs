use kafka_listen::prelude::*;

#[kafka_listener(topic = "email.send", fatal(e if e.is_empty()), classify = judge)]
async fn send_email(_: &[u8]) -> Result<(), String> {
    Ok(())
}

fn main() {}
