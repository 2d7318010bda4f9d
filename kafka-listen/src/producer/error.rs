//! Why a record was not sent: what happened, where, and what to do.

use std::error::Error;
use std::fmt;

use crate::record::{PublishError, PublishErrorKind};

/// A record was not sent, or not known to be.
#[derive(Debug)]
pub struct SendError {
    kind: SendErrorKind,
    topic: String,
    message: String,
    source: Option<Box<dyn Error + Send + Sync>>,
}

/// What can be done about a record that was not sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SendErrorKind {
    /// Topic, partition or timestamp cannot be: nothing was sent.
    Invalid,
    /// The value could not be turned into bytes: nothing was sent.
    Encode,
    /// The topic, or the partition asked for, is not there.
    NoSuchTopic,
    /// The broker, or the client, takes no record of this size.
    TooLarge,
    /// Certainly not written; sending it again is safe.
    NotWritten,
    /// It may have been written: sending it again may write it twice.
    Unknown,
}

impl SendError {
    /// What can be done about it.
    pub fn kind(&self) -> SendErrorKind {
        self.kind
    }

    /// The topic that the record was for.
    pub fn topic(&self) -> &str {
        &self.topic
    }

    pub(super) fn invalid(topic: &str, error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::caused(SendErrorKind::Invalid, topic, error.into())
    }

    pub(super) fn encode(topic: &str, error: serde_json::Error) -> Self {
        Self::caused(SendErrorKind::Encode, topic, error.into())
    }

    /// The producer ended without a word about the record.
    pub(super) fn forgotten(topic: &str) -> Self {
        let message = "the producer was closed before the broker acknowledged it".to_owned();
        Self { kind: SendErrorKind::Unknown, topic: topic.to_owned(), message, source: None }
    }

    fn caused(kind: SendErrorKind, topic: &str, error: Box<dyn Error + Send + Sync>) -> Self {
        Self { kind, topic: topic.to_owned(), message: error.to_string(), source: Some(error) }
    }

    fn cure(&self) -> &'static str {
        match self.kind {
            SendErrorKind::Invalid => "nothing was sent",
            SendErrorKind::Encode => "the value is no JSON; nothing was sent",
            SendErrorKind::NoSuchTopic => "create the topic, or name a partition that it has",
            SendErrorKind::TooLarge => {
                "send less, or raise the topic's `max.message.bytes` and the producer's `message.max.bytes`"
            }
            SendErrorKind::NotWritten => "it was certainly not written: sending it again is safe",
            SendErrorKind::Unknown => "it may have been written: sending it again may write it twice",
        }
    }
}

impl From<PublishError> for SendError {
    fn from(error: PublishError) -> Self {
        let kind = match error.kind {
            PublishErrorKind::NotWritten => SendErrorKind::NotWritten,
            PublishErrorKind::NoSuchTopic => SendErrorKind::NoSuchTopic,
            PublishErrorKind::TooLarge => SendErrorKind::TooLarge,
            PublishErrorKind::Unknown => SendErrorKind::Unknown,
        };
        Self { kind, topic: error.record.topic.to_string(), message: error.message, source: None }
    }
}

impl fmt::Display for SendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a record for `{}` was not sent: {} ({})", self.topic, self.message, self.cure())
    }
}

impl Error for SendError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&**self.source.as_ref()?)
    }
}
