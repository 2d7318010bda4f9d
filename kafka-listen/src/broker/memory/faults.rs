//! Faults on purpose: what a test or a simulation makes go wrong.
//!
//! Asked once per publish and per commit, outside of the cluster's lock; draws nothing by itself, so that whoever
//! decides can do so from a seed.

use std::fmt;
use std::time::Duration;

use crate::record::{Outgoing, PublishErrorKind, TopicPartition};

/// What goes wrong with one publish.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PublishFault {
    /// The record is not written, and the answer says this.
    Refuse(PublishErrorKind),
    /// The record is written, and the answer is [`PublishErrorKind::Unknown`].
    LoseAnswer,
    /// The record is written, and the answer comes this much later. Needs a Tokio runtime around the caller.
    Delay(Duration),
}

/// What goes wrong with one commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommitFault {
    /// Nothing is committed.
    Refuse,
    /// It is committed, and the answer is an error.
    LoseAnswer,
    /// It is committed, and the answer comes this much later.
    Delay(Duration),
}

type OnPublish = Box<dyn FnMut(&Outgoing) -> Option<PublishFault> + Send>;
type OnCommit = Box<dyn FnMut(&str) -> Option<CommitFault> + Send>;

/// Who decides what goes wrong; nobody, at first.
#[derive(Default)]
pub(super) struct Faults {
    publish: Option<OnPublish>,
    commit: Option<OnCommit>,
    silent: Vec<TopicPartition>,
}

impl Faults {
    pub(super) fn on_publish(&mut self, decide: Option<OnPublish>) {
        self.publish = decide;
    }

    pub(super) fn on_commit(&mut self, decide: Option<OnCommit>) {
        self.commit = decide;
    }

    pub(super) fn silence(&mut self, of: TopicPartition) {
        self.silent.push(of);
    }

    pub(super) fn all_answer(&mut self) {
        self.silent.clear();
    }

    /// Whether nobody who merely looks gets an answer from this partition.
    pub(super) fn is_silent(&self, of: &TopicPartition) -> bool {
        self.silent.contains(of)
    }

    pub(super) fn publish(&mut self, record: &Outgoing) -> Option<PublishFault> {
        self.publish.as_mut()?(record)
    }

    pub(super) fn commit(&mut self, group: &str) -> Option<CommitFault> {
        self.commit.as_mut()?(group)
    }
}

impl fmt::Debug for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Faults")
            .field("publish", &self.publish.is_some())
            .field("commit", &self.commit.is_some())
            .field("silent", &self.silent)
            .finish()
    }
}
