use kafka_listen::prelude::*;

#[derive(Debug, thiserror::Error)]
enum SendError {
    #[error("bad address")]
    BadAddress,
    #[error("no connection")]
    Io(#[from] std::io::Error),
}

#[kafka_listener(topic = "email.send", fatal(SendError::BadAdress))]
async fn send_email(_: &[u8]) -> Result<(), SendError> {
    Ok(())
}

fn main() {}
