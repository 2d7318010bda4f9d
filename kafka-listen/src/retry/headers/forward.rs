//! The record that a failure writes to the next topic.
//!
//! In come the record as it was read and its failure; out comes the whole of the next one. What is ours is replaced, never added
//! to, so that the block has the same length after the tenth failure as after the first.

use super::{codec, names, origin};
use crate::clock::Timestamp;
use crate::outcome::Failure;
use crate::record::{Header, Headers, Packed, Record, TopicPartition};
use crate::sabotage::{Rule, broken};

/// One record on its way from one topic of a chain to the next.
#[derive(Clone, Copy, Debug)]
pub struct Hop<'a> {
    /// The record as it was read.
    pub record: &'a Record,
    /// Whether its headers about its past are believed: not on a source topic, where anybody could have written them.
    pub believed: bool,
    /// Where it was read.
    pub partition: &'a TopicPartition,
    /// The listener's main group.
    pub group: &'a str,
    /// Why it failed.
    pub failure: &'a Failure,
    /// The number of the next delivery.
    pub attempt: u32,
    /// When the next delivery is due; on the way to a DLT the time of the failure.
    pub due: Timestamp,
    /// The most bytes of the failure's trace.
    pub trace_limit: usize,
}

/// The next record: key and value as they were, the user's headers as they were (order, names that stand twice, null and
/// empty values), then ours in Spring's order.
pub fn forward(hop: &Hop<'_>) -> Packed {
    let (record, failure, place) = (hop.record, hop.failure, hop.partition);
    let past = Past::read(record.headers(), hop.believed || broken(Rule::SourceHeaders));
    let attempt = if broken(Rule::AttemptCounts) { hop.attempt - 1 } else { hop.attempt };
    let [topic, partition, offset, timestamp, timestamp_type, first_timestamp] = past.kept;
    let (time, due) = (record.time.at.as_millis().to_be_bytes(), hop.due.as_millis().to_be_bytes());
    let (number, at) = (place.partition.to_be_bytes(), record.offset.to_be_bytes());
    // Where it was first read is written at its first failure, then kept. The group is ours in any case, or the record
    // would not have been handled; a name that Spring made of it is set right, since in another topic of the chain it
    // would not be known again.
    // An error without a known cause is its own, as Spring has it for what cannot be decoded: a DLT handler of Spring's that
    // asks for the cause fails at a record without one, and Spring writes the dead letter once more.
    let ours: [(&'static str, &[u8]); 13] = [
        (names::ERROR_TYPE, failure.type_name.as_bytes()),
        (names::ERROR_CAUSE, failure.cause.unwrap_or(failure.type_name).as_bytes()),
        (names::ERROR_MESSAGE, failure.message.as_bytes()),
        (names::ERROR_TRACE, cut(failure.trace(), hop.trace_limit).as_bytes()),
        (names::ORIGINAL_TOPIC, topic.unwrap_or(place.topic.as_bytes())),
        (names::ORIGINAL_PARTITION, partition.unwrap_or(&number)),
        (names::ORIGINAL_OFFSET, offset.unwrap_or(&at)),
        (names::ORIGINAL_TIMESTAMP, timestamp.unwrap_or(&time)),
        (names::ORIGINAL_TIMESTAMP_TYPE, timestamp_type.unwrap_or(origin::type_name(record.time.kind).as_bytes())),
        (names::GROUP, hop.group.as_bytes()),
        (names::FIRST_TIMESTAMP, first_timestamp.unwrap_or(codec::shortest(&time))),
        (names::ATTEMPTS, &attempt.to_be_bytes()),
        (names::DUE, codec::shortest(&due)),
    ];
    let ours = || ours.iter().map(|(name, value)| Header { name: name.as_bytes(), value: Some(value) });
    let value = record.value().map(|value| if broken(Rule::RawValue) { value.trim_ascii() } else { value });
    Packed::of(record.key(), value, || users(record.headers(), past.users).chain(ours()))
}

/// What the headers that came in tell of the record's past.
struct Past<'a> {
    /// How many are the user's.
    users: usize,
    /// In the order of [`KEPT`]; of several of one name the last counts.
    kept: [Option<&'a [u8]>; KEPT.len()],
}

/// What is kept, and whether a value of it can be: a reader that asks for a number fails at one that is too short, and Spring's DLT
/// handlers do so at the same record for ever.
const KEPT: [(&str, Check); 6] = [
    (names::ORIGINAL_TOPIC, is_text),
    (names::ORIGINAL_PARTITION, |value| value.len() == size_of::<i32>()),
    (names::ORIGINAL_OFFSET, |value| value.len() == size_of::<i64>()),
    (names::ORIGINAL_TIMESTAMP, |value| value.len() == size_of::<i64>()),
    (names::ORIGINAL_TIMESTAMP_TYPE, is_text),
    (names::FIRST_TIMESTAMP, |value| codec::number(value).is_some()),
];

type Check = fn(&[u8]) -> bool;

fn is_text(value: &[u8]) -> bool {
    std::str::from_utf8(value).is_ok()
}

impl<'a> Past<'a> {
    fn read(headers: Headers<'a>, believed: bool) -> Self {
        let mut past = Self { users: 0, kept: [None; KEPT.len()] };
        for header in headers.iter() {
            let is_replaced = names::is_replaced(header.name);
            if goes_along(is_replaced) {
                past.users += 1;
            }
            if is_replaced
                && believed
                && let Some(index) = KEPT.iter().position(|(name, _)| name.as_bytes() == header.name)
            {
                let (_, can_be) = KEPT[index];
                past.kept[index] = header.value.filter(|value| can_be(value));
            }
        }
        past
    }
}

/// The user's headers, of which there are so many: mostly none, and who knows that need not look for them again.
fn users(headers: Headers<'_>, count: usize) -> impl Iterator<Item = Header<'_>> {
    headers.iter().filter(|header| goes_along(names::is_replaced(header.name))).take(count)
}

fn goes_along(is_replaced: bool) -> bool {
    if is_replaced { broken(Rule::HeaderBlock) } else { !broken(Rule::UserHeaders) }
}

/// The beginning of `text`, `limit` bytes at most, no character cut in two.
pub(super) fn cut(text: &str, limit: usize) -> &str {
    let end = (0..=limit.min(text.len())).rev().find(|&end| text.is_char_boundary(end));
    &text[..end.unwrap_or(0)]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::record::{Body, HeaderBuf, OwnedBody, RecordTime, TimestampType, TopicName};
    use crate::retry::headers::{GroupHeader, LastError, RetryHeaders, any_header};

    /// The next record's headers after a failure in `topic`, as the bodies of records hold them.
    fn next(headers: &[HeaderBuf], topic: &str, attempt: u32) -> Vec<HeaderBuf> {
        let body = OwnedBody { key: Some("k".into()), value: Some("".into()), headers: headers.to_vec() };
        let partition = TopicPartition { topic: TopicName::new(topic).unwrap(), partition: 1 };
        let failure = Failure::of(format!("failure {attempt}"));
        let time = RecordTime { kind: TimestampType::CreateTime, at: Timestamp::from_millis(1000) };
        let next = forward(&Hop {
            record: &Record::new(7, time, body),
            believed: topic.contains("retry"),
            partition: &partition,
            group: "g",
            failure: &failure,
            attempt,
            due: Timestamp::from_millis(128),
            trace_limit: 8,
        });
        assert_eq!((next.key(), next.value()), (Some(&b"k"[..]), Some(&b""[..])));
        next.to_owned_body().headers
    }

    fn get<'h>(headers: &'h [HeaderBuf], name: &str) -> Option<&'h [u8]> {
        let mut found = headers.iter().filter(|header| header.name == name);
        let value = found.next().and_then(|header| header.value.as_deref());
        assert!(found.next().is_none(), "{name} stands twice");
        value
    }

    #[test]
    fn on_a_source_topic_nothing_of_ours_that_came_in_is_kept() {
        let forged = |name| HeaderBuf::new(name, "forged");
        let null = HeaderBuf { name: names::ATTEMPTS.into(), value: None };
        let came_in = [
            forged(names::ORIGINAL_TOPIC),
            forged(names::GROUP),
            forged(names::FIRST_TIMESTAMP),
            forged(names::DUE),
            forged("kafka_key-exception-fqcn"),
            null,
            forged("x"),
        ];
        let headers = next(&came_in, "t", 2);
        assert_eq!(headers[0], forged("x"));
        assert_eq!(headers.len(), 14, "x, four of the error, six of the original, three of the retry");
        assert!(headers[1..].iter().all(|header| header.value.as_deref() != Some(b"forged")));
        assert_eq!(get(&headers, names::ORIGINAL_TOPIC), Some(&b"t"[..]));
        assert_eq!(get(&headers, names::FIRST_TIMESTAMP), Some(&[0x03, 0xe8][..]));
        assert_eq!(get(&headers, names::DUE), Some(&[0x00, 0x80][..]));
    }

    #[test]
    fn in_a_retry_topic_the_past_is_kept_as_it_is_and_what_is_missing_is_written() {
        let first = HeaderBuf::new(names::FIRST_TIMESTAMP, vec![0, 0, 0, 0, 0, 0, 0, 5]);
        let topic = HeaderBuf::new(names::ORIGINAL_TOPIC, "elsewhere");
        let headers = next(&[topic.clone(), first.clone()], "t-retry-1000", 3);
        assert!(headers.contains(&first) && headers.contains(&topic));
        assert_eq!(get(&headers, names::ORIGINAL_OFFSET), Some(&7i64.to_be_bytes()[..]));
        let unreadable = HeaderBuf::new(names::FIRST_TIMESTAMP, vec![0; 9]);
        let no_text = HeaderBuf::new(names::ORIGINAL_TOPIC, vec![0xff]);
        let headers = next(&[unreadable, no_text], "t-retry-1000", 3);
        assert_eq!(get(&headers, names::FIRST_TIMESTAMP), Some(&[0x03, 0xe8][..]));
        assert_eq!(get(&headers, names::ORIGINAL_TOPIC), Some(&b"t-retry-1000"[..]));
    }

    #[test]
    fn a_group_of_one_topic_becomes_the_main_one() {
        let springs = HeaderBuf::new(names::GROUP, "g-retry-1000");
        assert_eq!(get(&next(&[springs], "t-retry-1000", 3), names::GROUP), Some(&b"g"[..]));
    }

    #[test]
    fn a_trace_is_cut_where_a_character_ends() {
        assert_eq!(get(&next(&[], "t", 2), names::ERROR_TRACE), Some(&b"failure "[..]));
        for (limit, expected) in [(0, ""), (1, "a"), (2, "a"), (3, "aü"), (4, "aüb"), (99, "aüb")] {
            assert_eq!(cut("aüb", limit), expected);
        }
    }

    #[test]
    fn the_cause_is_the_sources_type_where_it_is_known_and_else_the_errors_own() {
        let cause = |failure: &Failure| {
            let partition = TopicPartition { topic: TopicName::new("t").unwrap(), partition: 0 };
            let time = RecordTime { kind: TimestampType::CreateTime, at: Timestamp::from_millis(1000) };
            let (record, due) = (Record::new(0, time, OwnedBody::default()), time.at);
            let hop = Hop {
                record: &record,
                believed: false,
                partition: &partition,
                group: "g",
                failure,
                attempt: 2,
                due,
                trace_limit: 8,
            };
            let body = forward(&hop);
            let told = get(&body.to_owned_body().headers, names::ERROR_CAUSE).map(<[u8]>::to_vec);
            (told, LastError::read(Headers::of(&body as &dyn Body)).unwrap().cause)
        };
        let known = Failure { cause: Some("std::io::error::Error"), ..Failure::of("boom".to_owned()) };
        assert_eq!(cause(&known), (Some(b"std::io::error::Error".to_vec()), Some("std::io::error::Error".to_owned())));
        assert_eq!(cause(&Failure::of("boom".to_owned())), (Some(b"alloc::string::String".to_vec()), None));
    }

    proptest! {
        #[test]
        fn headers_do_not_grow_and_the_users_stay_as_they_are(
            came_in in prop::collection::vec(any_header(), 0..12), hops in 1u32..12,
        ) {
            let users: Vec<_> = came_in.iter().filter(|header| !names::is_replaced(&header.name)).cloned().collect();
            let first = next(&came_in, "t", 2);
            let mut headers = first.clone();
            for attempt in 3..hops + 3 {
                headers = next(&headers, "t-retry", attempt);
            }
            prop_assert_eq!(&headers[..users.len()], &users[..]);
            prop_assert_eq!(headers.len(), users.len() + 13);
            prop_assert_eq!(get(&headers, names::ORIGINAL_TOPIC), Some(&b"t"[..]));
            let body = OwnedBody { headers, ..OwnedBody::default() };
            let read = RetryHeaders::read(Headers::of(&body as &dyn Body));
            prop_assert_eq!((read.attempt, read.group), (hops + 2, GroupHeader::Named(b"g")));
            prop_assert_eq!(read.due, Some(Timestamp::from_millis(128)));
        }
    }
}
