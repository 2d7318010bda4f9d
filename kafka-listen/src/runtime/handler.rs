//! A handler, and how many deliveries of it may run at once in this process.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};

use super::halt::Halt;
use crate::listener::{Call, Filter};

/// A listener's handler, or its DLT handler.
pub(crate) struct Handler {
    /// The function.
    pub(crate) call: Call,
    /// Which records of source topics are for it.
    pub(crate) filter: Option<Filter>,
    /// How many deliveries may run at once.
    pub(crate) concurrency: Option<Semaphore>,
    /// How long a delivery may take, if there is a limit.
    pub(crate) timeout: Option<Duration>,
    /// Whether it acknowledges by itself.
    pub(crate) manual: bool,
}

/// Calls of plain functions that have not returned, in this process.
static BLOCKING: AtomicUsize = AtomicUsize::new(0);

/// A call of a plain function; it counts until it is dropped.
pub(super) struct BlockingCall(());

impl BlockingCall {
    pub(super) fn begin() -> Self {
        BLOCKING.fetch_add(1, Ordering::Relaxed);
        Self(())
    }
}

impl Drop for BlockingCall {
    fn drop(&mut self) {
        BLOCKING.fetch_sub(1, Ordering::Relaxed);
    }
}

/// How many calls of plain functions have not returned: nothing can stop them, and a runtime waits for them when it ends.
pub(crate) fn blocking_calls() -> usize {
    BLOCKING.load(Ordering::Relaxed)
}

/// The right to run one delivery.
pub(super) struct Permit<'a>(#[expect(dead_code, reason = "held until it is dropped")] Option<SemaphorePermit<'a>>);

impl Handler {
    /// One more may run at once, without waiting.
    pub(super) fn try_permit(&self) -> Option<Permit<'_>> {
        match &self.concurrency {
            None => Some(Permit(None)),
            Some(semaphore) => Some(Permit(Some(semaphore.try_acquire().ok()?))),
        }
    }

    /// Waits until one more may run; whoever came first is first. `None` if the partition leaves meanwhile.
    pub(super) async fn permit(&self, halted: &Halt) -> Option<Permit<'_>> {
        let Some(semaphore) = &self.concurrency else { return Some(Permit(None)) };
        // It is never closed.
        let permit = halted.or(semaphore.acquire()).await?.ok();
        Some(Permit(permit))
    }
}
