//! Whether a desk may start another record.

use std::sync::atomic::{AtomicBool, Ordering};

use tokio_util::sync::CancellationToken;

/// Asked before each record, so it is a flag; waited for by whoever waits, so it is a token.
#[derive(Default)]
pub(super) struct Halt {
    is_set: AtomicBool,
    token: CancellationToken,
}

impl Halt {
    /// For good.
    pub(super) fn set(&self) {
        self.is_set.store(true, Ordering::Release);
        self.token.cancel();
    }

    pub(super) fn is_set(&self) -> bool {
        self.is_set.load(Ordering::Acquire)
    }

    /// What `future` yields; `None` if this comes first.
    pub(super) async fn or<T>(&self, future: impl Future<Output = T>) -> Option<T> {
        self.token.run_until_cancelled(future).await
    }
}
