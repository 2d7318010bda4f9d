//! What the engine knows of a topic: whose it is, and by which rules its records end.

use std::sync::Arc;
use std::time::Duration;

use super::batches::Batching;
use super::lanes::Order;
use crate::clock::Timestamp;
use crate::record::{Record, TopicName};
use crate::retry::{Chain, End, RetryHeaders, Rules, first_timestamp, is_ours};
use crate::sabotage::{Rule, broken};

/// The place of a listener in its application's plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct ListenerIndex(pub(crate) usize);

/// What a topic is to its listener.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Role {
    /// A source topic: nobody's headers are believed here.
    Main,
    /// A retry topic: records start when due.
    Retry,
    /// The dead-letter topic, read for a DLT handler.
    Dlt,
}

/// A topic that the engine reads.
#[derive(Debug)]
pub(crate) struct Source {
    /// Whose it is.
    pub(crate) listener: ListenerIndex,
    /// The listener's id.
    pub(crate) id: Arc<str>,
    /// What it is to the listener.
    pub(crate) role: Role,
    /// The topic's name.
    pub(crate) topic: TopicName,
    /// The chain that it belongs to.
    pub(crate) chain: Arc<Chain>,
    /// The listener's main consumer group, by which its retries are told from another's.
    pub(crate) group: Arc<str>,
    /// What becomes of a failure.
    pub(crate) rules: Arc<Rules>,
    /// Which records may run side by side.
    pub(crate) order: Order,
    /// How they are put together, if the handler takes batches.
    pub(crate) batching: Option<Batching>,
    /// Whether headers about a record's past are believed when it is forwarded.
    pub(crate) believed: bool,
}

/// What is to be done with a record that has just come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Arrival {
    /// It may start.
    Start { attempt: u32 },
    /// It starts when due.
    Wait { attempt: u32, due: Timestamp, clamped: bool },
    /// It names another group, whose retry it is.
    Foreign,
}

impl Source {
    /// Reads what a record's headers say of its turn.
    #[inline]
    pub(crate) fn arrival(&self, record: &Record, now: Timestamp) -> Arrival {
        match self.role {
            Role::Main => Arrival::Start { attempt: 1 },
            Role::Retry | Role::Dlt => self.arrival_by_headers(record, now),
        }
    }

    fn arrival_by_headers(&self, record: &Record, now: Timestamp) -> Arrival {
        let headers = RetryHeaders::read(record.headers());
        if !is_ours(headers.group, &self.group, &self.chain, &self.topic) {
            return Arrival::Foreign;
        }
        if self.role == Role::Dlt {
            return Arrival::Start { attempt: headers.attempt };
        }
        // What cannot be read is 1; but whoever lies here was delivered once, and goes on from there as in Spring's chain.
        let attempt = headers.attempt.max(2);
        if attempt > self.chain.attempts() && broken(Rule::BeyondChain) {
            return Arrival::Foreign;
        }
        // Overdue ones, too, go by due time: among them may be one that came earlier and is due earlier.
        let due = headers.due.unwrap_or(now);
        let believed = self.rules.believable_due(due, now);
        Arrival::Wait { attempt, due: believed, clamped: believed != due }
    }

    /// The time that the `timeout` of a record counts from.
    pub(crate) fn first(&self, record: &Record) -> Option<Timestamp> {
        // Headers are searched for it only where somebody wants to know.
        self.rules.timeout.and_then(|_| first_timestamp(record, self.believed))
    }

    /// The least that a record waits in this topic by its chain's delays; nothing, if the topic is not one of its retry topics.
    pub(crate) fn delay(&self) -> Duration {
        let step = self.chain.steps().iter().find(|step| step.topic == self.topic);
        step.map_or(Duration::ZERO, |step| step.delay)
    }

    /// Whether a lane stops at a failure, because the same record may run again before its successors.
    pub(crate) fn stops_at_failure(&self) -> bool {
        self.rules.in_place.attempts() > 1 || *self.rules.chain.end() == End::TryAgain
    }
}
