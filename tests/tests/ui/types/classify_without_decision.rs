use kafka_listen::prelude::*;

fn judge(_: &String) -> bool {
    true
}

#[kafka_listener(topic = "email.send", classify = judge)]
async fn send_email(_: &[u8]) -> Result<(), String> {
    Ok(())
}

fn main() {}
