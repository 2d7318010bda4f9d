use kafka_listen::prelude::*;

#[kafka_listener(topic = "email.send")]
async fn send_email(_: &[u8]) -> Result<u32, String> {
    Ok(1)
}

fn main() {}
