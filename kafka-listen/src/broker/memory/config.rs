//! The settings of one topic: what was asked for in, what holds out, under Kafka's names and with its defaults.
//!
//! `max.message.bytes`, `message.timestamp.*` and `cleanup.policy` decide what a topic takes. The others are only kept,
//! because this crate compares them: `retention.ms` and its like remove nothing by themselves.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::clock::Timestamp;
use crate::record::{Body, Packed, RecordTime, TimestampType};

/// A topic's settings, checked.
#[derive(Clone, Debug)]
pub(super) struct TopicConfig {
    settings: BTreeMap<String, String>,
    max_message_bytes: usize,
    needs_keys: bool,
    timestamps: TimestampType,
    /// How far a producer's timestamp may lie behind and ahead.
    behind: Duration,
    ahead: Duration,
}

/// Why a topic does not take a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// It is too large.
    TooLarge(String),
    /// It is not as the topic's records must be.
    Invalid(String),
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
        let millis = |name| number(&settings, name).map(Duration::from_millis);
        let (behind, ahead) = (millis("message.timestamp.before.max.ms")?, millis("message.timestamp.after.max.ms")?);
        let needs_keys = settings["cleanup.policy"].contains("compact");
        Ok(Self { settings, max_message_bytes, needs_keys, timestamps, behind, ahead })
    }

    /// All settings, by name.
    pub(super) fn settings(&self) -> &BTreeMap<String, String> {
        &self.settings
    }

    /// The timestamp that a record gets.
    pub(super) fn time(&self, producers: Option<Timestamp>, now: Timestamp) -> RecordTime {
        match (self.timestamps, producers) {
            (TimestampType::CreateTime, Some(at)) => RecordTime { kind: TimestampType::CreateTime, at },
            (kind, _) => RecordTime { kind, at: now },
        }
    }

    /// Why the topic does not take a record that would get this timestamp, if it does not.
    pub(super) fn refuses(&self, body: &Packed, time: RecordTime, now: Timestamp) -> Option<Refusal> {
        if time.at.since(now) > self.ahead || now.since(time.at) > self.behind {
            return Some(Refusal::Invalid(format!(
                "the timestamp {} is further from now than the topic takes (`message.timestamp.after.max.ms`, \
                 `message.timestamp.before.max.ms`)",
                time.at
            )));
        }
        if self.needs_keys && body.key().is_none() {
            return Some(Refusal::Invalid("a compacted topic takes no record without a key".to_owned()));
        }
        let (size, most) = (stored_size(body), self.max_message_bytes);
        (size > most).then(|| {
            let message = format!("the record has {size} bytes, the topic takes {most} (`max.message.bytes`)");
            Refusal::TooLarge(message)
        })
    }
}

fn number<T: std::str::FromStr>(settings: &BTreeMap<String, String>, name: &str) -> Result<T, String> {
    settings[name].parse().map_err(|_| format!("`{name}` cannot be `{}`: it is a number", settings[name]))
}

/// The bytes of a batch that holds this record alone, by Kafka's format of batches, uncompressed: it is the batch that
/// `max.message.bytes` is compared with.
fn stored_size(body: &Packed) -> usize {
    const BATCH_HEADER: usize = 61;
    // Attributes, and the deltas of timestamp and offset, which are 0 in a batch of one.
    const FIXED: usize = 3;
    let field = |bytes: Option<&[u8]>| bytes.map_or(1, |bytes| varint(bytes.len()) + bytes.len());
    let headers = body.headers().iter().map(|header| field(Some(header.name)) + field(header.value));
    let record = FIXED + field(body.key()) + field(body.value()) + varint(body.header_count()) + headers.sum::<usize>();
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
    use crate::record::OwnedBody;

    const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

    fn config(settings: &[(&str, &str)]) -> Result<TopicConfig, String> {
        TopicConfig::new(&settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    #[test]
    fn what_is_not_asked_for_is_the_brokers_default() {
        let config = config(&[("retention.ms", "1")]).unwrap();
        assert_eq!(config.settings()["retention.ms"], "1");
        assert_eq!(config.settings()["min.insync.replicas"], "1");
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
        let of = |len: usize| OwnedBody { value: Some(vec![0; len].into()), ..OwnedBody::default() }.pack().unwrap();
        let refusal = |body: &Packed| config.refuses(body, config.time(None, NOW), NOW);
        // 61 (batch) + 2 (length) + 3 (fixed) + 1 (no key) + 2 (length of the value) + 1 (no headers)
        assert_eq!(refusal(&of(930)), None);
        assert!(matches!(refusal(&of(931)), Some(Refusal::TooLarge(_))));
    }

    #[test]
    fn a_producers_timestamp_is_kept_within_bounds_unless_the_broker_sets_its_own() {
        let at = |millis| Some(Timestamp::from_millis(NOW.as_millis() + millis));
        let body = OwnedBody { value: Some("x".into()), ..OwnedBody::default() }.pack().unwrap();
        let refused = |config: &TopicConfig, at| config.refuses(&body, config.time(at, NOW), NOW).is_some();

        let creates = config(&[("message.timestamp.before.max.ms", "10")]).unwrap();
        assert_eq!(creates.time(at(7), NOW), RecordTime { kind: TimestampType::CreateTime, at: at(7).unwrap() });
        assert!(!refused(&creates, at(3_600_000)) && refused(&creates, at(3_600_001)));
        assert!(!refused(&creates, at(-10)) && refused(&creates, at(-11)));

        let appends = config(&[("message.timestamp.type", "LogAppendTime")]).unwrap();
        assert_eq!(appends.time(at(7), NOW), RecordTime { kind: TimestampType::LogAppendTime, at: NOW });
        assert!(!refused(&appends, at(3_600_001)));
    }

    #[test]
    fn a_compacted_topic_needs_keys() {
        for (policy, refused) in [("delete", false), ("compact", true), ("delete,compact", true)] {
            let config = config(&[("cleanup.policy", policy)]).unwrap();
            let refusal = config.refuses(&OwnedBody::default().pack().unwrap(), config.time(None, NOW), NOW);
            assert_eq!(matches!(refusal, Some(Refusal::Invalid(_))), refused, "{policy}");
        }
    }
}
