//! Why a delivery failed, in words that travel with its record.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use super::{Decision, Verdict, name_of};

/// Why a delivery failed, as [`Event`](crate::Event)s tell it and as it travels in the headers of the record's copy.
///
/// Its `Display` is the type and the message.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Failure {
    /// What kind of failure.
    pub kind: FailureKind,
    /// The error's type, as Rust names it, and as users write it if it is one of this crate's; of a failure without an error, what
    /// stands for it: `panic`, `handler_timeout`, `batch`, `too_large`, `kafka_listen::Decision`, `kafka_listen::Rejection`.
    pub type_name: &'static str,
    /// The type of the error behind it, where it is known.
    pub cause: Option<&'static str>,
    /// The error's `Display`.
    pub message: String,
    pub(crate) trace: Option<String>,
    /// What follows.
    pub(crate) verdict: Verdict,
}

/// How a delivery failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FailureKind {
    /// The handler returned an error.
    Error,
    /// The handler asked for something else than "handled", without an error.
    Asked,
    /// The handler, or an extractor, panicked.
    Panic,
    /// The handler took longer than its `handler_timeout`.
    Timeout,
    /// A parameter could not be built from the record: it never will be.
    Rejection,
    /// The copy that was to be tried again is larger than its topic takes. Why that delivery failed was told before.
    TooLarge,
}

impl Failure {
    /// Describes an error of type `E`.
    pub(crate) fn of<E>(error: E) -> Self
    where
        E: Into<Box<dyn Error + Send + Sync>>,
    {
        let type_name = name_of::<E>();
        let error = error.into();
        let message = error.to_string();
        Self {
            kind: FailureKind::Error,
            type_name,
            cause: error.source().and_then(known_type),
            trace: error.source().map(|source| trace(message.clone(), source)),
            message,
            verdict: Verdict::RETRY,
        }
    }

    /// Describes a handler's own wish.
    pub(crate) fn asked(decision: Decision) -> Self {
        let message = match &decision {
            Decision::Retry => "the handler asked for another delivery".to_owned(),
            Decision::RetryAfter(delay) => {
                format!("the handler asked for another delivery after {}", humantime::format_duration(*delay))
            }
            Decision::DeadLetter => "the handler asked for the dead-letter topic".to_owned(),
            Decision::DeadLetterTo(route) => {
                format!("the handler asked for the dead-letter topic of its route `{route}`")
            }
            Decision::Discard(reason) => reason.clone().into_owned(),
            Decision::Stop => "the handler asked its listener to stop".to_owned(),
        };
        let type_name = "kafka_listen::Decision";
        let verdict = decision.into();
        Self { kind: FailureKind::Asked, type_name, cause: None, trace: None, message, verdict }
    }

    /// Describes a panic by its payload and, if a hook saw it, its place.
    pub(crate) fn panic(message: String, place: Option<String>) -> Self {
        let trace = match &place {
            Some(place) => format!("panicked at {place}: {message}"),
            None => format!("panicked: {message}"),
        };
        let (kind, type_name) = (FailureKind::Panic, "panic");
        Self { kind, type_name, cause: None, message, trace: Some(trace), verdict: Verdict::RETRY }
    }

    /// Describes a manual handler that let its ack go.
    pub(crate) fn unacked() -> Self {
        let message = "the `Ack` was dropped without a call".to_owned();
        Self { message, ..Self::asked(Decision::Retry) }
    }

    /// Describes a handler that was cancelled because it took longer than `limit`.
    pub(crate) fn timeout(limit: Duration) -> Self {
        let limit = humantime::format_duration(limit);
        let message = format!("the handler took longer than its `handler_timeout`, {limit}, and was cancelled");
        let (kind, type_name) = (FailureKind::Timeout, "handler_timeout");
        Self { kind, type_name, cause: None, trace: None, message, verdict: Verdict::RETRY }
    }

    /// Describes a handler that did not say of each record of its batch what came of it.
    pub(crate) fn wrong_count(returned: usize, records: usize) -> Self {
        let message = format!(
            "the handler returned {returned} results for {records} records: a batch needs one for each, in their order"
        );
        let (kind, type_name) = (FailureKind::Error, "batch");
        Self { kind, type_name, cause: None, trace: None, message, verdict: Verdict::RETRY }
    }

    /// Describes a copy that this topic does not take, whatever is left out beside its value.
    pub(crate) fn too_large(topic: &str) -> Self {
        let message = format!("the copy is larger than `{topic}` takes, and goes on without its value");
        let (kind, type_name) = (FailureKind::TooLarge, "too_large");
        Self { kind, type_name, cause: None, trace: None, message, verdict: Decision::DeadLetter.into() }
    }

    /// The message and those of the error's sources, one a line; of a panic, its place, too.
    pub fn trace(&self) -> &str {
        self.trace.as_deref().unwrap_or(&self.message)
    }

    /// Whether its listener stops at it.
    pub(crate) fn stops_its_listener(&self) -> bool {
        self.verdict.decision == Decision::Stop
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.type_name, self.message)
    }
}

/// More than the headers of a copy can hold; nothing keeps an error from being among its own sources.
const MOST_SOURCES: usize = 100;

/// `message` is the error's own; those of its sources follow.
fn trace(message: String, source: &(dyn Error + 'static)) -> String {
    let sources = std::iter::successors(Some(source), |&source| source.source()).take(MOST_SOURCES);
    sources.fold(message, |trace, source| format!("{trace}\ncaused by: {source}"))
}

/// A `dyn Error` does not tell its type, so only the common ones can be named.
fn known_type(error: &(dyn Error + 'static)) -> Option<&'static str> {
    macro_rules! first_of {
        ($($known:ty),* $(,)?) => {
            $(if error.is::<$known>() { return Some(std::any::type_name::<$known>()); })*
        };
    }
    first_of!(
        std::io::Error,
        std::fmt::Error,
        std::str::Utf8Error,
        std::string::FromUtf8Error,
        std::num::ParseIntError,
        std::num::ParseFloatError,
        std::net::AddrParseError,
        serde_json::Error,
        tokio::task::JoinError,
        tokio::time::error::Elapsed,
    );
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("cannot send")]
    struct SendError(#[from] std::io::Error);

    #[test]
    fn a_failure_names_the_error_its_source_and_the_chain() {
        let failure = Failure::of(SendError(std::io::Error::other("disk full")));
        assert!(failure.type_name.ends_with("SendError"), "{}", failure.type_name);
        assert_eq!(failure.cause, Some("std::io::error::Error"));
        assert_eq!(failure.message, "cannot send");
        assert_eq!(failure.trace(), "cannot send\ncaused by: disk full");
    }

    #[test]
    fn an_error_that_is_its_own_source_comes_to_an_end() {
        #[derive(Debug, thiserror::Error)]
        #[error("again")]
        struct Circle(#[source] &'static Circle);
        static CIRCLE: Circle = Circle(&CIRCLE);

        let failure = Failure::of(Circle(&CIRCLE));
        assert_eq!(failure.trace().lines().count(), 1 + MOST_SOURCES);
    }

    #[test]
    fn text_is_an_error_too() {
        let failure = Failure::of("no such user".to_owned());
        assert_eq!((failure.type_name, failure.trace()), ("alloc::string::String", "no such user"));
    }
}
