//! The header block against Spring's, byte for byte: what Spring wrote is read, and what Spring wrote next is compared
//! with what this crate writes after the same failure.

use std::collections::BTreeMap;

use super::{GroupHeader, Hop, LastError, Origin, RetryHeaders, forward, names};
use crate::clock::Timestamp;
use crate::outcome::Failure;
use crate::record::{HeaderBuf, Record, TimestampType, TopicPartition};
use crate::retry::golden::{self, Recorded};

/// Where we differ from Spring on purpose. Spring's block is brought to our form by these rules and nothing else:
/// 1. it appends `retry_topic-*` at each hop; we replace them, so of each name only the last remains;
/// 2. from the second hop on it writes the error behind the original; ours is in front of it always;
/// 3. it carries on a group's name that came in from outside; ours is always the listener's;
/// 4. its JSON serializer adds the name of a Java class, once; we serialise nothing anew.
fn in_our_form(spring: Vec<HeaderBuf>, came_in: &[HeaderBuf], group: &str) -> Vec<HeaderBuf> {
    let (ours, mut block): (Vec<_>, Vec<_>) = spring.into_iter().partition(|header| names::is_replaced(&header.name));
    block.retain(|header| header.name != "__TypeId__" || came_in.contains(header));
    let mut last: BTreeMap<_, _> = ours.into_iter().map(|header| (header.name.clone(), header)).collect();
    last.insert(names::GROUP.into(), HeaderBuf::new(names::GROUP, group.to_owned()));
    block.extend(OUR_ORDER.iter().filter_map(|name| last.remove(name.as_bytes())));
    assert!(last.is_empty(), "{last:?}");
    block
}

const OUR_ORDER: [&str; 13] = [
    "kafka_exception-fqcn",
    "kafka_exception-cause-fqcn",
    "kafka_exception-message",
    "kafka_exception-stacktrace",
    "kafka_original-topic",
    "kafka_original-partition",
    "kafka_original-offset",
    "kafka_original-timestamp",
    "kafka_original-timestamp-type",
    "kafka_dlt-original-consumer-group",
    "retry_topic-original-timestamp",
    "retry_topic-attempts",
    "retry_topic-backoff-timestamp",
];

fn read(record: &Record) -> RetryHeaders<'_> {
    RetryHeaders::read(record.headers())
}

fn text(record: &Record, name: &str) -> String {
    String::from_utf8(record.headers().get(name).unwrap_or_else(|| panic!("no {name}")).to_vec()).unwrap()
}

/// What we write after the failure that Spring's next record tells of.
fn our_next(from: &Recorded, next: &Record, group: &str) -> Vec<HeaderBuf> {
    let failure = Failure {
        type_name: text(next, names::ERROR_TYPE).leak(),
        cause: Some(text(next, names::ERROR_CAUSE).leak()),
        message: text(next, names::ERROR_MESSAGE),
        trace: Some(text(next, names::ERROR_TRACE)),
        ..Failure::of("boom")
    };
    let mut record = from.record();
    let is_log_append_time = text(next, names::ORIGINAL_TIMESTAMP_TYPE) == "LogAppendTime";
    record.time.kind = if is_log_append_time { TimestampType::LogAppendTime } else { TimestampType::CreateTime };
    let believed = from.topic.contains("-retry");
    forward(&Hop {
        record: &record,
        believed,
        partition: &from.place(),
        group,
        failure: &failure,
        attempt: if believed { read(&record).attempt + 1 } else { 2 },
        due: read(next).due.unwrap(),
        trace_limit: usize::MAX,
    })
    .to_owned_body()
    .headers
}

/// In each of these cases every record was written by the failure of the one before it.
const CHAINS: [(&str, &str); 10] = [
    ("chain", "email"),
    ("one retry topic", "r-fixed-group"),
    ("fewer partitions, full", "r-narrow-group"),
    ("fewer partitions, plain", "r-narrow-group"),
    ("LogAppendTime", "r-append-time-group"),
    ("error, changing", "r-errors-group"),
    ("blocking and topic retries", "both-group"),
    ("JSON value", "u-retry-group"),
    ("undecodable value", "u-retry-group"),
    ("group header on a main topic", "ours"),
];

