//! How many records a producer has that are unacknowledged, and waiting until there are none.

use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Notify;

/// How many records are unacknowledged.
#[derive(Debug, Default)]
pub(super) struct Open {
    count: AtomicUsize,
    none: Notify,
}

impl Open {
    pub(super) fn one_more(&self) {
        self.count.fetch_add(1, Ordering::AcqRel);
    }

    pub(super) fn one_less(&self) {
        if self.count.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.none.notify_waiters();
        }
    }

    /// Waits until there are none.
    pub(super) async fn none(&self) {
        loop {
            let none = self.none.notified();
            if self.count.load(Ordering::Acquire) == 0 {
                return;
            }
            none.await;
        }
    }
}
