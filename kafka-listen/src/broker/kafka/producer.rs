//! The producer: pipelined, idempotent, and not to be stopped by a fatal error of its client.
//!
//! One thread serves the client's reports. When the client has failed for good (another producer fenced it, the broker
//! lost what it knew of it), that thread replaces it and sends what was unacknowledged again, in its order.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread::{self, Thread};
use std::time::Duration;

use rdkafka::config::ClientConfig;
use rdkafka::error::RDKafkaErrorCode as Code;
use rdkafka::producer::{BaseProducer, Producer, PurgeConfig};
use tokio::sync::Notify;

use super::alone::Alone;
use super::config::{Properties, unusable};
use super::native::queue::ReportQueue;
use super::native::send::{ANY, produce};
use super::report::{Failed, Reports, Ticket, size};
use crate::broker::{BoxFuture, Capacity, ClientError, Full, ProducerPort, Receipt, Shares};
use crate::clock::Clock;
use crate::record::{Outgoing, Wanted};

/// How soon a client that failed is replaced.
const SOON: Duration = Duration::from_millis(20);
/// The thread is woken for all it has to do; it looks this often all the same.
const LOOK: Duration = Duration::from_secs(1);
/// How long reports of a client that failed are waited for.
const PURGE: Duration = Duration::from_secs(5);

/// Writes records.
pub(super) struct KafkaProducer {
    shared: Arc<Shared>,
}

/// What the thread and those who send have in common.
struct Shared {
    config: ClientConfig,
    /// The client's queue. A record that is larger would find it full for ever.
    capacity: Capacity,
    sending: Mutex<Sending>,
    failed: Arc<Mutex<Vec<Failed>>>,
    open: Arc<Open>,
    stop: AtomicBool,
    thread: OnceLock<Thread>,
}

/// Whoever sends holds it, so that the numbers are in the order of the client's queue.
struct Sending {
    /// None while it is being replaced.
    client: Option<Arc<BaseProducer<Reports>>>,
    next: u64,
    shares: Shares,
}

/// How many records are unacknowledged.
#[derive(Debug, Default)]
pub(super) struct Open {
    count: AtomicUsize,
    none: Notify,
}

impl Open {
    fn one_more(&self) {
        self.count.fetch_add(1, Ordering::AcqRel);
    }

    pub(super) fn one_less(&self) {
        if self.count.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.none.notify_waiters();
        }
    }
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

/// Makes a client whose failures go to `failed`.
pub(super) fn client(
    config: &ClientConfig,
    failed: &Arc<Mutex<Vec<Failed>>>,
) -> Result<Arc<BaseProducer<Reports>>, ClientError> {
    let reports = Reports::new(Arc::clone(failed));
    config.create_with_context(reports).map(Arc::new).map_err(unusable)
}

/// Waits for the reports of all that a client has, which has failed for good.
pub(super) fn give_up(client: &BaseProducer<Reports>, which: &str) {
    client.purge(PurgeConfig::default().queue().inflight());
    if let Err(error) = client.flush(PURGE) {
        tracing::warn!(%error, "{which} that failed has not reported all of its records");
    }
}

impl ProducerPort for KafkaProducer {
    fn send(&self, record: Outgoing, receipt: Receipt) -> Result<(), Full> {
        let shared = &self.shared;
        let mut sending = shared.lock();
        let Some(client) = sending.client.clone() else { return Err(Full { record, receipt }) };
        let bytes = size(&record);
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
        Box::pin(async {
            loop {
                let none = self.shared.open.none.notified();
                if self.shared.open.count.load(Ordering::Acquire) == 0 {
                    return;
                }
                none.await;
            }
        })
    }
}

