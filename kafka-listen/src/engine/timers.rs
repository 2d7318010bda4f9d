//! Records that wait until they are due, by due time and not by position.

use std::collections::BTreeMap;

use super::lanes::Queued;
use crate::clock::Timestamp;

/// Waiting records of one partition.
#[derive(Debug, Default)]
pub(crate) struct Timers(BTreeMap<(Timestamp, u64), Queued>);

impl Timers {
    /// Lets a record wait until `due`.
    pub(crate) fn wait(&mut self, due: Timestamp, queued: Queued) {
        self.0.insert((due, queued.number), queued);
    }

    /// The next record that is due: the longest overdue first, of equal ones the one that came first.
    pub(crate) fn pop_due(&mut self, now: Timestamp) -> Option<Queued> {
        let entry = self.0.first_entry()?;
        (entry.key().0 <= now).then(|| entry.remove())
    }

    /// When the next record is due.
    pub(crate) fn next(&self) -> Option<Timestamp> {
        Some(self.0.first_key_value()?.0.0)
    }
}
