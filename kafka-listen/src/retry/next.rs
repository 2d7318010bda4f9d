//! What can follow a failed delivery.

use std::borrow::Cow;
use std::fmt;

use crate::clock::Timestamp;
use crate::record::TopicName;

/// What follows a failure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// Another try in place.
    Again {
        /// Not before this.
        at: Timestamp,
    },
    /// Another delivery, through a retry topic.
    Retry {
        /// Its number.
        attempt: u32,
        /// The retry topic.
        topic: TopicName,
        /// Not before this.
        due: Timestamp,
    },
    /// The dead-letter topic.
    DeadLetter {
        /// The number that a further delivery would have had.
        attempt: u32,
        /// The dead-letter topic.
        topic: TopicName,
    },
    /// Nothing, because the listener declares that its dead letters are dropped, or its handler asks for it.
    Discard {
        /// Why it got this far.
        reason: Reason,
    },
    /// Nothing, because the record stays where it is, in a dead-letter topic, and no further try could help.
    PassOver {
        /// Why it got this far.
        reason: Reason,
    },
    /// Nothing for now: the listener stops, and this is the record that it will begin with again.
    Stop,
}

/// Why a record gets no further delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// It was delivered as often as it may be.
    Exhausted,
    /// A parameter could not be built from it, and never will be.
    Rejected,
    /// The `timeout` has passed since its first timestamp.
    TimedOut,
    /// The handler says that trying again cannot help.
    Given,
    /// The handler says this.
    Said(Cow<'static, str>),
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Exhausted => "attempts used up",
            Self::TimedOut => "its `timeout` has passed",
            Self::Rejected => "rejected by a parameter",
            Self::Given => "given up by the handler",
            Self::Said(reason) => reason,
        })
    }
}
