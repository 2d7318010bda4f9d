//! A client of a producer: made, given records, given up.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use rdkafka::config::ClientConfig;
use rdkafka::error::RDKafkaErrorCode as Code;
use rdkafka::producer::{BaseProducer, Producer, PurgeConfig};

use super::config::unusable;
use super::native::send::{ANY, produce};
use super::report::{Failed, Reports, Ticket};
use crate::broker::ClientError;
use crate::record::Wanted;

/// How long reports are waited for that should be there soon.
pub(super) const PURGE: Duration = Duration::from_secs(5);

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
