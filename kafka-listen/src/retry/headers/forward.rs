//! The headers of the record that a failure writes to the next topic.
//!
//! In come the record as it was read and its failure; out comes the whole block. What is ours is replaced, never added
//! to, so that the block has the same length after the tenth failure as after the first.

use bytes::Bytes;

use super::{codec, names, origin};
use crate::clock::Timestamp;
use crate::outcome::Failure;
use crate::record::{Header, HeaderBuf, Headers, RecordTime, TopicPartition};
use crate::sabotage::{Rule, broken};

/// One record on its way from one topic of a chain to the next.
#[derive(Clone, Copy, Debug)]
pub struct Hop<'a> {
    /// The headers it was read with.
    pub headers: Headers<'a>,
    /// Whether those about its past are believed: not on a source topic, where anybody could have written them.
    pub believed: bool,
    /// Where it was read.
    pub partition: &'a TopicPartition,
    /// Its offset there.
    pub offset: i64,
    /// Its timestamp there.
    pub time: RecordTime,
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

/// The headers of the next record: the user's as they were (order, names that stand twice, null and empty values), then
/// ours in Spring's order.
pub fn forward(hop: &Hop<'_>) -> Vec<HeaderBuf> {
    let mut headers: Vec<_> = users(hop.headers).map(HeaderBuf::from).collect();
    headers.extend(error(hop.failure, hop.trace_limit));
    headers.extend(original(hop));
    let attempt = if broken(Rule::AttemptCounts) { hop.attempt - 1 } else { hop.attempt };
    let first_timestamp = kept(hop, names::FIRST_TIMESTAMP).filter(|value| codec::number(value).is_some());
    headers.extend([
        header(
            names::FIRST_TIMESTAMP,
            first_timestamp.map_or_else(|| codec::shortest(hop.time.at.as_millis()), Bytes::copy_from_slice),
        ),
        header(names::ATTEMPTS, Bytes::copy_from_slice(&attempt.to_be_bytes())),
        header(names::DUE, codec::shortest(hop.due.as_millis())),
    ]);
    headers
}

fn users(headers: Headers<'_>) -> impl Iterator<Item = Header<'_>> {
    headers.iter().filter(|header| match names::is_replaced(header.name) {
        true => broken(Rule::HeaderBlock),
        false => !broken(Rule::UserHeaders),
    })
}

fn error(failure: &Failure, trace_limit: usize) -> impl Iterator<Item = HeaderBuf> {
    let text = |name, value: &str| header(name, Bytes::copy_from_slice(value.as_bytes()));
    let cause = failure.cause.as_ref().map(|cause| text(names::ERROR_CAUSE, cause));
    [text(names::ERROR_TYPE, &failure.type_name)].into_iter().chain(cause).chain([
        text(names::ERROR_MESSAGE, &failure.message),
        text(names::ERROR_TRACE, cut(&failure.trace, trace_limit)),
    ])
}

/// Where the record was first read: written at its first failure, then kept. The group is ours in any case, or the
/// record would not have been handled; a name that Spring made of it is set right, since in another topic of the chain
/// it would not be known again.
fn original(hop: &Hop<'_>) -> [HeaderBuf; 6] {
    let keep = |name, fresh: &[u8]| header(name, Bytes::copy_from_slice(kept(hop, name).unwrap_or(fresh)));
    [
        keep(names::ORIGINAL_TOPIC, hop.partition.topic.as_bytes()),
        keep(names::ORIGINAL_PARTITION, &hop.partition.partition.to_be_bytes()),
        keep(names::ORIGINAL_OFFSET, &hop.offset.to_be_bytes()),
        keep(names::ORIGINAL_TIMESTAMP, &hop.time.at.as_millis().to_be_bytes()),
        keep(names::ORIGINAL_TIMESTAMP_TYPE, origin::type_name(hop.time.kind).as_bytes()),
        header(names::GROUP, Bytes::copy_from_slice(hop.group.as_bytes())),
    ]
}

fn kept<'a>(hop: &Hop<'a>, name: &str) -> Option<&'a [u8]> {
    if hop.believed || broken(Rule::SourceHeaders) { hop.headers.get(name) } else { None }
}

fn header(name: &'static str, value: Bytes) -> HeaderBuf {
    HeaderBuf::new(Bytes::from_static(name.as_bytes()), value)
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
    use crate::record::{Body, OwnedBody, TimestampType, TopicName};
    use crate::retry::headers::{GroupHeader, RetryHeaders};

    /// The next record's headers after a failure in `topic`, as the bodies of records hold them.
    fn next(headers: &[HeaderBuf], topic: &str, attempt: u32) -> Vec<HeaderBuf> {
        let body = OwnedBody { headers: headers.to_vec(), ..OwnedBody::default() };
        let partition = TopicPartition { topic: TopicName::new(topic).unwrap(), partition: 1 };
        let failure = Failure::of(format!("failure {attempt}"));
        forward(&Hop {
            headers: Headers::of(&body as &dyn Body),
            believed: topic.contains("retry"),
            partition: &partition,
            offset: 7,
            time: RecordTime { kind: TimestampType::CreateTime, at: Timestamp::from_millis(1000) },
            group: "g",
            failure: &failure,
            attempt,
            due: Timestamp::from_millis(128),
            trace_limit: 8,
        })
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
        assert_eq!(headers.len(), 13, "x, three of the error, six of the original, three of the retry");
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
        let headers = next(&[unreadable], "t-retry-1000", 3);
        assert_eq!(get(&headers, names::FIRST_TIMESTAMP), Some(&[0x03, 0xe8][..]));
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

    fn any_header() -> impl Strategy<Value = HeaderBuf> {
        let name = prop_oneof![
            prop::collection::vec(any::<u8>(), 0..4),
            Just(names::ATTEMPTS.as_bytes().to_vec()),
            Just(names::GROUP.as_bytes().to_vec()),
            Just(names::ORIGINAL_TIMESTAMP.as_bytes().to_vec()),
        ];
        (name, prop::option::of(prop::collection::vec(any::<u8>(), 0..10)))
            .prop_map(|(name, value)| HeaderBuf { name: name.into(), value: value.map(Bytes::from) })
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
            prop_assert_eq!(headers.len(), users.len() + 12);
            prop_assert_eq!(get(&headers, names::ORIGINAL_TOPIC), Some(&b"t"[..]));
            let body = OwnedBody { headers, ..OwnedBody::default() };
            let read = RetryHeaders::read(Headers::of(&body as &dyn Body));
            prop_assert_eq!((read.attempt, read.group), (hops + 2, GroupHeader::Named(b"g")));
            prop_assert_eq!(read.due, Some(Timestamp::from_millis(128)));
        }
    }
}
