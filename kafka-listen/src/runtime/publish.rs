//! Writes retry and dead-letter records, and brings their acknowledgements back to the driver.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use super::inbox::Inbox;
use crate::broker::{Full, ProducerPort, Receipt};
use crate::clock::Timestamp;
use crate::engine::{Event, Ticket};
use crate::record::{AssignmentId, Outgoing};

/// The way from one driver to the application's producer.
pub(crate) struct Publisher {
    port: Arc<dyn ProducerPort>,
    inbox: Arc<Inbox>,
    queued: VecDeque<(Ticket, Full)>,
}

impl Publisher {
    /// How long to wait when the producer's queue is full.
    const PAUSE: Duration = Duration::from_millis(5);

    pub(crate) fn new(port: Arc<dyn ProducerPort>, inbox: Arc<Inbox>) -> Self {
        Self { port, inbox, queued: VecDeque::new() }
    }

    /// Writes a record; the answer comes to the driver's inbox.
    pub(crate) fn publish(&mut self, ticket: Ticket, record: Outgoing) {
        let inbox = self.inbox.clone();
        let receipt: Receipt = Box::new(move |result| match result {
            Ok(_) => inbox.written(ticket),
            Err(error) => inbox.put(Event::NotWritten { ticket, error: Box::new(error) }),
        });
        if !self.queued.is_empty() {
            // Records of one partition keep their order.
            return self.queued.push_back((ticket, Full { record, receipt }));
        }
        self.queued.extend(self.port.send(record, receipt).err().map(|full| (ticket, full)));
    }

    /// Tries again what found the producer's queue full.
    pub(crate) fn send_queued(&mut self) {
        while let Some((ticket, Full { record, receipt })) = self.queued.pop_front() {
            if let Err(full) = self.port.send(record, receipt) {
                return self.queued.push_front((ticket, full));
            }
        }
    }

    /// Drops what waits for a place on behalf of a partition that is gone: whoever has it now writes its own.
    pub(crate) fn forget(&mut self, id: AssignmentId) {
        self.queued.retain(|(ticket, _)| ticket.id != id);
    }

    /// When to try again.
    pub(crate) fn wake_at(&self, now: Timestamp) -> Option<Timestamp> {
        (!self.queued.is_empty()).then(|| now.after(Self::PAUSE))
    }
}
