use kafka_listen::prelude::*;

#[derive(Debug, thiserror::Error)]
enum SendError {
    #[error("bad address")]
    BadAddress,
    #[error("no connection")]
    Io(#[from] std::io::Error),
}

#[kafka_listener(topic = "email.send", fatal(SendError::BadAddress))]
async fn send_email(_: &[u8]) -> Outcome {
    Outcome::Done
}

fn main() {}
