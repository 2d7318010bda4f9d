//! The settings of one topic: what was asked for in, what holds out, under Kafka's names and with its defaults.
//!
//! Of all settings only `max.message.bytes` and `message.timestamp.type` change what this broker does; the others are
//! kept, because this crate compares them, and `retention.ms` and its like remove nothing by themselves.

use std::collections::BTreeMap;

use crate::record::{OwnedBody, TimestampType};

/// A topic's settings, checked.
#[derive(Clone, Debug)]
pub(super) struct TopicConfig {
    settings: BTreeMap<String, String>,
    max_message_bytes: usize,
    timestamps: TimestampType,
}

/// Every setting that a topic may have, with the default of a broker that was started without settings of its own.
const DEFAULTS: &[(&str, &str)] = &[
    ("cleanup.policy", "delete"),
    ("compression.gzip.level", "-1"),
    ("compression.lz4.level", "9"),
    ("compression.type", "producer"),
    ("compression.zstd.level", "3"),
    ("delete.retention.ms", "86400000"),
    ("file.delete.delay.ms", "60000"),
    ("flush.messages", "9223372036854775807"),
    ("flush.ms", "9223372036854775807"),
    ("follower.replication.throttled.replicas", ""),
    ("index.interval.bytes", "4096"),
    ("leader.replication.throttled.replicas", ""),
    ("local.retention.bytes", "-2"),
    ("local.retention.ms", "-2"),
    ("max.compaction.lag.ms", "9223372036854775807"),
    ("max.message.bytes", "1048588"),
    ("message.timestamp.after.max.ms", "3600000"),
    ("message.timestamp.before.max.ms", "9223372036854775807"),
    ("message.timestamp.type", "CreateTime"),
    ("min.cleanable.dirty.ratio", "0.5"),
    ("min.compaction.lag.ms", "0"),
    ("min.insync.replicas", "1"),
    ("preallocate", "false"),
    ("remote.log.copy.disable", "false"),
    ("remote.log.delete.on.disable", "false"),
    ("remote.storage.enable", "false"),
    ("retention.bytes", "-1"),
    ("retention.ms", "604800000"),
    ("segment.bytes", "1073741824"),
    ("segment.index.bytes", "10485760"),
    ("segment.jitter.ms", "0"),
    ("segment.ms", "604800000"),
    ("unclean.leader.election.enable", "false"),
];

impl TopicConfig {
    /// The defaults with `wanted` over them, or why they cannot be.
    pub(super) fn new(wanted: &BTreeMap<String, String>) -> Result<Self, String> {
        let mut settings: BTreeMap<String, String> =
            DEFAULTS.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        for (name, value) in wanted {
            match settings.get_mut(name) {
                Some(setting) => setting.clone_from(value),
                None => return Err(format!("a topic has no setting `{name}`")),
            }
        }
        for policy in settings["cleanup.policy"].split(',') {
            if !matches!(policy.trim(), "delete" | "compact") {
                return Err(format!("`cleanup.policy` cannot be `{policy}`: `delete`, `compact` or both"));
            }
        }
        for name in ["min.insync.replicas", "retention.bytes", "retention.ms"] {
            number::<i64>(&settings, name)?;
        }
        let max_message_bytes = number(&settings, "max.message.bytes")?;
        let timestamps = match settings["message.timestamp.type"].as_str() {
            "CreateTime" => TimestampType::CreateTime,
            "LogAppendTime" => TimestampType::LogAppendTime,
            other => {
                return Err(format!("`message.timestamp.type` cannot be `{other}`: `CreateTime` or `LogAppendTime`"));
            }
        };
        Ok(Self { settings, max_message_bytes, timestamps })
    }

    /// All settings, by name.
    pub(super) fn settings(&self) -> &BTreeMap<String, String> {
        &self.settings
    }

    /// Who sets the timestamps of records.
    pub(super) fn timestamps(&self) -> TimestampType {
        self.timestamps
    }

    /// Why the topic does not take this record, if it is too large.
    pub(super) fn refuses(&self, body: &OwnedBody) -> Option<String> {
        let size = stored_size(body);
        (size > self.max_message_bytes).then(|| {
            format!("the record has {size} bytes, the topic takes {} (`max.message.bytes`)", self.max_message_bytes)
        })
    }
}

fn number<T: std::str::FromStr>(settings: &BTreeMap<String, String>, name: &str) -> Result<T, String> {
    settings[name].parse().map_err(|_| format!("`{name}` cannot be `{}`: it is a number", settings[name]))
}

/// The bytes of a batch that holds this record alone, by Kafka's format of batches, uncompressed: it is the batch that
/// `max.message.bytes` is compared with.
fn stored_size(body: &OwnedBody) -> usize {
    const BATCH_HEADER: usize = 61;
    // Attributes, and the deltas of timestamp and offset, which are 0 in a batch of one.
    const FIXED: usize = 3;
    let field = |bytes: Option<usize>| bytes.map_or(1, |len| varint(len) + len);
    let headers: usize = body
        .headers
        .iter()
        .map(|header| field(Some(header.name.len())) + field(header.value.as_ref().map(bytes::Bytes::len)))
        .sum();
    let record = FIXED
        + field(body.key.as_ref().map(bytes::Bytes::len))
        + field(body.value.as_ref().map(bytes::Bytes::len))
        + varint(body.headers.len())
        + headers;
    BATCH_HEADER + varint(record) + record
}

/// How many bytes a number takes, zigzag-encoded in groups of seven bits.
fn varint(number: usize) -> usize {
    let zigzag = (number as u64) << 1;
    (64 - zigzag.leading_zeros()).max(1).div_ceil(7) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(settings: &[(&str, &str)]) -> Result<TopicConfig, String> {
        TopicConfig::new(&settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    #[test]
    fn what_is_not_asked_for_is_the_brokers_default() {
        let config = config(&[("retention.ms", "1")]).unwrap();
        assert_eq!(config.settings()["retention.ms"], "1");
        assert_eq!(config.settings()["min.insync.replicas"], "1");
        assert_eq!(config.timestamps(), TimestampType::CreateTime);
    }

    #[test]
    fn nonsense_is_refused_by_name() {
        for (name, value) in [
            ("retention.millis", "1"),
            ("max.message.bytes", "1MB"),
            ("cleanup.policy", "burn"),
            ("message.timestamp.type", "now"),
            ("retention.ms", ""),
        ] {
            assert!(config(&[(name, value)]).unwrap_err().contains(name), "{name}");
        }
        assert!(config(&[("cleanup.policy", "compact,delete")]).is_ok());
    }

    #[test]
    fn a_number_takes_as_many_bytes_as_kafka_writes() {
        for (number, bytes) in [(0, 1), (63, 1), (64, 2), (8_191, 2), (8_192, 3), (1_048_576, 4)] {
            assert_eq!(varint(number), bytes, "{number}");
        }
    }

    #[test]
    fn the_limit_counts_the_batch_around_the_record() {
        let config = config(&[("max.message.bytes", "1000")]).unwrap();
        let of = |len: usize| OwnedBody { value: Some(vec![0; len].into()), ..OwnedBody::default() };
        // 61 (batch) + 2 (length) + 3 (fixed) + 1 (no key) + 2 (length of the value) + 1 (no headers)
        assert_eq!(config.refuses(&of(930)), None);
        assert!(config.refuses(&of(931)).is_some());
    }
}
