//! Records that wait until they are due, by due time and not by position.

use std::collections::BTreeMap;

use super::lanes::Queued;
use crate::clock::Timestamp;
use crate::sabotage::{Rule, broken};

/// Waiting records of one partition.
#[derive(Debug, Default)]
pub(crate) struct Timers(BTreeMap<(Timestamp, u64), Queued>);

impl Timers {
    /// Lets a record wait until `due`.
    pub(crate) fn wait(&mut self, due: Timestamp, queued: Queued) {
        let last = self.0.last_key_value().filter(|_| broken(Rule::Overtaking)).map(|((last, _), _)| *last);
        let due = last.map_or(due, |last| due.max(last));
        let number = if broken(Rule::DueOrder) { u64::MAX - queued.number } else { queued.number };
        self.0.insert((due, number), queued);
    }

    /// The next record that is due: the longest overdue first, of equal ones the one that came first.
    pub(crate) fn pop_due(&mut self, now: Timestamp) -> Option<Queued> {
        let entry = self.0.first_entry()?;
        (entry.key().0 <= now || broken(Rule::Due)).then(|| entry.remove())
    }

    /// When the next record is due.
    pub(crate) fn next(&self) -> Option<Timestamp> {
        Some(self.0.first_key_value()?.0.0)
    }

    /// Forgets all of them.
    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }
}
