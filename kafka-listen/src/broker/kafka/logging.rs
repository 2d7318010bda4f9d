//! What librdkafka says about itself, as `tracing` events with the target `kafka_listen::librdkafka`.

use rdkafka::ClientContext;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::error::KafkaError;
use tracing::{debug, error, info, warn};

pub(super) const TARGET: &str = "kafka_listen::librdkafka";

/// Hands logs on. For clients whose errors come back as answers to their calls.
#[derive(Debug, Default)]
pub(super) struct Logging;

impl ClientContext for Logging {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        log(level, facility, message);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        debug!(target: TARGET, %error, "{reason}");
    }

    fn stats_raw(&self, statistics: &[u8]) {
        stats(statistics);
    }
}

/// One line of librdkafka's log.
pub(super) fn log(level: RDKafkaLogLevel, facility: &str, message: &str) {
    match level {
        RDKafkaLogLevel::Emerg | RDKafkaLogLevel::Alert | RDKafkaLogLevel::Critical => {
            error!(target: TARGET, facility, "{message}");
        }
        // A broker that cannot be reached is an "error" each time it is tried; whether it is one for the application
        // is told by those who wait for the broker.
        RDKafkaLogLevel::Error | RDKafkaLogLevel::Warning => warn!(target: TARGET, facility, "{message}"),
        RDKafkaLogLevel::Notice | RDKafkaLogLevel::Info => info!(target: TARGET, facility, "{message}"),
        RDKafkaLogLevel::Debug => debug!(target: TARGET, facility, "{message}"),
    }
}

/// Statistics, for those who set `statistics.interval.ms`.
pub(super) fn stats(statistics: &[u8]) {
    debug!(target: TARGET, statistics = %String::from_utf8_lossy(statistics), "statistics");
}
