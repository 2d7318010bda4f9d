//! The producer: pipelined, idempotent, and not to be stopped by a fatal error of its client.
//!
//! [One thread](super::serving) serves the client's reports. When the client has failed for good (another producer fenced it,
//! the broker lost what it knew of it), that thread replaces it and sends what was unacknowledged again, in its order.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread::{self, Thread};

use rdkafka::config::ClientConfig;
use rdkafka::error::RDKafkaErrorCode as Code;
use rdkafka::producer::BaseProducer;

use super::config::Properties;
use super::open::Open;
use super::report::{Failed, Reports, Ticket};
use super::writing::{client, hand_over};
use crate::broker::{BoxFuture, Capacity, ClientError, Full, ProducerPort, Receipt, Shares};
use crate::record::Outgoing;

/// Writes records.
pub(super) struct KafkaProducer {
    shared: Arc<Shared>,
}

/// What the thread and those who send have in common.
pub(super) struct Shared {
    pub(super) config: ClientConfig,
    /// The client's queue. A record that is larger would find it full for ever.
    capacity: Capacity,
    sending: Mutex<Sending>,
    pub(super) failed: Arc<Mutex<Vec<Failed>>>,
    open: Arc<Open>,
    pub(super) stop: AtomicBool,
    thread: OnceLock<Thread>,
}

/// Whoever sends holds it, so that the numbers are in the order of the client's queue.
pub(super) struct Sending {
    /// None while it is being replaced.
    pub(super) client: Option<Arc<BaseProducer<Reports>>>,
    next: u64,
    pub(super) shares: Shares,
}

impl KafkaProducer {
    /// Makes the client and starts its thread.
    pub(super) fn new(properties: &Properties) -> Result<Self, ClientError> {
        let config = properties.producer();
        let failed = Arc::default();
        let client = client(&config, &failed)?;
        let shared = Arc::new(Shared {
            config,
            capacity: capacity(properties),
            sending: Mutex::new(Sending { client: Some(client), next: 0, shares: Shares::default() }),
            failed,
            open: Arc::default(),
            stop: AtomicBool::new(false),
            thread: OnceLock::new(),
        });
        let served = Arc::clone(&shared);
        let thread = thread::Builder::new()
            .name("kafka-listen-producer".to_owned())
            .spawn(move || served.serve())
            .map_err(|error| ClientError(format!("no thread for the Kafka producer: {error}")))?;
        let _ = shared.thread.set(thread.thread().clone());
        Ok(Self { shared })
    }
}

/// What the client's queue takes, by librdkafka's defaults where the user said nothing.
fn capacity(properties: &Properties) -> Capacity {
    let number = |name, default: usize| properties.get(name).and_then(|text| text.parse().ok()).unwrap_or(default);
    let records = match number("queue.buffering.max.messages", 100_000) {
        0 => usize::MAX,
        records => records,
    };
    Capacity { records, bytes: number("queue.buffering.max.kbytes", 1_048_576).saturating_mul(1024) }
}

impl ProducerPort for KafkaProducer {
    fn send(&self, record: Outgoing, receipt: Receipt) -> Result<(), Full> {
        let shared = &self.shared;
        let mut sending = shared.lock();
        let Some(client) = sending.client.clone() else { return Err(Full { record, receipt }) };
        let bytes = record.body.size();
        if bytes > shared.capacity.bytes {
            shared.open.one_more();
            let ticket = Ticket::new(sending.next, record, receipt, Arc::clone(&shared.open), None);
            shared.fail(Failed::not_sent(ticket, Code::MessageSizeTooLarge));
            return Ok(());
        }
        let place = sending.shares.place(&record, bytes, shared.capacity);
        if place.is_none() {
            return Err(Full { record, receipt });
        }
        let ticket = Ticket::new(sending.next, record, receipt, Arc::clone(&shared.open), place);
        // Counted before its report can come.
        shared.open.one_more();
        match hand_over(&client, ticket) {
            Ok(()) => {}
            Err((Code::QueueFull | Code::Fatal, ticket)) => {
                shared.open.one_less();
                let (record, receipt) = ticket.take_apart();
                return Err(Full { record, receipt });
            }
            Err((code, ticket)) => shared.fail(Failed::not_sent(ticket, code)),
        }
        // What was not sent has a place in the order, too: it may be sent again.
        sending.next += 1;
        Ok(())
    }

    fn flush(&self) -> BoxFuture<'_, ()> {
        Box::pin(self.shared.open.none())
    }
}

impl Shared {
    pub(super) fn lock(&self) -> MutexGuard<'_, Sending> {
        self.sending.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn fail(&self, failed: Failed) {
        self.failed.lock().unwrap_or_else(PoisonError::into_inner).push(failed);
        self.wake();
    }

    fn wake(&self) {
        self.thread.get().into_iter().for_each(Thread::unpark);
    }
}

impl Drop for KafkaProducer {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::Release);
        self.shared.wake();
    }
}

#[cfg(test)]
#[path = "producer_tests.rs"]
mod tests;
