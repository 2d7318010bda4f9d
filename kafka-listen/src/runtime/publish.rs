//! Writes retry and dead-letter records, and brings their acknowledgements back to the driver.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use super::inbox::Inbox;
use crate::broker::{Full, ProducerPort, Receipt};
use crate::clock::Timestamp;
use crate::engine::{Event, Ticket};
use crate::record::{AssignmentId, Outgoing, TopicName, Wanted};

/// The way from one driver to the application's producer.
pub(crate) struct Publisher {
    port: Arc<dyn ProducerPort>,
    inbox: Arc<Inbox>,
    /// What found no place in the producer's queue, by destination: one that stands still holds up no other.
    waiting: BTreeMap<(TopicName, Wanted), VecDeque<(Ticket, Full)>>,
}

impl Publisher {
    /// How long to wait for a place in the producer's queue.
    const PAUSE: Duration = Duration::from_millis(5);

    pub(crate) fn new(port: Arc<dyn ProducerPort>, inbox: Arc<Inbox>) -> Self {
        Self { port, inbox, waiting: BTreeMap::new() }
    }

    /// Writes a record; the answer comes to the driver's inbox.
    pub(crate) fn publish(&mut self, ticket: Ticket, record: Outgoing) {
        let inbox = self.inbox.clone();
        let receipt: Receipt = Box::new(move |result| match result {
            Ok(_) => inbox.written(ticket),
            Err(error) => inbox.put(Event::NotWritten { ticket, error: Box::new(error) }),
        });
        if !self.waiting.is_empty()
            && let Some(waiting) = self.waiting.get_mut(&record.destination())
        {
            // Records for one partition keep their order.
            return waiting.push_back((ticket, Full { record, receipt }));
        }
        if let Err(full) = self.port.send(record, receipt) {
            self.waiting.insert(full.record.destination(), VecDeque::from([(ticket, full)]));
        }
    }

    /// Tries again what found no place.
    pub(crate) fn send_waiting(&mut self) {
        let port = &self.port;
        self.waiting.retain(|_, waiting| {
            while let Some((ticket, Full { record, receipt })) = waiting.pop_front() {
                if let Err(full) = port.send(record, receipt) {
                    waiting.push_front((ticket, full));
                    return true;
                }
            }
            false
        });
    }

    /// Drops what waits for a place on behalf of a partition that is gone: whoever has it now writes its own.
    pub(crate) fn forget(&mut self, id: AssignmentId) {
        self.waiting.values_mut().for_each(|waiting| waiting.retain(|(ticket, _)| ticket.id != id));
    }

    /// When to try again.
    pub(crate) fn wake_at(&self, now: Timestamp) -> Option<Timestamp> {
        (!self.waiting.is_empty()).then(|| now.after(Self::PAUSE))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;
    use crate::broker::{BoxFuture, Wake};
    use crate::record::{Body, OwnedBody};

    /// Takes no record for a partition that is shut.
    #[derive(Default)]
    struct Port {
        shut: Mutex<Vec<i32>>,
        taken: Mutex<Vec<(i32, u8)>>,
    }

    impl ProducerPort for Port {
        fn send(&self, record: Outgoing, receipt: Receipt) -> Result<(), Full> {
            let Wanted::IfThere(partition) = record.partition else { panic!("{record:?}") };
            if self.shut.lock().unwrap().contains(&partition) {
                return Err(Full { record, receipt });
            }
            let value = record.body.value().unwrap()[0];
            self.taken.lock().unwrap().push((partition, value));
            Ok(())
        }

        fn flush(&self) -> BoxFuture<'_, ()> {
            Box::pin(async {})
        }
    }

    fn publish(publisher: &mut Publisher, id: u64, partition: i32, value: u8) {
        let body = OwnedBody { value: Some(vec![value].into()), ..OwnedBody::default() };
        let (topic, partition) = (TopicName::new("t").unwrap(), Wanted::IfThere(partition));
        let ticket = Ticket { id: AssignmentId(id), number: value.into() };
        publisher.publish(ticket, Outgoing { topic, partition, body: body.pack().unwrap(), timestamp: None });
    }

    #[test]
    fn a_destination_without_a_place_holds_up_no_other_and_keeps_its_order() {
        let port = Arc::new(Port::default());
        let mut publisher = Publisher::new(port.clone(), Arc::new(Inbox::new(Wake::new(|| {}))));
        *port.shut.lock().unwrap() = vec![0, 1];
        for (id, partition, value) in [(1, 0, 1), (2, 0, 2), (1, 2, 3), (1, 1, 4), (1, 0, 5)] {
            publish(&mut publisher, id, partition, value);
        }
        assert_eq!(*port.taken.lock().unwrap(), [(2, 3)]);
        *port.shut.lock().unwrap() = vec![1];
        // Not before its turn, though there would be a place now.
        publish(&mut publisher, 1, 0, 6);
        publisher.forget(AssignmentId(2));
        publisher.send_waiting();
        assert_eq!(port.taken.lock().unwrap()[1..], [(0, 1), (0, 5), (0, 6)]);
        assert!(publisher.wake_at(Timestamp::from_millis(0)).is_some());
        port.shut.lock().unwrap().clear();
        publisher.send_waiting();
        assert_eq!(port.taken.lock().unwrap()[4..], [(1, 4)]);
        assert_eq!(publisher.wake_at(Timestamp::from_millis(0)), None);
    }
}
