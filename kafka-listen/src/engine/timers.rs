//! Records that wait until they are due, by due time and not by position.

use std::collections::{BTreeMap, HashMap};

use super::lanes::Queued;
use crate::clock::Timestamp;
use crate::sabotage::{Rule, broken};

/// Waiting records of one partition.
#[derive(Debug, Default)]
pub(crate) struct Timers {
    waiting: BTreeMap<(Timestamp, u64), Queued>,
    /// Those whose due time stands in their headers, so that they may wait elsewhere.
    movable: HashMap<u64, Timestamp>,
}

impl Timers {
    /// Lets a record wait until `due`.
    pub(crate) fn wait(&mut self, due: Timestamp, queued: Queued) {
        self.movable.insert(queued.number, due);
        self.wait_here(due, queued);
    }

    /// Lets a record wait here and nowhere else.
    pub(crate) fn wait_here(&mut self, due: Timestamp, queued: Queued) {
        let last = self.waiting.last_key_value().filter(|_| broken(Rule::Overtaking)).map(|((last, _), _)| *last);
        let due = last.map_or(due, |last| due.max(last));
        let number = if broken(Rule::DueOrder) { u64::MAX - queued.number } else { queued.number };
        self.waiting.insert((due, number), queued);
    }

    /// The next record that is due: the longest overdue first, of equal ones the one that came first.
    pub(crate) fn pop_due(&mut self, now: Timestamp) -> Option<Queued> {
        let entry = self.waiting.first_entry()?;
        if entry.key().0 > now && !broken(Rule::Due) {
            return None;
        }
        let queued = entry.remove();
        self.movable.remove(&queued.number);
        Some(queued)
    }

    /// When a record is due that waits and may do so elsewhere.
    pub(crate) fn movable(&self, number: u64) -> Option<Timestamp> {
        self.movable.get(&number).copied()
    }

    /// Takes out such a record, with its due time.
    pub(crate) fn take(&mut self, number: u64) -> Option<(Timestamp, Queued)> {
        let due = self.movable.remove(&number)?;
        Some((due, self.waiting.remove(&(due, number))?))
    }

    /// When the next record is due.
    pub(crate) fn next(&self) -> Option<Timestamp> {
        Some(self.waiting.first_key_value()?.0.0)
    }
}
