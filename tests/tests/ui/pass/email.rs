//! The e-mail system: a listener with its dead-letter handler.

use std::fmt;
use std::sync::Arc;

use kafka_listen::prelude::*;

#[derive(serde::Deserialize)]
struct Email {
    to: String,
}

#[derive(Clone, Default)]
struct Smtp(Arc<()>);

#[derive(Debug)]
struct SendError;

impl fmt::Display for SendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no connection")
    }
}

impl std::error::Error for SendError {}

#[kafka_listener(
    topic = "email.send",
    group = "email",
    attempts = 5,
    backoff(delay = 1000, multiplier = 2),
    dlt_suffix = ".dlt"
)]
async fn send_email(Json(email): Json<Email>, State(smtp): State<Smtp>) -> Result<(), SendError> {
    std::future::ready(smtp.0).await;
    if email.to.is_empty() { Err(SendError) } else { Ok(()) }
}

#[dlt_handler(send_email)]
async fn email_is_dead(email: Result<Json<Email>, Rejection>, origin: Origin, error: LastError, _: State<Smtp>) {
    let _ = (email, origin, error);
}
