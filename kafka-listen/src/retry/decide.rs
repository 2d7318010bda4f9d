//! What follows a failed delivery. One function; everything it looks at is an argument.

use std::fmt;

use super::chain::{Chain, End};
use super::in_place::InPlace;
use crate::clock::Timestamp;
use crate::outcome::{Failure, FailureKind};
use crate::record::TopicName;

/// The rules of one listener for one source topic.
#[derive(Clone, Debug, PartialEq)]
pub struct Rules {
    /// The way through topics.
    pub chain: Chain,
    /// The tries in place, which come first within each delivery.
    pub in_place: InPlace,
}

/// What has been tried, the failure that is decided about included. Both count from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tried {
    /// The number of the delivery, as its record says.
    pub attempt: u32,
    /// The tries in place within it.
    pub in_place: u32,
}

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
    /// Nothing, because the listener declares that its dead letters are dropped.
    Discard {
        /// Why it got this far.
        reason: Reason,
    },
    /// Nothing, because the record stays where it is, in a dead-letter topic, and no further try could help.
    PassOver {
        /// Why it got this far.
        reason: Reason,
    },
}

/// Why a record gets no further delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// It was delivered as often as it may be.
    Exhausted,
    /// A parameter could not be built from it, and never will be.
    Rejected,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Exhausted => "attempts used up",
            Self::Rejected => "rejected by a parameter",
        })
    }
}

/// Decides what follows a failure at `now`. `draw`, from 0.0 to 1.0, is the caller's random number for the jitter.
///
/// The delivery's number decides, not the topic in which the record was found: another version of the listener, with a
/// longer chain, may have written it. A number beyond the end of this chain is its last.
pub fn decide(rules: &Rules, tried: Tried, failure: &Failure, now: Timestamp, draw: f64) -> Next {
    if failure.kind == FailureKind::Rejection {
        return end(&rules.chain, tried, Reason::Rejected, now, 0);
    }
    if tried.in_place < rules.in_place.attempts() {
        return Next::Again { at: now.after(rules.in_place.delay_before(tried.in_place + 1)) };
    }
    let attempt = tried.attempt.saturating_add(1);
    match rules.chain.step(attempt) {
        Some(step) => {
            let due = now.after(rules.chain.lengthen(step.delay, draw));
            Next::Retry { attempt, topic: step.topic.clone(), due }
        }
        None => end(&rules.chain, tried, Reason::Exhausted, now, tried.in_place - rules.in_place.attempts()),
    }
}

/// `patience` counts the tries that were made although the attempts were used up.
fn end(chain: &Chain, tried: Tried, reason: Reason, now: Timestamp, patience: u32) -> Next {
    match (chain.end(), reason) {
        (End::Dlt(topic), _) => Next::DeadLetter { attempt: tried.attempt.saturating_add(1), topic: topic.clone() },
        (End::Discard, _) => Next::Discard { reason },
        (End::TryAgain, Reason::Rejected) => Next::PassOver { reason },
        (End::TryAgain, Reason::Exhausted) => {
            Next::Again { at: now.after(InPlace::PATIENT.delay_before(patience.saturating_add(2))) }
        }
    }
}
