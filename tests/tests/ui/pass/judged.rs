//! Errors that patterns judge: every kind of error, every kind of pattern.

use std::error::Error;
use std::io;

use kafka_listen::prelude::*;

mod mail {
    #[derive(Debug, thiserror::Error)]
    pub(super) enum SendError {
        #[error("bad address")]
        BadAddress,
        #[error("status {code}")]
        Http { code: u16 },
        #[error("no connection")]
        Io(#[from] std::io::Error),
    }

    pub(super) type Sent = Result<(), SendError>;

    #[derive(Debug, thiserror::Error)]
    #[error("{0}")]
    pub(super) struct Spam(pub(super) String);
}

use mail::{SendError, Sent};

#[kafka_listener(
    topic = "judged.every",
    attempts = 3,
    timeout = "1h",
    fatal(SendError::BadAddress | SendError::Http { code: 400..=499 }),
    blocking(attempts = 3, retry_on(SendError::Io(error) if error.kind() == io::ErrorKind::Interrupted)),
    dlt_on_error = "retry",
    dlt_route("validation", SendError::BadAddress),
    dlt_route("_${KIND:strange}", SendError::Http { code } if *code < 200),
    dlt_route("by-hand")
)]
async fn every() -> Sent {
    Err(SendError::BadAddress)
}

#[dlt_handler(every)]
async fn dead(topic: Topic) {
    let _ = topic;
}

// Each of the three alone, with all variants covered, on a type of one variant, on what has no patterns of its own.
#[kafka_listener(topic = "judged.retry_on", retry_on(mail::SendError::Io(_) | mail::SendError::Http { .. }), timeout = 500)]
fn retry_on() -> Result<(), mail::SendError> {
    Err(SendError::Http { code: 500 })
}

#[kafka_listener(
    topic = "judged.all",
    retry_on(| SendError::BadAddress | SendError::Http { .. } | SendError::Io(..),),
)]
async fn all() -> Result<Outcome, SendError> {
    Err(io::Error::other("no").into())
}

#[kafka_listener(topic = "judged.one", fatal(mail::Spam(text) if text.is_empty()), dlt_route("spam", mail::Spam(_)))]
async fn one() -> Result<(), mail::Spam> {
    Err(mail::Spam(String::new()))
}

#[kafka_listener(topic = "judged.boxed", retry_on(error if error.is::<io::Error>()))]
async fn boxed() -> Result<(), Box<dyn Error + Send + Sync>> {
    Err("no".into())
}

#[kafka_listener(topic = "judged.text", fatal(text if text.contains("no such user")))]
async fn text() -> Result<(), String> {
    Err("no such user".to_owned())
}

#[kafka_listener(topic = "judged.str", blocking(retry_on(_ if is_busy())), attempts = 2)]
async fn borrowed() -> Result<(), &'static str> {
    Err("busy")
}

fn is_busy() -> bool {
    true
}

#[kafka_listener(topic = "judged.both", classify = judge, dlt_route("validation", SendError::BadAddress))]
async fn both() -> Result<(), SendError> {
    Ok(())
}

fn judge(error: &SendError) -> Decision {
    match error {
        SendError::BadAddress => Decision::DeadLetter,
        SendError::Http { .. } => Decision::DeadLetterTo("validation".into()),
        SendError::Io(_) => Decision::Retry,
    }
}

#[kafka_listener(topic = "judged.outcome", dlt_route("by-hand"), dlt_on_error = "skip")]
async fn outcome(ack: Ack) -> Outcome {
    ack.dead_letter_to("by-hand", "nobody knows");
    Decision::DeadLetterTo("by-hand".into()).into()
}

#[dlt_handler(outcome)]
async fn outcome_is_dead() {}

macro_rules! fatal {
    ($name:ident, $route:literal, $pattern:pat) => {
        #[kafka_listener(topic = "judged.macro", id = $route, attempts = 2, fatal($pattern), dlt_route($route, $pattern))]
        async fn $name() -> Result<(), SendError> {
            Ok(())
        }
    };
}

fatal!(written, "written", SendError::BadAddress | SendError::Io(_));
