//! The headers of the record that a failure writes to the next topic.
//!
//! In come the record as it was read and its failure; out comes the whole block. What is ours is replaced, never added
//! to, so that the block has the same length after the tenth failure as after the first.

use bytes::Bytes;

use super::{codec, names, origin};
use crate::clock::Timestamp;
use crate::outcome::Failure;
use crate::record::{Header, HeaderBuf, Headers, RecordTime, TopicPartition};

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
    let first_timestamp = kept(hop, names::FIRST_TIMESTAMP).filter(|value| codec::number(value).is_some());
    headers.extend([
        header(
            names::FIRST_TIMESTAMP,
            first_timestamp.map_or_else(|| codec::shortest(hop.time.at.as_millis()), Bytes::copy_from_slice),
        ),
        header(names::ATTEMPTS, Bytes::copy_from_slice(&hop.attempt.to_be_bytes())),
        header(names::DUE, codec::shortest(hop.due.as_millis())),
    ]);
    headers
}

fn users(headers: Headers<'_>) -> impl Iterator<Item = Header<'_>> {
    headers.iter().filter(|header| !names::is_replaced(header.name))
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
    if hop.believed { hop.headers.get(name) } else { None }
}

fn header(name: &'static str, value: Bytes) -> HeaderBuf {
    HeaderBuf::new(Bytes::from_static(name.as_bytes()), value)
}

/// The beginning of `text`, `limit` bytes at most, no character cut in two.
pub(super) fn cut(text: &str, limit: usize) -> &str {
    let end = (0..=limit.min(text.len())).rev().find(|&end| text.is_char_boundary(end));
    &text[..end.unwrap_or(0)]
}
