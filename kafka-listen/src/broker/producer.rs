//! The port that writes.

use std::fmt;

use super::BoxFuture;
use crate::record::{Outgoing, PublishError, Written};

/// Writes records. Shared by everything in the application.
pub trait ProducerPort: Send + Sync {
    /// Hands a record over to be written; `receipt` is called exactly once, from any thread, when it was
    /// acknowledged or failed. Records for one partition are written in the order of these calls.
    ///
    /// # Errors
    /// The queue is full, or this destination has its share of it: the record and its receipt come back, to be sent later.
    fn send(&self, record: Outgoing, receipt: Receipt) -> Result<(), Full>;

    /// Resolves when nothing is unacknowledged any more.
    fn flush(&self) -> BoxFuture<'_, ()>;
}

/// Called when a record was acknowledged or failed.
pub type Receipt = Box<dyn FnOnce(Result<Written, PublishError>) + Send>;

/// The producer's queue is full, or what of it one destination may have.
pub struct Full {
    /// The record that found no place.
    pub record: Outgoing,
    /// Its receipt, not called.
    pub receipt: Receipt,
}

impl fmt::Debug for Full {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Full").field("record", &self.record).finish_non_exhaustive()
    }
}
