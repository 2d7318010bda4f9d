//! Records that wait until they are due, by due time and not by position.

use std::collections::{BTreeMap, HashMap};

use super::run::Queued;
use crate::clock::Timestamp;
use crate::sabotage::{Rule, broken};

/// Waiting records of one partition.
#[derive(Debug, Default)]
pub(crate) struct Timers {
    waiting: BTreeMap<(Timestamp, u64), Queued>,
    of: HashMap<u64, Wait>,
}

/// How a record waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Wait {
    /// Until when.
    pub(crate) due: Timestamp,
    /// Whether that stands in its headers, so that it may wait elsewhere.
    pub(crate) movable: bool,
}

impl Timers {
    /// Lets a record wait.
    pub(crate) fn wait(&mut self, wait: Wait, queued: Queued) {
        self.of.insert(queued.number, wait);
        let last = self.waiting.last_key_value().filter(|_| broken(Rule::Overtaking)).map(|((last, _), _)| *last);
        let due = last.map_or(wait.due, |last| wait.due.max(last));
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
        self.of.remove(&queued.number);
        Some(queued)
    }

    /// How the record of this number waits, if it does.
    pub(crate) fn of(&self, number: u64) -> Option<Wait> {
        self.of.get(&number).copied()
    }

    /// Takes a record out, with its due time.
    pub(crate) fn take(&mut self, number: u64) -> Option<(Timestamp, Queued)> {
        let Wait { due, .. } = self.of.remove(&number)?;
        Some((due, self.waiting.remove(&(due, number))?))
    }

    /// When the next record is due.
    pub(crate) fn next(&self) -> Option<Timestamp> {
        Some(self.waiting.first_key_value()?.0.0)
    }

    /// Forgets all but these.
    pub(crate) fn retain(&mut self, keep: impl Fn(u64) -> bool) {
        self.waiting.retain(|(_, number), _| keep(*number));
        self.of.retain(|number, _| keep(*number));
    }

    /// Whether none waits.
    pub(crate) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }
}
