//! The producer's thread: serves the reports of its client, and replaces one that has failed for good.

use std::collections::HashSet;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};
use std::thread;
use std::time::Duration;

use rdkafka::error::RDKafkaErrorCode as Code;
use rdkafka::producer::{BaseProducer, Producer};

use super::alone::Alone;
use super::native::queue::ReportQueue;
use super::native::send::{ANY, produce};
use super::producer::Shared;
use super::report::{Failed, Reports};
use super::writing::{PURGE, client, give_up, hand_over};
use crate::clock::Clock;

/// How soon a client that failed is replaced.
const SOON: Duration = Duration::from_millis(20);
/// The thread is woken for all it has to do; it looks this often all the same.
const LOOK: Duration = Duration::from_secs(1);

impl Shared {
    /// The records that failed since the last call, in the order in which they were sent.
    fn take_failed(&self) -> Vec<Failed> {
        let mut failed = std::mem::take(&mut *self.failed.lock().unwrap_or_else(PoisonError::into_inner));
        failed.sort_by_key(Failed::number);
        failed
    }

    /// What the thread does until the producer is dropped.
    pub(super) fn serve(&self) {
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

    /// Tells of failures, but for what may still be written: elsewhere, alone, or once more.
    fn settle(&self, client: &BaseProducer<Reports>, alone: &mut Alone) {
        for failed in self.take_failed_together(alone) {
            let for_its_key = failed.for_its_key().map(|ticket| produce(client, ticket, ANY));
            let once_more = |failed: Failed| failed.for_want_of_an_offset().map(|ticket| hand_over(client, ticket));
            match for_its_key.or_else(once_more) {
                Ok(Ok(())) => {}
                Ok(Err((code, ticket))) => self.fail(Failed::not_sent(ticket, code)),
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
