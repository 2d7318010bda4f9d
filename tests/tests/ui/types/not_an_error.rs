use kafka_listen::prelude::*;

struct SendError;

#[kafka_listener(topic = "email.send")]
async fn send_email(_: &[u8]) -> Result<(), SendError> {
    Ok(())
}

fn main() {}
