//! Why an extractor could not build its value.

use std::error::Error;
use std::fmt;

use crate::outcome::{Decision, Failure, FailureKind, name_of};

/// An extractor could not build its value from this record, and never will: the record goes straight to the
/// dead-letter topic, its bytes intact.
#[derive(Debug)]
pub struct Rejection {
    kind: RejectionKind,
    message: String,
    type_name: &'static str,
    source: Option<Box<dyn Error + Send + Sync>>,
}

/// The kinds of rejections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RejectionKind {
    /// Bytes are there, and are not what the type asks for.
    Decode,
    /// A value, key or header is not there, or null.
    Missing,
    /// A state that the application does not have.
    State,
    /// An extractor's own reason.
    Custom,
}

impl Rejection {
    /// Bytes that are not what the type asks for; `what` names it, as in `"the value is no JSON for Email"`.
    pub fn decode<E>(what: impl Into<String>, error: E) -> Self
    where
        E: Into<Box<dyn Error + Send + Sync>>,
    {
        Self { kind: RejectionKind::Decode, message: what.into(), type_name: named::<E>(), source: Some(error.into()) }
    }

    /// Something that is not there; `what` says so, as in `"the record has no key"`.
    pub fn missing(what: impl Into<String>) -> Self {
        Self::plain(RejectionKind::Missing, what.into())
    }

    /// A reason of the extractor's own.
    pub fn custom(message: impl Into<String>) -> Self {
        Self::plain(RejectionKind::Custom, message.into())
    }

    pub(crate) fn state(type_name: &'static str) -> Self {
        Self::plain(RejectionKind::State, format!("the application has no state of type `{type_name}`"))
    }

    /// Which kind of rejection it is.
    pub fn kind(&self) -> RejectionKind {
        self.kind
    }

    fn plain(kind: RejectionKind, message: String) -> Self {
        Self { kind, message, type_name: NAME, source: None }
    }

    pub(crate) fn into_failure(self, parameter: &'static str) -> Failure {
        let message = format!("`{parameter}`: {self}");
        Failure {
            kind: FailureKind::Rejection,
            type_name: self.type_name,
            cause: None,
            trace: None,
            message,
            verdict: Decision::DeadLetter.into(),
        }
    }
}

/// As users write it.
const NAME: &str = "kafka_listen::Rejection";

/// The name of `E`; of an error whose type was lost in a box, that of the rejection.
fn named<E>() -> &'static str {
    let name = name_of::<E>();
    if name == name_of::<Box<dyn Error + Send + Sync>>() { NAME } else { name }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        match &self.source {
            Some(source) => write!(f, ": {source}"),
            None => Ok(()),
        }
    }
}

impl Error for Rejection {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&**self.source.as_ref()?)
    }
}
