//! The rules of one listener for one source topic.

use std::time::Duration;

use super::chain::Chain;
use super::headers::{ALWAYS_BELIEVED, believable_due};
use super::in_place::InPlace;
use crate::clock::Timestamp;

/// All that decides what follows a failure.
#[derive(Clone, Debug, PartialEq)]
pub struct Rules {
    /// The way through topics.
    pub chain: Chain,
    /// The tries in place, which come first within each delivery.
    pub in_place: InPlace,
    /// The longest wait that a handler may ask for.
    pub max_retry_after: Duration,
    /// How long after its first timestamp a record is still tried again.
    pub timeout: Option<Duration>,
    /// The longest wait that records may have in front of them besides today's: that of an earlier version of the chain.
    pub earlier_wait: Duration,
}

impl Rules {
    /// An hour: what a due time in a header is always believed up to.
    pub const MAX_RETRY_AFTER: Duration = ALWAYS_BELIEVED;

    /// Rules with the usual limit to what a handler may ask for, and no time-out.
    pub fn new(chain: Chain, in_place: InPlace) -> Self {
        Self { chain, in_place, max_retry_after: Self::MAX_RETRY_AFTER, timeout: None, earlier_wait: Duration::ZERO }
    }

    /// Whether a record of which this is the first timestamp is tried no more. One that has none has all the time there is.
    pub fn is_over(&self, first: Option<Timestamp>, now: Timestamp) -> bool {
        self.timeout.zip(first).is_some_and(|(timeout, first)| now >= first.after(timeout))
    }

    /// The due time that a record of a retry topic asks for, or the latest that can be true.
    pub fn believable_due(&self, due: Timestamp, now: Timestamp) -> Timestamp {
        believable_due(due, now, self.chain.longest_wait().max(self.max_retry_after).max(self.earlier_wait))
    }
}
