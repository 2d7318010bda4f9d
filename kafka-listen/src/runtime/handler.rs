//! A handler, and how many deliveries of it may run at once in this process.

use tokio::sync::{Semaphore, SemaphorePermit};
use tokio_util::sync::CancellationToken;

use crate::listener::Call;

/// A listener's handler, or its DLT handler.
pub(crate) struct Handler {
    /// The function.
    pub(crate) call: Call,
    /// How many deliveries may run at once.
    pub(crate) concurrency: Option<Semaphore>,
}

/// The right to run one delivery.
pub(super) struct Permit<'a>(#[expect(dead_code, reason = "held until it is dropped")] Option<SemaphorePermit<'a>>);

impl Handler {
    /// Waits until one more may run; whoever came first is first. `None` if the partition leaves meanwhile.
    pub(super) async fn permit(&self, halted: &CancellationToken) -> Option<Permit<'_>> {
        let Some(semaphore) = &self.concurrency else { return Some(Permit(None)) };
        // It is never closed.
        let permit = halted.run_until_cancelled(semaphore.acquire()).await?.ok();
        Some(Permit(permit))
    }
}
