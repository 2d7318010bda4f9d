//! What is left to do when the cluster's lock is free again: wake-up calls and receipts.
//!
//! Both are other people's code and may call the cluster, so none of it runs under the lock.

use super::member::Member;
use super::watch::Seen;
use crate::broker::{Receipt, Wake};
use crate::record::{PublishError, Written};

/// What a record's receipt is called with.
pub(super) type Answer = Result<Written, PublishError>;

/// Calls to be made.
#[derive(Default)]
pub(super) struct After {
    wakes: Vec<Wake>,
    receipts: Vec<(Receipt, Answer)>,
    buried: Vec<Member>,
    is_watched: bool,
    seen: Vec<Seen>,
}

impl After {
    /// Takes note of what [`see`](Self::see) is told only if somebody watches.
    pub(super) fn watched(is_watched: bool) -> Self {
        Self { is_watched, ..Self::default() }
    }

    /// Something happened that a watcher is to be told.
    pub(super) fn see(&mut self, seen: impl FnOnce() -> Seen) {
        if self.is_watched {
            self.seen.push(seen());
        }
    }

    pub(super) fn take_seen(&mut self) -> Vec<Seen> {
        std::mem::take(&mut self.seen)
    }

    pub(super) fn wake(&mut self, wake: &Wake) {
        self.wakes.push(wake.clone());
    }

    pub(super) fn answer(&mut self, receipt: Receipt, answer: Answer) {
        self.receipts.push((receipt, answer));
    }

    /// Keeps what is left of a member until the lock is free: dropping its wake-up call may run anything.
    pub(super) fn bury(&mut self, member: Option<Member>) {
        self.buried.extend(member);
    }

    pub(super) fn run(self) {
        for (receipt, answer) in self.receipts {
            receipt(answer);
        }
        for wake in self.wakes {
            wake.wake();
        }
    }
}
