//! When a record began its way: the one time that travels with it.

use super::{codec, names};
use crate::clock::Timestamp;
use crate::record::{Record, TimestampType};

/// The timestamp of the first record; `None` where nobody knows it. Until its first failure that is the record's own, and so
/// it is where its headers are not `believed` or cannot be read.
pub fn first_timestamp(record: &Record, believed: bool) -> Option<Timestamp> {
    let told = if believed { record.headers().get(names::FIRST_TIMESTAMP).and_then(codec::number) } else { None };
    // Kafka's own way of saying that there is none is -1.
    let told = told.filter(|millis| *millis >= 0).map(Timestamp::from_millis);
    told.or_else(|| (record.time.kind != TimestampType::NotAvailable).then_some(record.time.at))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{HeaderBuf, OwnedBody, RecordTime};

    fn record(kind: TimestampType, header: Option<&[u8]>) -> Record {
        let headers = header.map(|value| HeaderBuf::new(names::FIRST_TIMESTAMP, value.to_vec())).into_iter().collect();
        let time = RecordTime { kind, at: Timestamp::from_millis(1000) };
        Record::new(7, time, OwnedBody { headers, ..OwnedBody::default() })
    }

    #[test]
    fn it_is_the_headers_where_that_is_believed_and_makes_sense_else_the_records_own() {
        let first = |header, believed| {
            let first = first_timestamp(&record(TimestampType::CreateTime, header), believed);
            first.map(Timestamp::as_millis)
        };
        assert_eq!(first(Some(&[0, 0x80]), true), Some(128));
        assert_eq!(first(Some(&[0, 0x80]), false), Some(1000), "on a source topic anybody could have written it");
        for senseless in [None, Some(&[][..]), Some(&[0xff]), Some(&[1; 9])] {
            assert_eq!(first(senseless, true), Some(1000), "{senseless:?}");
        }
        assert_eq!(first_timestamp(&record(TimestampType::NotAvailable, None), true), None);
    }
}
