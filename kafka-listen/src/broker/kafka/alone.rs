//! Records that were refused for their size: each is sent once more, in a batch of its own.
//!
//! A broker refuses a batch as a whole, and librdkafka reports each of its records as too large, though each by itself may
//! fit. Only what is refused alone is too large.

use std::sync::{Arc, Mutex};
use std::thread;

use rdkafka::config::ClientConfig;
use rdkafka::error::RDKafkaErrorCode as Code;
use rdkafka::producer::Producer;

use super::native::queue::ReportQueue;
use super::report::{Failed, Reports, Ticket};
use super::writing::{client, give_up, hand_over};

/// A second client, made when the first such record comes. Its failures go where the other one's do.
pub(super) struct Alone {
    config: ClientConfig,
    failed: Arc<Mutex<Vec<Failed>>>,
    reports: Option<ReportQueue<Reports>>,
}

impl Alone {
    pub(super) fn new(config: &ClientConfig, failed: &Arc<Mutex<Vec<Failed>>>) -> Self {
        let mut config = config.clone();
        config.set("batch.num.messages", "1");
        Self { config, failed: Arc::clone(failed), reports: None }
    }

    /// Sends a record, from the thread that will [serve](Self::serve) its report; one that cannot be sent comes back with why.
    pub(super) fn send(&mut self, ticket: Box<Ticket>) -> Result<(), Failed> {
        if self.reports.is_none() {
            match client(&self.config, &self.failed) {
                Ok(client) => {
                    let thread = thread::current();
                    self.reports = ReportQueue::of(client, move || thread.unpark());
                }
                Err(error) => tracing::error!(%error, "a second Kafka producer could not be made"),
            }
        }
        let Some(reports) = &self.reports else { return Err(Failed::not_sent(ticket, Code::Fail)) };
        hand_over(reports.producer(), ticket).map_err(|(code, ticket)| Failed::not_sent(ticket, code))
    }

    /// Serves its reports. A client that has failed for good goes; what it had is reported, and written anew by whoever
    /// wanted it.
    pub(super) fn serve(&mut self) {
        let Some(reports) = &self.reports else { return };
        reports.serve();
        let client = reports.producer();
        if client.client().fatal_error().is_some() {
            give_up(client, "a second Kafka producer");
            self.reports = None;
        }
    }
}
