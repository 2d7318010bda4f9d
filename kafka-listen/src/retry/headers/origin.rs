//! Where a record of a retry topic or DLT came from.

use std::fmt;

use super::{codec, names};
use crate::clock::Timestamp;
use crate::record::{Headers, RecordTime, TimestampType};

/// The place where a record was first read, before it went through retry topics or to a DLT. On a source topic that is
/// the record's own place. As a parameter it never rejects.
///
/// ```
/// use kafka_listen::{LastError, Origin};
///
/// async fn order_is_dead(origin: Origin, error: LastError) {
///     println!("{origin} is dead: {error}");
///     println!("it was written at {:?}, and {:?} failed it", origin.timestamp, origin.group);
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Origin {
    /// The topic.
    pub topic: String,
    /// The partition.
    pub partition: i32,
    /// The offset.
    pub offset: i64,
    /// The timestamp; `None` if the record carried none.
    pub timestamp: Option<Timestamp>,
    /// The consumer group that failed it; `None` if it did not say so.
    pub group: Option<String>,
}

impl Origin {
    /// A place, for a handler that a test calls: no timestamp and no group, which the test may set.
    pub fn new(topic: impl Into<String>, partition: i32, offset: i64) -> Self {
        Self { topic: topic.into(), partition, offset, timestamp: None, group: None }
    }
}

/// As in `orders/3 at offset 17`.
impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{} at offset {}", self.topic, self.partition, self.offset)
    }
}

/// Spring names these headers differently where a record took no retry topic on its way to the DLT.
const SPRING_BLOCKING: [&str; 5] = [
    "kafka_dlt-original-topic",
    "kafka_dlt-original-partition",
    "kafka_dlt-original-offset",
    "kafka_dlt-original-timestamp",
    "kafka_dlt-original-timestamp-type",
];

const CHAIN: [&str; 5] = [
    names::ORIGINAL_TOPIC,
    names::ORIGINAL_PARTITION,
    names::ORIGINAL_OFFSET,
    names::ORIGINAL_TIMESTAMP,
    names::ORIGINAL_TIMESTAMP_TYPE,
];

impl Origin {
    /// Reads it from headers that can be believed; `None` if they do not tell topic, partition and offset.
    pub(crate) fn read(headers: Headers<'_>) -> Option<Self> {
        Self::read_from(headers, CHAIN).or_else(|| Self::read_from(headers, SPRING_BLOCKING))
    }

    fn read_from(headers: Headers<'_>, [topic, partition, offset, timestamp, kind]: [&str; 5]) -> Option<Self> {
        let text = |name| headers.get(name).and_then(|value| std::str::from_utf8(value).ok());
        let number = |name| headers.get(name).and_then(codec::number);
        let timed = text(kind) != Some(type_name(TimestampType::NotAvailable));
        Some(Self {
            topic: text(topic)?.to_owned(),
            partition: i32::try_from(number(partition)?).ok()?,
            offset: number(offset)?,
            timestamp: number(timestamp).filter(|_| timed).map(Timestamp::from_millis),
            group: text(names::GROUP).map(str::to_owned),
        })
    }

    /// The origin of a record that is still where it was first read.
    pub(crate) fn here(topic: &str, partition: i32, offset: i64, time: RecordTime, group: &str) -> Self {
        Self {
            topic: topic.to_owned(),
            partition,
            offset,
            timestamp: (time.kind != TimestampType::NotAvailable).then_some(time.at),
            group: Some(group.to_owned()),
        }
    }
}

/// Kafka's own name for it, as Java's client prints it.
pub(super) fn type_name(kind: TimestampType) -> &'static str {
    match kind {
        TimestampType::NotAvailable => "NoTimestampType",
        TimestampType::CreateTime => "CreateTime",
        TimestampType::LogAppendTime => "LogAppendTime",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{Body, HeaderBuf, OwnedBody};

    fn read(topic: &[u8], partition: &[u8], offset: &[u8], kind: &str) -> Option<Origin> {
        let values = [topic, partition, offset, &5i64.to_be_bytes(), kind.as_bytes()];
        let headers = CHAIN.into_iter().zip(values).map(|(name, value)| HeaderBuf::new(name, value.to_vec()));
        let body = OwnedBody { headers: headers.collect(), ..OwnedBody::default() };
        Origin::read(Headers::of(&body as &dyn Body))
    }

    #[test]
    fn an_origin_needs_a_place() {
        let (partition, offset) = (2i32.to_be_bytes(), 9i64.to_be_bytes());
        let origin = read(b"t", &partition, &offset, "CreateTime").unwrap();
        assert_eq!((origin.topic.as_str(), origin.partition, origin.offset, &origin.group), ("t", 2, 9, &None));
        assert_eq!(
            (origin.to_string().as_str(), origin.timestamp),
            ("t/2 at offset 9", Some(Timestamp::from_millis(5)))
        );
        assert_eq!(read(b"t", &partition, &offset, "NoTimestampType").unwrap().timestamp, None);
        assert_eq!(read(&[0xff], &partition, &offset, "CreateTime"), None);
        assert_eq!(read(b"t", &i64::MAX.to_be_bytes(), &offset, "CreateTime"), None);
        assert_eq!(read(b"t", &partition, &[], "CreateTime"), None);
    }

    #[test]
    fn a_record_that_is_still_here_tells_its_timestamp_if_it_has_one() {
        use TimestampType::{CreateTime, LogAppendTime, NotAvailable};
        let at = Timestamp::from_millis(5);
        let told = |kind| Origin::here("t", 2, 9, RecordTime { kind, at }, "g").timestamp;
        assert_eq!([CreateTime, LogAppendTime, NotAvailable].map(told), [Some(at), Some(at), None]);
    }
}
