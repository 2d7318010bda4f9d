//! A record to be written, and what came of it.

use std::fmt;

use super::{Packed, TopicName};
use crate::clock::Timestamp;

/// A record to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outgoing {
    /// Where to.
    pub topic: TopicName,
    /// The partition it should go to.
    pub partition: Wanted,
    /// Key, value and headers.
    pub body: Packed,
    /// The record's timestamp; `None` is now.
    pub timestamp: Option<Timestamp>,
}

impl Outgoing {
    /// What it shares a place in the order with: records for one destination are written one after the other.
    pub(crate) fn destination(&self) -> (TopicName, Wanted) {
        (self.topic.clone(), self.partition)
    }
}

/// Which partition a record should go to. Where the key chooses, it does so as Java's client would: by murmur2, and
/// without a key any partition will do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Wanted {
    /// The key chooses.
    #[default]
    Any,
    /// This one and no other: a topic that does not have it is [`PublishErrorKind::NoSuchTopic`].
    Exactly(i32),
    /// This one; where the topic does not have it, the key chooses.
    IfThere(i32),
}

/// Where a record was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Written {
    /// The partition.
    pub partition: i32,
    /// The offset; -1 where the broker did not say.
    pub offset: i64,
}

/// A record was not written, or not known to be.
#[derive(Debug)]
pub struct PublishError {
    /// What to do about it.
    pub kind: PublishErrorKind,
    /// What happened.
    pub message: String,
    /// The record, to be written again.
    pub record: Outgoing,
}

/// What can be done about a record that was not written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PublishErrorKind {
    /// Certainly not written; later it may be.
    NotWritten,
    /// The topic is not there, or not the partition that was asked for.
    NoSuchTopic,
    /// The broker, or the client, takes no record of this size.
    TooLarge,
    /// It may have been written: writing it again may double it.
    Unknown,
}

impl fmt::Display for PublishError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a record for {} was not written: {}", self.record.topic, self.message)
    }
}

impl std::error::Error for PublishError {}
