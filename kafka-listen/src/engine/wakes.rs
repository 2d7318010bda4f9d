//! Which partition wants to be looked at, and when.

use std::collections::{BTreeMap, BTreeSet};

use crate::clock::Timestamp;
use crate::record::AssignmentId;

/// At most one time for each partition.
#[derive(Debug, Default)]
pub(crate) struct Wakes {
    of: BTreeMap<AssignmentId, Timestamp>,
    order: BTreeSet<(Timestamp, AssignmentId)>,
}

impl Wakes {
    /// Sets the partition's time, or takes it away.
    pub(crate) fn set(&mut self, id: AssignmentId, at: Option<Timestamp>) {
        let before = match at {
            Some(at) => self.of.insert(id, at),
            None => self.of.remove(&id),
        };
        if before != at {
            if let Some(before) = before {
                self.order.remove(&(before, id));
            }
            self.order.extend(at.map(|at| (at, id)));
        }
    }

    /// The partitions whose time has come.
    pub(crate) fn due(&self, now: Timestamp) -> Vec<AssignmentId> {
        self.order.iter().take_while(|(at, _)| *at <= now).map(|(_, id)| *id).collect()
    }

    /// When the next one's time comes.
    pub(crate) fn next(&self) -> Option<Timestamp> {
        Some(self.order.first()?.0)
    }
}
