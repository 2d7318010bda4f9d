//! What other threads have to say to a driver: finished runs, acknowledgements.

use std::sync::{Mutex, PoisonError};

use crate::broker::Wake;
use crate::engine::Event;

/// A driver's inbox. Putting something in wakes the driver.
#[derive(Debug)]
pub(crate) struct Inbox {
    events: Mutex<Vec<Event>>,
    wake: Wake,
}

impl Inbox {
    pub(crate) fn new(wake: Wake) -> Self {
        Self { events: Mutex::new(Vec::new()), wake }
    }

    /// Puts something in.
    pub(crate) fn put(&self, event: Event) {
        let was_empty = {
            let mut events = self.events.lock().unwrap_or_else(PoisonError::into_inner);
            events.push(event);
            events.len() == 1
        };
        // Whoever put the first one in has woken the driver, and it has not looked yet.
        if was_empty {
            self.wake.wake();
        }
    }

    /// Takes all out, into `events`, which is empty.
    pub(crate) fn swap(&self, events: &mut Vec<Event>) {
        std::mem::swap(&mut *self.events.lock().unwrap_or_else(PoisonError::into_inner), events);
    }
}
