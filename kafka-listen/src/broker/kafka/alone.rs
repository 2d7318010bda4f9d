//! Records that were refused for their size: each is sent once more, in a batch of its own.
//!
//! A broker refuses a batch as a whole, and librdkafka reports each of its records as too large, though each by itself may
//! fit. Only what is refused alone is too large.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use rdkafka::config::ClientConfig;
use rdkafka::error::RDKafkaErrorCode as Code;
use rdkafka::producer::{BaseProducer, Producer, PurgeConfig};

use super::producer::{PURGE, client, hand_over};
use super::report::{Failed, Reports, Ticket};

/// A second client, made when the first such record comes. Its failures go where the other one's do.
pub(super) struct Alone {
    config: ClientConfig,
    failed: Arc<Mutex<Vec<Failed>>>,
    client: Option<Arc<BaseProducer<Reports>>>,
}

impl Alone {
    pub(super) fn new(config: &ClientConfig, failed: &Arc<Mutex<Vec<Failed>>>) -> Self {
        let mut config = config.clone();
        config.set("batch.num.messages", "1");
        Self { config, failed: Arc::clone(failed), client: None }
    }

    /// Sends a record; one that cannot be sent comes back with why.
    pub(super) fn send(&mut self, ticket: Box<Ticket>) -> Result<(), Failed> {
        if self.client.is_none() {
            match client(&self.config, &self.failed) {
                Ok(client) => self.client = Some(client),
                Err(error) => tracing::error!(%error, "a second Kafka producer could not be made"),
            }
        }
        let Some(client) = &self.client else { return Err(Failed::not_sent(ticket, Code::Fail)) };
        hand_over(client, ticket).map_err(|(code, ticket)| Failed::not_sent(ticket, code))
    }

    /// Serves its reports. A client that has failed for good goes; what it had is reported, and written anew by whoever
    /// wanted it.
    pub(super) fn serve(&mut self) {
        let Some(client) = &self.client else { return };
        client.poll(Duration::ZERO);
        if client.client().fatal_error().is_some() {
            client.purge(PurgeConfig::default().queue().inflight());
            if let Err(error) = client.flush(PURGE) {
                tracing::warn!(%error, "a second Kafka producer that failed has not reported all of its records");
            }
            self.client = None;
        }
    }
}
