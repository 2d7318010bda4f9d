//! When commits are sent: one at a time, not more often than the interval says, and ever more slowly while they fail.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::clock::Timestamp;
use crate::record::AssignmentId;
use crate::sabotage::{Rule, broken};

/// Which partitions have something to commit, and when that may be sent.
#[derive(Debug)]
pub(crate) struct Commits {
    interval: Duration,
    due: BTreeSet<AssignmentId>,
    not_before: Timestamp,
    /// Failures in a row.
    failures: u32,
    /// Whether the last one that was sent is known to have failed: it may be answered in several parts.
    failed: bool,
}

impl Commits {
    /// An answer that has not come for so long will not come.
    const ANSWER_WITHIN: Duration = Duration::from_secs(10);
    const LONGEST_PAUSE: Duration = Duration::from_secs(10);

    pub(crate) fn new(interval: Duration) -> Self {
        let not_before = Timestamp::from_millis(i64::MIN);
        Self { interval, due: BTreeSet::new(), not_before, failures: 0, failed: false }
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
        if !std::mem::take(&mut self.failed) {
            self.failures = 0;
        }
    }

    /// It was answered, or a part of it. So is what is committed of partitions that leave, which nothing else waits for: that it
    /// succeeded says nothing of one that failed before, and holds the next one up no longer.
    pub(crate) fn answered(&mut self, succeeded: bool, now: Timestamp) {
        if !succeeded {
            if !std::mem::replace(&mut self.failed, true) {
                self.failures = self.failures.saturating_add(1);
            }
            self.not_before = now.after(self.pause(self.failures));
        } else if !self.failed {
            let doubled = if broken(Rule::CommitSoon) { 1 } else { 0 };
            self.not_before = self.not_before.min(now.after(self.pause(doubled)));
        }
    }

    fn pause(&self, doubled: u32) -> Duration {
        self.interval.saturating_mul(1 << doubled.min(16)).min(Self::LONGEST_PAUSE.max(self.interval))
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

#[cfg(test)]
mod tests {
    use super::*;

    const ID: AssignmentId = AssignmentId(1);

    #[test]
    fn what_fails_is_sent_again_ever_more_slowly_and_what_succeeds_makes_that_forgotten() {
        let mut commits = Commits::new(Duration::from_millis(100));
        let mut now = Timestamp::from_millis(0);
        let mut pauses = Vec::new();
        for _ in 0..9 {
            commits.want(ID);
            assert!(!commits.take(now).is_empty());
            commits.sent(now);
            // In three parts, one of them bad.
            commits.answered(true, now);
            commits.answered(false, now);
            commits.answered(true, now);
            commits.want(ID);
            let next = commits.next().unwrap();
            pauses.push(next.since(now).as_millis());
            assert!(commits.take(next.before(Duration::from_millis(1))).is_empty());
            now = next;
        }
        assert_eq!(pauses, [200, 400, 800, 1600, 3200, 6400, 10_000, 10_000, 10_000]);
        commits.sent(now);
        commits.answered(true, now);
        assert_eq!(commits.next().unwrap().since(now).as_millis(), 100);
    }

    #[test]
    fn what_partitions_that_leave_have_committed_holds_nothing_up() {
        let mut commits = Commits::new(Duration::from_millis(100));
        let began = Timestamp::from_millis(0);
        commits.want(ID);
        commits.sent(began);
        commits.answered(false, began);
        commits.answered(true, began.after(Duration::from_millis(150)));
        assert_eq!(commits.next(), Some(began.after(Duration::from_millis(200))), "when it would be sent again");
        commits.sent(began.after(Duration::from_millis(200)));
        commits.answered(true, began.after(Duration::from_millis(250)));
        commits.answered(true, began.after(Duration::from_millis(300)));
        assert_eq!(commits.next(), Some(began.after(Duration::from_millis(350))));
    }
}
