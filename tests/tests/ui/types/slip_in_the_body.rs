use kafka_listen::prelude::*;

#[kafka_listener(topic = "email.send")]
async fn send_email(payload: &[u8]) -> Result<(), String> {
    payload.len()
}

fn main() {}
