use kafka_listen::prelude::*;

#[derive(Debug, thiserror::Error)]
enum SendError {
    #[error("bad address")]
    BadAddress,
    #[error("no connection")]
    Io(#[from] std::io::Error),
}

#[kafka_listener(topic = "email.send", attempts = 3, dlt_route("validation", error if error.to_string()))]
async fn send_email(_: &[u8]) -> Result<(), SendError> {
    Ok(())
}

fn main() {}
