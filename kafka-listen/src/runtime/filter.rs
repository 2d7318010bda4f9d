//! Asks a listener's `filter` about a record of its source topic, before the first delivery. What is tried again, in place
//! or from a retry topic, has been asked about.

use std::collections::VecDeque;

use super::call::Desk;
use super::report::End;
use crate::engine::{Queued, Role};
use crate::outcome::catch;

impl Desk {
    /// How a record ends that its handler does not get.
    #[inline]
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

    /// Takes those out of a batch that its handler does not get, with how they end.
    pub(super) fn sift(&self, records: &mut VecDeque<Queued>) -> Vec<(Queued, End)> {
        let mut sifted = Vec::new();
        if self.handler.filter.is_some() {
            for queued in std::mem::take(records) {
                match self.filtered(&queued) {
                    None => records.push_back(queued),
                    Some(end) => sifted.push((queued, end)),
                }
            }
        }
        sifted
    }
}
