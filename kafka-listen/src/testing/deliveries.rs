//! What was delivered, as a test asks for it.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::clock::Timestamp;
use crate::observe::{Event, Observer};

/// A delivery that ended.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Delivered {
    /// The listener's id.
    pub listener: String,
    /// The topic: the source topic, a retry topic or the DLT.
    pub topic: String,
    /// The partition.
    pub partition: i32,
    /// The offset.
    pub offset: i64,
    /// Which delivery through topics it was, from 1.
    pub attempt: u32,
    /// Which try in place, from 1.
    pub in_place: u32,
    /// When it ended, counted from the start of the test.
    pub at: Duration,
    /// The error's text, if it failed.
    pub error: Option<String>,
}

/// Takes note of all deliveries.
#[derive(Clone, Debug)]
pub(super) struct Deliveries {
    start: Timestamp,
    delivered: Arc<Mutex<Vec<Delivered>>>,
}

impl Deliveries {
    pub(super) fn since(start: Timestamp) -> Self {
        Self { start, delivered: Arc::default() }
    }

    pub(super) fn all(&self) -> Vec<Delivered> {
        self.delivered.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Observer for Deliveries {
    fn observe(&self, event: &Event) {
        let Event::Delivered { listener, record, attempt, in_place, at, failure } = event else { return };
        let delivered = Delivered {
            listener: listener.to_string(),
            topic: record.partition.topic.to_string(),
            partition: record.partition.partition,
            offset: record.offset,
            attempt: *attempt,
            in_place: *in_place,
            at: at.since(self.start),
            error: failure.as_ref().map(|failure| failure.message.clone()),
        };
        self.delivered.lock().unwrap_or_else(PoisonError::into_inner).push(delivered);
    }

    fn wants_deliveries(&self) -> bool {
        true
    }
}
