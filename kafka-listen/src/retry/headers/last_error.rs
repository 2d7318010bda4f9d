//! The error that a record of a retry topic or DLT carries.

use std::fmt;

use super::names;
use crate::record::Headers;

/// The error with which the delivery before this one failed. As a parameter it rejects a record that has not failed
/// yet; `Option<LastError>` takes it.
///
/// ```
/// use kafka_listen::{Attempt, LastError};
///
/// async fn send_mail(text: &str, attempt: Attempt, before: Option<LastError>) {
///     if let Some(error) = before {
///         println!("delivery {} of {}, after {error}", attempt.number, attempt.of);
///     }
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LastError {
    /// The error's type: a Rust type, or a Java class where a Spring service failed the record.
    pub type_name: String,
    /// The type of the error behind it, where it is known and another one.
    pub cause: Option<String>,
    /// The error in words.
    pub message: String,
    /// The chain of errors behind it, or Java's stack trace; it may have been cut, and of a record that was too large it is gone.
    pub trace: Option<String>,
}

impl LastError {
    /// An error, for a handler that a test calls: nothing behind it and no trace, which the test may set.
    pub fn new(type_name: impl Into<String>, message: impl Into<String>) -> Self {
        Self { type_name: type_name.into(), cause: None, message: message.into(), trace: None }
    }
}

impl fmt::Display for LastError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.type_name, self.message)
    }
}

/// What Spring wraps every error of a handler in; its cause is what the handler threw.
const SPRING_WRAPPER: &str = "org.springframework.kafka.listener.ListenerExecutionFailedException";

/// Names of type, cause, message and trace: of a handler's error, of a key that Spring could not decode, and both
/// again under the names that Spring uses where a record took no retry topic on its way to the DLT.
const FAMILIES: [[&str; 4]; 4] = [
    [names::ERROR_TYPE, names::ERROR_CAUSE, names::ERROR_MESSAGE, names::ERROR_TRACE],
    [names::KEY_ERROR_TYPE, names::ERROR_CAUSE, names::KEY_ERROR_MESSAGE, names::KEY_ERROR_TRACE],
    [
        "kafka_dlt-exception-fqcn",
        "kafka_dlt-exception-cause-fqcn",
        "kafka_dlt-exception-message",
        "kafka_dlt-exception-stacktrace",
    ],
    [
        "kafka_dlt-key-exception-fqcn",
        "kafka_dlt-exception-cause-fqcn",
        "kafka_dlt-key-exception-message",
        "kafka_dlt-key-exception-stacktrace",
    ],
];

impl LastError {
    /// Reads it from headers that can be believed; `None` if they name no error.
    pub(crate) fn read(headers: Headers<'_>) -> Option<Self> {
        FAMILIES.into_iter().find_map(|names| Self::read_from(headers, names))
    }

    fn read_from(headers: Headers<'_>, [type_name, cause, message, trace]: [&str; 4]) -> Option<Self> {
        let text = |name| headers.get(name).map(|value| String::from_utf8_lossy(value).into_owned());
        let (type_name, cause) = match (text(type_name)?, text(cause)) {
            (wrapper, Some(thrown)) if wrapper == SPRING_WRAPPER => (thrown, None),
            named => named,
        };
        // Both are written in any case, for readers that insist on them.
        let cause = cause.filter(|cause| *cause != type_name);
        let trace = text(trace).filter(|trace| !trace.is_empty());
        Some(Self { type_name, cause, message: text(message).unwrap_or_default(), trace })
    }
}
