//! Records that wait until they are due, by due time and not by position.

use std::collections::{BTreeMap, HashMap};

use super::run::Queued;
use crate::clock::Timestamp;
use crate::sabotage::{Rule, broken};

/// Waiting records of one partition.
#[derive(Debug, Default)]
pub(crate) struct Timers {
    waiting: BTreeMap<(Timestamp, u64), Queued>,
    due: HashMap<u64, Timestamp>,
}

impl Timers {
    /// Lets a record wait until then.
    pub(crate) fn wait(&mut self, until: Timestamp, queued: Queued) {
        self.due.insert(queued.number, until);
        let last = self.waiting.last_key_value().filter(|_| broken(Rule::Overtaking)).map(|((last, _), _)| *last);
        let due = last.map_or(until, |last| until.max(last));
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
        self.due.remove(&queued.number);
        Some(queued)
    }

    /// Until when the record of this number waits, if it does.
    pub(crate) fn due(&self, number: u64) -> Option<Timestamp> {
        self.due.get(&number).copied()
    }

    /// Takes a record out, with its due time.
    pub(crate) fn take(&mut self, number: u64) -> Option<(Timestamp, Queued)> {
        let due = self.due.remove(&number)?;
        Some((due, self.waiting.remove(&(due, number))?))
    }

    /// When the next record is due.
    pub(crate) fn next(&self) -> Option<Timestamp> {
        Some(self.waiting.first_key_value()?.0.0)
    }

    /// When the last one is due.
    pub(crate) fn last(&self) -> Option<Timestamp> {
        Some(self.waiting.last_key_value()?.0.0)
    }

    /// How many wait.
    pub(crate) fn len(&self) -> usize {
        self.waiting.len()
    }

    /// Forgets all but these.
    pub(crate) fn retain(&mut self, keep: impl Fn(u64) -> bool) {
        self.waiting.retain(|(_, number), _| keep(*number));
        self.due.retain(|number, _| keep(*number));
    }

    /// Whether none waits.
    pub(crate) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }
}
