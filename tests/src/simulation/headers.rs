//! Headers: what users write, what forgers do, and what `docs/wire-format.md` says of ours. Shares no code with the library.

use bytes::Bytes;
use fastrand::Rng;
use kafka_listen::HeaderBuf;

use super::payload::ID;

pub const ATTEMPTS: &str = "retry_topic-attempts";
pub const DUE: &str = "retry_topic-backoff-timestamp";
pub const FIRST: &str = "retry_topic-original-timestamp";
pub const GROUP: &str = "kafka_dlt-original-consumer-group";
pub const ORIGINAL_TOPIC: &str = "kafka_original-topic";
pub const ORIGINAL_PARTITION: &str = "kafka_original-partition";
pub const ORIGINAL_OFFSET: &str = "kafka_original-offset";
pub const LEFT_OUT: &str = "kafka_listen-left-out";

/// What every copy has, each with a value, whatever failed and however little of the record is left.
pub const BLOCK: [&str; 13] = [
    "kafka_exception-fqcn",
    "kafka_exception-cause-fqcn",
    "kafka_exception-message",
    "kafka_exception-stacktrace",
    ORIGINAL_TOPIC,
    ORIGINAL_PARTITION,
    ORIGINAL_OFFSET,
    "kafka_original-timestamp",
    "kafka_original-timestamp-type",
    GROUP,
    FIRST,
    ATTEMPTS,
    DUE,
];

/// What else is not the user's: the library's mark, and what Spring says of a key.
const OTHERS: [&str; 4] =
    [LEFT_OUT, "kafka_key-exception-fqcn", "kafka_key-exception-message", "kafka_key-exception-stacktrace"];

/// Whether the library writes headers of this name, or replaces them.
pub fn is_ours(header: &HeaderBuf) -> bool {
    BLOCK.iter().chain(&OTHERS).any(|name| name.as_bytes() == header.name)
}

/// What a copy says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trail {
    pub attempt: Option<i64>,
    pub due: Option<i64>,
    /// The timestamp of the first record.
    pub first: Option<i64>,
    pub group: Option<String>,
    pub origin: Option<(String, i32, i64)>,
}

impl Trail {
    /// Reads it: the last header of a name counts.
    pub fn read(headers: &[HeaderBuf]) -> Self {
        let last = |name: &str| headers.iter().rev().find(|it| it.name == name)?.value.as_deref();
        let text = |name| last(name).map(|value| String::from_utf8_lossy(value).into_owned());
        let origin = || {
            Some((text(ORIGINAL_TOPIC)?, number(last(ORIGINAL_PARTITION)?)? as i32, number(last(ORIGINAL_OFFSET)?)?))
        };
        Self {
            attempt: last(ATTEMPTS).and_then(|value| match value.len() {
                1 | 4 => number(value).map(|it| if value.len() == 1 { it & 0xff } else { it }),
                _ => None,
            }),
            due: last(DUE).and_then(number),
            first: last(FIRST).and_then(number),
            group: text(GROUP),
            origin: origin(),
        }
    }
}

/// A number in big-endian two's complement, of one to eight bytes.
fn number(bytes: &[u8]) -> Option<i64> {
    let first = *bytes.first().filter(|_| bytes.len() <= 8)?;
    let sign = if first & 0x80 == 0 { 0 } else { -1 };
    Some(bytes.iter().fold(sign, |number, byte| number << 8 | i64::from(*byte)))
}

/// What a user writes: mostly little, sometimes whatever Kafka allows.
pub fn of_users(rng: &mut Rng, id: u32, needs_id: bool, odd: f64) -> Vec<HeaderBuf> {
    let mut headers = Vec::new();
    if needs_id || rng.f64() > odd {
        headers.push(HeaderBuf::new(ID, id.to_string()));
    }
    if rng.f64() < odd {
        headers.push(HeaderBuf::new("tenant", "a"));
        headers.push(HeaderBuf { name: "tenant".into(), value: None });
        headers.push(HeaderBuf::new("tenant", ""));
        headers.push(HeaderBuf::new(Bytes::from_static(&[0xff, 0xfe]), vec![0, 1, 0xff]));
    }
    headers
}

/// What somebody writes to a source topic who wants to stall it, or who forwards what he was given.
pub fn forged(rng: &mut Rng) -> Vec<HeaderBuf> {
    let mut forged = Vec::new();
    let lengths = [0, 1, 3, 4, 8, 9];
    for name in [ATTEMPTS, DUE, FIRST, GROUP, ORIGINAL_TOPIC, ORIGINAL_PARTITION, ORIGINAL_OFFSET] {
        match rng.u32(0..4) {
            0 => forged.push(HeaderBuf { name: name.into(), value: None }),
            1 => forged.push(HeaderBuf::new(name, vec![0x7f; lengths[rng.usize(0..lengths.len())]])),
            2 => forged.extend([HeaderBuf::new(name, vec![1]), HeaderBuf::new(name, "audit")]),
            _ => {}
        }
    }
    forged
}

/// What a copy that another client wrote says of itself.
pub fn copied(attempt: u32, due: i64, group: Option<&str>) -> Vec<HeaderBuf> {
    let mut headers =
        vec![HeaderBuf::new(ATTEMPTS, attempt.to_be_bytes().to_vec()), HeaderBuf::new(DUE, due.to_be_bytes().to_vec())];
    headers.extend(group.map(|group| HeaderBuf::new(GROUP, group.to_owned())));
    headers
}
