//! When commits are sent: one at a time, and not more often than the interval says.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::clock::Timestamp;
use crate::record::AssignmentId;

/// Which partitions have something to commit, and when that may be sent.
#[derive(Debug)]
pub(crate) struct Commits {
    interval: Duration,
    due: BTreeSet<AssignmentId>,
    not_before: Timestamp,
}

impl Commits {
    /// An answer that has not come for so long will not come.
    const ANSWER_WITHIN: Duration = Duration::from_secs(10);

    pub(crate) fn new(interval: Duration) -> Self {
        Self { interval, due: BTreeSet::new(), not_before: Timestamp::from_millis(i64::MIN) }
    }

    /// The partition has something to commit.
    pub(crate) fn want(&mut self, id: AssignmentId) {
        self.due.insert(id);
    }

    /// The partitions to be committed now, if it is time.
    pub(crate) fn take(&mut self, now: Timestamp) -> BTreeSet<AssignmentId> {
        if now < self.not_before { BTreeSet::new() } else { std::mem::take(&mut self.due) }
    }

    /// A commit was sent.
    pub(crate) fn sent(&mut self, now: Timestamp) {
        self.not_before = now.after(Self::ANSWER_WITHIN);
    }

    /// It was answered.
    pub(crate) fn answered(&mut self, now: Timestamp) {
        self.not_before = self.not_before.min(now.after(self.interval));
    }

    /// The clock stepped back.
    pub(crate) fn step_back(&mut self, step: Duration) {
        self.not_before = self.not_before.before(step);
    }

    /// When the next commit may be sent, if there is something to commit.
    pub(crate) fn next(&self) -> Option<Timestamp> {
        (!self.due.is_empty()).then_some(self.not_before)
    }
}
