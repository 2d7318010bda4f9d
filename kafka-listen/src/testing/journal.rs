//! What happened, as a test asks for it.

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

/// Takes note of all that happens.
#[derive(Clone, Debug)]
pub(super) struct Journal {
    start: Timestamp,
    events: Arc<Mutex<Vec<Event>>>,
}

impl Journal {
    pub(super) fn since(start: Timestamp) -> Self {
        Self { start, events: Arc::default() }
    }

    pub(super) fn events(&self) -> Vec<Event> {
        self.events.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn deliveries(&self) -> Vec<Delivered> {
        self.events().into_iter().filter_map(|event| self.delivered(event)).collect()
    }

    fn delivered(&self, event: Event) -> Option<Delivered> {
        let Event::Delivered { listener, record, attempt, in_place, at, failure } = event else { return None };
        Some(Delivered {
            listener: listener.to_string(),
            topic: record.partition.topic.to_string(),
            partition: record.partition.partition,
            offset: record.offset,
            attempt,
            in_place,
            at: at.since(self.start),
            error: failure.map(|failure| failure.message),
        })
    }
}

impl Observer for Journal {
    fn observe(&self, event: &Event) {
        self.events.lock().unwrap_or_else(PoisonError::into_inner).push(event.clone());
    }

    fn wants_deliveries(&self) -> bool {
        true
    }
}
