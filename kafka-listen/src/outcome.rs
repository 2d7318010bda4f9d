//! What came of handing a record to a handler.

use std::error::Error;
use std::fmt;
use std::time::Duration;

/// What a handler made of a delivery.
#[derive(Debug)]
#[doc(hidden)]
pub enum Outcome {
    /// It is handled.
    Done,
    /// It failed.
    Failed(Box<Failure>),
}

/// Why a delivery failed, in the words that travel in a record's headers.
#[derive(Clone, Debug, PartialEq, Eq)]
#[doc(hidden)]
pub struct Failure {
    /// What kind of failure.
    pub kind: FailureKind,
    /// The error's type, as Rust names it.
    pub type_name: String,
    /// The type of the error behind it, where it is known.
    pub cause: Option<String>,
    /// The error's `Display`.
    pub message: String,
    /// The chain of sources, one a line.
    pub trace: String,
}

/// How a delivery failed; decides whether trying again can help.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[doc(hidden)]
pub enum FailureKind {
    /// The handler returned an error.
    Error,
    /// The handler, or an extractor, panicked.
    Panic,
    /// The handler took longer than its `handler_timeout`.
    Timeout,
    /// A parameter could not be built from the record: it never will be.
    Rejection,
}

impl Failure {
    /// Describes an error of type `E`.
    pub fn of<E>(error: E) -> Self
    where
        E: Into<Box<dyn Error + Send + Sync>>,
    {
        let type_name = std::any::type_name::<E>().to_owned();
        let error = error.into();
        Self {
            kind: FailureKind::Error,
            type_name,
            cause: error.source().and_then(known_type).map(str::to_owned),
            message: error.to_string(),
            trace: trace(&*error),
        }
    }

    /// Describes a panic by its payload and, if a hook saw it, its place.
    pub fn panic(message: String, place: Option<String>) -> Self {
        let trace = match &place {
            Some(place) => format!("panicked at {place}: {message}"),
            None => format!("panicked: {message}"),
        };
        Self { kind: FailureKind::Panic, type_name: "panic".to_owned(), cause: None, message, trace }
    }

    /// Describes a handler that was cancelled because it took longer than `limit`.
    pub fn timeout(limit: Duration) -> Self {
        let limit = humantime::format_duration(limit);
        let message = format!("the handler took longer than its `handler_timeout`, {limit}, and was cancelled");
        let type_name = "handler_timeout".to_owned();
        Self { kind: FailureKind::Timeout, type_name, cause: None, trace: message.clone(), message }
    }

    /// The same failure, as one that no further delivery can mend.
    pub fn rejected(self) -> Self {
        Self { kind: FailureKind::Rejection, ..self }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.type_name, self.message)
    }
}

fn trace(error: &(dyn Error + Send + Sync + 'static)) -> String {
    let mut trace = error.to_string();
    let mut next = error.source();
    while let Some(source) = next {
        trace.push_str("\ncaused by: ");
        trace.push_str(&source.to_string());
        next = source.source();
    }
    trace
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

/// What a handler may return: `()`, or `Result<(), E>` where `E` is any error type, `anyhow::Error` and `String`
/// included (all that turns into `Box<dyn Error + Send + Sync>`).
#[diagnostic::on_unimplemented(
    message = "a Kafka handler cannot return `{Self}`",
    label = "not an outcome",
    note = "a handler returns `()` or `Result<(), E>`, where `E` is an error, `anyhow::Error`, `String` or `Box<dyn Error + Send + Sync>`"
)]
pub trait HandlerReturn: sealed::Sealed {
    #[doc(hidden)]
    fn into_outcome(self) -> Outcome;
}

#[diagnostic::do_not_recommend]
impl HandlerReturn for () {
    fn into_outcome(self) -> Outcome {
        Outcome::Done
    }
}

#[diagnostic::do_not_recommend]
impl<E> HandlerReturn for Result<(), E>
where
    E: Into<Box<dyn Error + Send + Sync>>,
{
    fn into_outcome(self) -> Outcome {
        match self {
            Ok(()) => Outcome::Done,
            Err(error) => Outcome::Failed(Box::new(Failure::of(error))),
        }
    }
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for () {}
    impl<E> Sealed for Result<(), E> {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("cannot send")]
    struct SendError(#[from] std::io::Error);

    #[test]
    fn a_failure_names_the_error_its_source_and_the_chain() {
        let failed = Err::<(), _>(SendError(std::io::Error::other("disk full"))).into_outcome();
        let Outcome::Failed(failure) = failed else { panic!("failed") };
        assert!(failure.type_name.ends_with("SendError"), "{}", failure.type_name);
        assert_eq!(failure.cause.as_deref(), Some("std::io::error::Error"));
        assert_eq!(failure.message, "cannot send");
        assert_eq!(failure.trace, "cannot send\ncaused by: disk full");
    }

    #[test]
    fn text_is_an_error_too() {
        let Outcome::Failed(failure) = Err::<(), _>("no such user".to_owned()).into_outcome() else { panic!("failed") };
        assert_eq!((failure.type_name.as_str(), failure.message.as_str()), ("alloc::string::String", "no such user"));
    }
}
