//! Headers that anybody could have written: whatever they are, they are read by the rules of `docs/wire-format.md`, and what is
//! written after them is well formed again.

use std::time::Duration;

use proptest::prelude::*;

use super::{GroupHeader, Hop, LastError, Origin, RetryHeaders, believable_due, forward};
use crate::clock::Timestamp;
use crate::outcome::Failure;
use crate::record::{
    Body, HeaderBuf, Headers, OwnedBody, Record, RecordTime, TimestampType, TopicName, TopicPartition,
};

/// Every name that this crate writes, in its order, as it stands on the wire.
const WRITTEN: [&str; 13] = [
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

/// Names that Spring writes, too, and one that is nobody's.
const OTHERS: [&str; 15] = [
    "kafka_key-exception-fqcn",
    "kafka_key-exception-message",
    "kafka_key-exception-stacktrace",
    "kafka_dlt-original-topic",
    "kafka_dlt-original-partition",
    "kafka_dlt-original-offset",
    "kafka_dlt-original-timestamp",
    "kafka_dlt-original-timestamp-type",
    "kafka_dlt-exception-fqcn",
    "kafka_dlt-exception-cause-fqcn",
    "kafka_dlt-exception-message",
    "kafka_dlt-key-exception-fqcn",
    "kafka_dlt-key-exception-message",
    "kafka_listen-left-out",
    "x",
];

/// The last of them, by which a record is sent on its way.
const STEERING: &[&str] = WRITTEN.split_at(9).1;

/// A header of any name and value. Names that mean something are likely, and so are values that nearly make sense.
pub(crate) fn any_header() -> impl Strategy<Value = HeaderBuf> {
    let known = |names: &'static [&'static str]| prop::sample::select(names).prop_map(|name| name.as_bytes().to_vec());
    let unknown = prop::collection::vec(any::<u8>(), 0..4);
    let name = prop_oneof![4 => known(STEERING), 3 => known(&WRITTEN), 2 => known(&OTHERS), 1 => unknown];
    let value = prop_oneof![
        Just(None),
        prop::collection::vec(any::<u8>(), 0..12).prop_map(Some),
        (0_i32..6).prop_map(|number| Some(number.to_be_bytes().to_vec())),
        any::<i64>().prop_map(|number| Some(number.to_be_bytes().to_vec())),
        prop::sample::select(&["g", "g-retry-1000", "another", "CreateTime"][..])
            .prop_map(|text| Some(text.as_bytes().to_vec())),
    ];
    (name, value).prop_map(|(name, value)| HeaderBuf { name: name.into(), value: value.map(Into::into) })
}

fn body(headers: &[HeaderBuf]) -> OwnedBody {
    OwnedBody { headers: headers.to_vec(), ..OwnedBody::default() }
}

fn last<'h>(headers: &'h [HeaderBuf], name: &str) -> Option<&'h [u8]> {
    headers.iter().rev().find(|header| header.name == name)?.value.as_deref()
}

fn attempt(bytes: &[u8]) -> u32 {
    match (bytes.len(), bytes.iter().fold(0, |number, &byte| number << 8 | u128::from(byte))) {
        (1 | 4, number @ 1..=32_767) => number as u32,
        _ => 1,
    }
}

fn time(bytes: &[u8]) -> Option<Timestamp> {
    let number = bytes.iter().fold(0, |number, &byte| number * 256 + i128::from(byte));
    let sign = if bytes.first()? & 0x80 == 0 { 0 } else { 1 << (8 * bytes.len()) };
    (bytes.len() <= 8).then(|| Timestamp::from_millis((number - sign) as i64))
}

proptest! {
    #[test]
    fn of_one_name_the_last_counts_and_nonsense_is_as_if_it_were_not_there(
        came_in in prop::collection::vec(any_header(), 0..20), now: i64,
    ) {
        let body = body(&came_in);
        let read = RetryHeaders::read(Headers::of(&body as &dyn Body));
        prop_assert_eq!(read.attempt, last(&came_in, "retry_topic-attempts").map_or(1, attempt));
        prop_assert_eq!(read.due, last(&came_in, "retry_topic-backoff-timestamp").and_then(time));
        let group = last(&came_in, "kafka_dlt-original-consumer-group");
        prop_assert_eq!(read.group, group.map_or(GroupHeader::Missing, GroupHeader::Named));
        let now = Timestamp::from_millis(now);
        let due = read.due.map_or(now, |due| believable_due(due, now, Duration::from_secs(1)));
        prop_assert!(due.since(now) <= Duration::from_secs(61 * 60), "no header stops a record for longer");
    }

    #[test]
    fn a_past_that_makes_no_sense_is_none(came_in in prop::collection::vec(any_header(), 0..20)) {
        let body = body(&came_in);
        let headers = Headers::of(&body as &dyn Body);
        let names = ["kafka_original-topic", "kafka_dlt-original-topic"];
        if let Some(origin) = Origin::read(headers) {
            prop_assert!(names.iter().any(|name| last(&came_in, name) == Some(origin.topic.as_bytes())));
        }
        let types = ["", "key-"].map(|key| ["", "dlt-"].map(|dlt| format!("kafka_{dlt}{key}exception-fqcn")));
        let failed = types.iter().flatten().any(|name| last(&came_in, name).is_some());
        prop_assert_eq!(LastError::read(headers).is_some(), failed);
    }

    #[test]
    fn what_is_written_after_any_headers_is_well_formed(
        came_in in prop::collection::vec(any_header(), 0..20),
        believed: bool, attempt in 2_u32..=32_767, due: i64, offset: i64,
    ) {
        let time = RecordTime { kind: TimestampType::CreateTime, at: Timestamp::from_millis(1000) };
        let (record, due) = (Record::new(offset, time, body(&came_in)), Timestamp::from_millis(due));
        let body_out = forward(&Hop {
            record: &record,
            believed,
            partition: &TopicPartition { topic: TopicName::new("t").unwrap(), partition: 3 },
            group: "g",
            failure: &Failure::of("boom".to_owned()),
            attempt,
            due,
            trace_limit: 100,
        });
        let written = &body_out.to_owned_body().headers;
        let ours: Vec<_> = written[written.len() - WRITTEN.len()..].iter().map(|it| it.name.to_vec()).collect();
        prop_assert_eq!(ours, WRITTEN.map(|name| name.as_bytes().to_vec()));
        for name in WRITTEN {
            prop_assert_eq!(written.iter().filter(|it| it.name == name).count(), 1, "{}", name);
            prop_assert!(last(written, name).is_some(), "a null value of {name} stops a Spring listener");
            let length = match name.rsplit('-').next() {
                Some("partition" | "attempts") => Some(4),
                Some("offset") => Some(8),
                Some("timestamp") if name.starts_with("kafka_") => Some(8),
                _ => None,
            };
            let value = last(written, name).unwrap();
            prop_assert!(length.is_none_or(|length| value.len() == length), "{name}: {value:?} stops a Spring DLT handler");
        }
        let headers = Headers::of(&body_out as &dyn Body);
        prop_assert_eq!(
            RetryHeaders::read(headers),
            RetryHeaders { attempt, due: Some(due), group: GroupHeader::Named(b"g") }
        );
        prop_assert_eq!(LastError::read(headers).map(|it| it.message), Some("boom".to_owned()));
        if !believed {
            prop_assert_eq!(Origin::read(headers), Some(Origin::here("t", 3, offset, time, "g")));
        }
    }
}
