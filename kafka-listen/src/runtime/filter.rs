//! Asks a listener's `filter` about a record of its source topic, before the first delivery. What is tried again, in place
//! or from a retry topic, has been asked about.

use std::collections::VecDeque;

use super::call::Desk;
use super::report::{End, Reporter};
use crate::engine::{Queued, Role};
use crate::outcome::catch;

impl Desk {
    /// How a record ends that its handler does not get.
    pub(super) fn filtered(&self, queued: &Queued) -> Option<End> {
        let filter = self.handler.filter?;
        if self.source().role != Role::Main || queued.in_place > 1 {
            return None;
        }
        match catch(|| filter(&self.delivery(queued))) {
            Ok(true) => None,
            Ok(false) => Some(End::Skipped),
            Err(panic) => Some(End::Failed(panic)),
        }
    }

    /// Ends those of a batch that its handler does not get. What is left, and whether others may follow it.
    pub(super) fn sifted(
        &self,
        records: VecDeque<Queued>,
        report: &mut Reporter<'_>,
        stop_at_failure: bool,
    ) -> (VecDeque<Queued>, bool) {
        if self.handler.filter.is_none() {
            return (records, true);
        }
        let (mut left, mut goes_on) = (VecDeque::with_capacity(records.len()), true);
        for queued in records {
            match self.filtered(&queued) {
                None => left.push_back(queued),
                Some(end) => goes_on &= self.ended(queued, end, report, stop_at_failure),
            }
        }
        (left, goes_on)
    }
}