#[test]
fn our_next_record_has_springs_headers() {
    let mut compared = 0;
    for (case, group) in CHAINS {
        for pair in golden::case(case).windows(2) {
            let ours = our_next(&pair[0], &pair[1].record(), group);
            assert_eq!(ours, in_our_form(pair[1].headers(), &pair[0].headers(), group), "{case}: {}", pair[1].topic);
            compared += 1;
        }
    }
    assert_eq!(compared, 29);
}

#[test]
fn after_one_failure_nothing_at_all_differs() {
    for case in ["chain", "chain, null key", "chain, tombstone", "chain, timestamp 128", "chain, not UTF-8"] {
        let records = golden::case(case);
        assert_eq!(our_next(&records[0], &records[1].record(), "email"), records[1].headers(), "{case}");
    }
}

#[test]
fn springs_attempts_due_times_and_groups_are_read() {
    let chain = golden::case("chain");
    let attempts: Vec<_> = chain.iter().map(|recorded| read(&recorded.record()).attempt).collect();
    assert_eq!(attempts, [1, 2, 3, 4, 5, 6], "of the headers that stand there several times the last one counts");
    let dead = chain[5].record();
    assert_eq!(read(&dead).group, GroupHeader::Named(b"email"));
    assert_eq!(read(&dead).due, Some(Timestamp::from_millis(0x01a2_01c0_fd53)));
    let source = chain[0].record();
    assert_eq!(read(&source), RetryHeaders { attempt: 1, due: None, group: GroupHeader::Missing });
    assert_eq!(read(&golden::case("error, async")[0].record()).group, GroupHeader::Missing);
}

#[test]
fn headers_written_by_hand_are_read_as_spring_reads_them() {
    let place = golden::case("one retry topic")[1].place();
    let failure = Failure::of("boom".to_owned());
    let readings = golden::records().reading;
    assert_eq!(readings.len(), 21);
    for reading in readings {
        let (sent, next) = (reading.sent(), golden::record(0, 0, reading.next()));
        let hop = hop(&sent, &place, &failure, read(&sent).attempt + 1);
        let ours = golden::record(0, 0, forward(&hop).to_owned_body().headers);
        for name in [names::ATTEMPTS, names::FIRST_TIMESTAMP] {
            let (ours, springs) = (ours.headers().get(name), next.headers().get(name));
            assert_eq!(ours, springs, "{name} after {:?}", sent.headers());
        }
    }
}

fn hop<'a>(record: &'a Record, partition: &'a TopicPartition, failure: &'a Failure, attempt: u32) -> Hop<'a> {
    Hop {
        record,
        believed: true,
        partition,
        group: "g",
        failure,
        attempt,
        due: Timestamp::from_millis(0),
        trace_limit: 1000,
    }
}

#[test]
fn springs_dead_letters_tell_their_origin_and_their_error() {
    const DECODE: &str = "org.springframework.kafka.support.serializer.DeserializationException";
    const STATE: &str = "java.lang.IllegalStateException";
    let table = [
        ("chain", "r-chain", 1, STATE, "Listener failed; boom"),
        ("blocking", "b-blocking", 1, STATE, ""),
        ("undecodable value", "u-retry", 1, DECODE, "failed to deserialize"),
        ("undecodable key", "u-retry", 2, DECODE, "failed to deserialize"),
        ("blocking, undecodable value", "b-blocking", 1, DECODE, "failed to deserialize"),
        ("blocking, undecodable key", "b-blocking", 2, DECODE, "failed to deserialize"),
    ];
    for (case, topic, partition, type_name, message) in table {
        let record = golden::case(case).last().unwrap().record();
        let (origin, error) = (Origin::read(record.headers()).unwrap(), LastError::read(record.headers()).unwrap());
        assert_eq!((origin.topic.as_str(), origin.partition), (topic, partition), "{case}");
        assert!(origin.group.is_some() && origin.timestamp.is_some(), "{case}");
        assert_eq!((error.type_name.as_str(), error.cause.as_deref()), (type_name, None), "{case}");
        assert!(error.message.ends_with(message) && error.trace.is_some(), "{case}: {error}");
        assert_eq!(error.to_string(), format!("{type_name}: {}", error.message), "{case}");
    }
    for case in golden::records().cases {
        let last = case.records.last().unwrap();
        let record = last.record();
        assert!(
            Origin::read(record.headers()).is_some() && LastError::read(record.headers()).is_some(),
            "{}",
            case.case
        );
    }
}
