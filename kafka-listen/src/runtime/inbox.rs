//! What other threads have to say to a driver: finished runs, acknowledgements.

use std::sync::{Mutex, PoisonError};

use crate::broker::Wake;
use crate::engine::{Event, Ticket};

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
        self.add(|events| events.push(event));
    }

    /// Puts an acknowledgement in, with those before it of the same partition: they come by the thousand.
    pub(crate) fn written(&self, ticket: Ticket) {
        self.add(|events| match events.last_mut() {
            Some(Event::Written { id, numbers }) if *id == ticket.id => numbers.push(ticket.number),
            _ => events.push(Event::Written { id: ticket.id, numbers: [ticket.number].into_iter().collect() }),
        });
    }

    fn add(&self, add: impl FnOnce(&mut Vec<Event>)) {
        let was_empty = {
            let mut events = self.events.lock().unwrap_or_else(PoisonError::into_inner);
            let was_empty = events.is_empty();
            add(&mut events);
            was_empty
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
