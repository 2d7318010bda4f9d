//! Asks a listener's `filter` about a record of its source topic, before the first delivery. What is tried again, in place
//! or from a retry topic, has been asked about.

use super::call::Desk;
use super::panics::catch;
use super::report::End;
use crate::engine::{Queued, Role};

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
}