/// To the wanted partition; where the topic does not have it, to the key's if that will do.
pub(super) fn hand_over(client: &BaseProducer<Reports>, ticket: Box<Ticket>) -> Result<(), (Code, Box<Ticket>)> {
    match ticket.partition() {
        Wanted::Any => produce(client, ticket, ANY),
        Wanted::Exactly(partition) => produce(client, ticket, partition),
        Wanted::IfThere(partition) => match produce(client, ticket, partition) {
            Err((Code::UnknownPartition, ticket)) => produce(client, ticket, ANY),
            answer => answer,
        },
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Sending> {
        self.sending.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn fail(&self, failed: Failed) {
        self.failed.lock().unwrap_or_else(PoisonError::into_inner).push(failed);
        self.wake();
    }

    fn wake(&self) {
        self.thread.get().into_iter().for_each(Thread::unpark);
    }

    /// The records that failed since the last call, in the order in which they were sent.
    fn take_failed(&self) -> Vec<Failed> {
        let mut failed = std::mem::take(&mut *self.failed.lock().unwrap_or_else(PoisonError::into_inner));
        failed.sort_by_key(Failed::number);
        failed
    }

    /// What the thread does until the producer is dropped.
    fn serve(&self) {
        let (mut pause, mut alone) = (SOON, Alone::new(&self.config, &self.failed));
        while !self.stop.load(Ordering::Acquire) {
            let Some(client) = self.lock().client.clone() else {
                pause = self.replace(pause, &mut alone);
                continue;
            };
            let began = Clock::System.now();
            if let Some((code, reason)) = self.serve_client(&client, &mut alone) {
                // A client that keeps failing is replaced ever more slowly; one that lives makes that forgotten.
                pause = pause.saturating_sub(Clock::System.now().since(began) / 20).max(SOON);
                self.retire(client, code, &reason);
            }
        }
        // The client goes with its last holder, and brings its reports.
        drop((self.lock().client.take(), alone));
        self.take_failed().into_iter().for_each(Failed::tell);
    }

    /// Serves a client until it fails for good, which it tells, or the producer is dropped.
    fn serve_client(&self, client: &Arc<BaseProducer<Reports>>, alone: &mut Alone) -> Option<(Code, String)> {
        let thread = thread::current();
        let Some(reports) = ReportQueue::of(client.clone(), move || thread.unpark()) else {
            return Some((Code::Fatal, "it has no queue for its reports".to_owned()));
        };
        while !self.stop.load(Ordering::Acquire) {
            reports.serve();
            alone.serve();
            if let Some(failure) = client.client().fatal_error() {
                return Some(failure);
            }
            self.settle(client, alone);
            thread::park_timeout(LOOK);
        }
        None
    }

    /// Tells of failures, but for what may still be written: elsewhere, or alone.
    fn settle(&self, client: &BaseProducer<Reports>, alone: &mut Alone) {
        for failed in self.take_failed_together(alone) {
            match failed.for_its_key() {
                Ok(ticket) => {
                    if let Err((code, ticket)) = produce(client, ticket, ANY) {
                        self.fail(Failed::not_sent(ticket, code));
                    }
                }
                Err(failed) => failed.tell(),
            }
        }
    }

    /// What failed for good; what was too large together with others is sent alone.
    fn take_failed_together(&self, alone: &mut Alone) -> Vec<Failed> {
        let sent_alone = |failed: Failed| match failed.for_a_batch_of_its_own() {
            Ok(ticket) => alone.send(ticket).err(),
            Err(failed) => Some(failed),
        };
        self.take_failed().into_iter().filter_map(sent_alone).collect()
    }

    /// Takes a client out of use that has failed for good, and waits for the reports of all it has.
    fn retire(&self, client: Arc<BaseProducer<Reports>>, code: Code, reason: &str) {
        let advice = match code {
            Code::ClusterAuthorizationFailed => "; it takes the ACL `IdempotentWrite` on the cluster",
            _ => "",
        };
        tracing::error!(
            %code,
            "the Kafka producer failed for good ({reason}) and is replaced; unacknowledged records are sent again{advice}"
        );
        self.lock().client = None;
        give_up(&client, "the producer");
        // Only now: a late report of the old client would say of a destination that it is known.
        self.lock().shares.begin_anew();
    }

    /// Makes a new client and sends again what the old one had. Answers how long to wait should it fail soon, too.
    fn replace(&self, pause: Duration, alone: &mut Alone) -> Duration {
        thread::park_timeout(pause);
        match client(&self.config, &self.failed) {
            Ok(client) => {
                let (first, others) = first_for_each(self.take_failed_together(alone));
                first.into_iter().for_each(|failed| self.send_again(&client, failed));
                // The first record for a destination goes alone, as `Shares` has it for all others.
                if let Err(error) = client.flush(PURGE) {
                    tracing::warn!(%error, "the new Kafka producer has not written yet what was sent again first");
                }
                others.into_iter().for_each(|failed| self.send_again(&client, failed));
                self.lock().client = Some(client);
            }
            Err(error) => tracing::error!(%error, "the Kafka producer could not be replaced yet"),
        }
        (pause * 4).min(Duration::from_secs(30))
    }

    fn send_again(&self, client: &BaseProducer<Reports>, failed: Failed) {
        let Some(mut ticket) = failed.into_ticket() else { return };
        loop {
            match hand_over(client, ticket) {
                Ok(()) => return,
                // Nobody else sends, so its own reports make room.
                Err((Code::QueueFull, again)) => {
                    client.poll(SOON);
                    ticket = again;
                }
                Err((code, ticket)) => return self.fail(Failed::not_sent(ticket, code)),
            }
        }
    }
}

/// The first record for each destination, and the others, in their order.
fn first_for_each(failed: Vec<Failed>) -> (Vec<Failed>, Vec<Failed>) {
    let mut destinations = HashSet::new();
    failed.into_iter().partition(|failed| destinations.insert(failed.destination()))
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
