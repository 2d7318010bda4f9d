//! What handlers ask for, and who judges their errors.

use std::error::Error;
use std::io;
use std::time::Duration;

use kafka_listen::prelude::*;

mod errors {
    use super::{Decision, Error};

    pub(super) fn judge<E: Error + 'static>(error: &E) -> Decision {
        if error.source().is_some() { Decision::Retry } else { Decision::DeadLetter }
    }

    #[allow(clippy::borrowed_box)]
    pub(super) fn boxed(error: &Box<dyn Error + Send + Sync>) -> Decision {
        Decision::Discard(error.to_string().into())
    }
}

#[allow(clippy::ptr_arg)]
fn of_text(error: &String) -> Decision {
    if error.is_empty() { Decision::Stop } else { Decision::RetryAfter(Duration::from_secs(1)) }
}

#[kafka_listener(topic = "decisions.outcome")]
async fn outcome(text: &str) -> Outcome {
    if text.is_empty() { Decision::Discard("empty".into()).into() } else { Outcome::Done }
}

#[kafka_listener(topic = "decisions.result", attempts = 3, classify = of_text, max_retry_after = "10m")]
async fn result(text: &str) -> Result<Outcome, String> {
    match text {
        "" => Err("empty".to_owned()),
        "later" => Ok(Decision::RetryAfter(Duration::from_secs(60)).into()),
        _ => Ok(Outcome::Done),
    }
}

#[kafka_listener(topic = "decisions.generic", classify = errors::judge::<io::Error>)]
fn generic() -> io::Result<()> {
    Ok(())
}

#[kafka_listener(topic = "decisions.inferred", classify = errors::judge)]
async fn inferred() -> io::Result<()> {
    Ok(())
}

#[kafka_listener(topic = "decisions.boxed", classify = self::errors::boxed)]
async fn boxed() -> Result<(), Box<dyn Error + Send + Sync>> {
    Err("no".into())
}

#[dlt_handler(result)]
async fn dead(error: LastError) -> Outcome {
    if error.message.is_empty() { Decision::Retry.into() } else { Outcome::Done }
}
