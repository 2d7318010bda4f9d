//! A record that waits in a retry topic, written once more at its end.

use super::{RetryHeaders, codec, names};
use crate::clock::Timestamp;
use crate::record::{Header, Packed, Record};

/// The record as it is, but for its due time if that is not `due`, until which it waits: one beyond belief would be cut anew
/// where the copy is read, and the wait would begin again.
pub fn again(record: &Record, due: Timestamp) -> Packed {
    let headers = record.headers();
    if RetryHeaders::read(headers).due.is_none_or(|told| told == due) {
        return record.pack();
    }
    let is_due = |header: &Header<'_>| header.name == names::DUE.as_bytes();
    // Only the last of its name counts; the others are nobody's business.
    let last = headers.iter().enumerate().filter(|(_, header)| is_due(header)).last().map(|(index, _)| index);
    let bytes = due.as_millis().to_be_bytes();
    let value = Some(codec::shortest(&bytes));
    let with_due = |(index, header)| if Some(index) == last { Header { value, ..header } } else { header };
    Packed::of(record.key(), record.value(), || headers.iter().enumerate().map(with_due))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::record::{HeaderBuf, OwnedBody, RecordTime, TimestampType};
    use crate::retry::headers::any_header;

    fn record(headers: Vec<HeaderBuf>) -> Record {
        let body = OwnedBody { key: Some("k".into()), value: Some("".into()), headers };
        let time = RecordTime { kind: TimestampType::CreateTime, at: Timestamp::from_millis(1000) };
        Record::new(7, time, body)
    }

    #[test]
    fn of_several_due_times_the_last_is_set_right_and_the_others_stay() {
        let due = |bytes: &[u8]| HeaderBuf::new(names::DUE, bytes.to_vec());
        let [x, null] = [HeaderBuf::new("x", "1"), HeaderBuf { name: names::DUE.into(), value: None }];
        let beyond_belief = due(&[0x7f; 8]);
        let came = record(vec![null.clone(), beyond_belief.clone(), x.clone(), beyond_belief.clone(), x.clone()]);
        let copy = again(&came, Timestamp::from_millis(128)).to_owned_body();
        assert_eq!((copy.key, copy.value), (Some("k".into()), Some("".into())));
        assert_eq!(copy.headers, [null, beyond_belief, x.clone(), due(&[0, 0x80]), x]);
    }

    proptest! {
        #[test]
        fn what_is_written_again_is_due_when_it_is_waited_for_and_else_as_it_was(
            came_in in prop::collection::vec(any_header(), 0..12), due: i64,
        ) {
            let (came, due) = (record(came_in), Timestamp::from_millis(due));
            let told = RetryHeaders::read(came.headers());
            let copy = again(&came, due);
            let wanted = RetryHeaders { due: told.due.and(Some(due)), ..told };
            prop_assert_eq!(RetryHeaders::read(copy.headers()), wanted);
            let pairs: Vec<_> = came.headers().iter().zip(copy.headers().iter()).collect();
            prop_assert_eq!(pairs.len(), came.headers().len());
            prop_assert_eq!(copy.header_count(), pairs.len());
            prop_assert!(pairs.iter().all(|(before, after)| before.name == after.name));
            let changed = pairs.iter().filter(|(before, after)| before != after).count();
            prop_assert_eq!(changed, usize::from(told.due.is_some_and(|told| told != due)));
            if let Some(told) = told.due {
                prop_assert_eq!(again(&came, told), came.pack(), "however its number is written");
            }
        }
    }
}
