//! Where and when the record was read: `Topic`, `Partition`, `Offset`, `Timestamp`, and the whole `&Delivery`.

use std::fmt;
use std::ops::Deref;

use super::{Delivery, FromDelivery, Rejection};
use crate::clock::Timestamp;
use crate::record::{TimestampType, TopicName};

/// The topic from which the record was read: the source topic, a retry topic or the dead-letter topic. As a parameter
/// it never rejects. Where the record came from at first is its [`Origin`](crate::Origin).
///
/// ```
/// use kafka_listen::{Offset, Partition, Topic};
///
/// async fn log(topic: Topic, Partition(partition): Partition, Offset(offset): Offset) {
///     println!("{topic}/{partition} at {offset}");
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Topic(pub TopicName);

/// The number of the partition from which the record was read. As a parameter it never rejects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Partition(pub i32);

/// The record's offset in the partition from which it was read. As a parameter it never rejects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Offset(pub i64);

#[diagnostic::do_not_recommend]
impl<'d> FromDelivery<'d> for Topic {
    fn from_delivery(delivery: &'d Delivery<'d>) -> Result<Self, Rejection> {
        Ok(Self(delivery.topic().clone()))
    }
}

#[diagnostic::do_not_recommend]
impl<'d> FromDelivery<'d> for Partition {
    fn from_delivery(delivery: &'d Delivery<'d>) -> Result<Self, Rejection> {
        Ok(Self(delivery.partition()))
    }
}

#[diagnostic::do_not_recommend]
impl<'d> FromDelivery<'d> for Offset {
    fn from_delivery(delivery: &'d Delivery<'d>) -> Result<Self, Rejection> {
        Ok(Self(delivery.offset()))
    }
}

/// The record's timestamp. Rejects a record that carries none, as very old producers write them; `Option<Timestamp>`
/// takes it. Who set it is told by [`Delivery::time`].
#[diagnostic::do_not_recommend]
impl<'d> FromDelivery<'d> for Timestamp {
    fn from_delivery(delivery: &'d Delivery<'d>) -> Result<Self, Rejection> {
        if Self::absent(delivery) {
            return Err(Rejection::missing("the record has no timestamp"));
        }
        Ok(delivery.time().at)
    }

    fn absent(delivery: &'d Delivery<'d>) -> bool {
        delivery.time().kind == TimestampType::NotAvailable
    }
}

/// All of it. Never rejects.
#[diagnostic::do_not_recommend]
impl<'d> FromDelivery<'d> for &'d Delivery<'d> {
    fn from_delivery(delivery: &'d Delivery<'d>) -> Result<Self, Rejection> {
        Ok(delivery)
    }
}

impl Deref for Topic {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for Partition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for Offset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::sample::Sample;
    use crate::record::RecordTime;

    #[test]
    fn a_record_knows_where_it_was_read() {
        let sample = Sample::value("v");
        let delivery = sample.delivery();
        let topic = Topic::from_delivery(&delivery).unwrap();
        assert_eq!((topic.to_string().as_str(), &*topic), ("orders", "orders"));
        assert_eq!(Partition::from_delivery(&delivery).unwrap(), Partition(3));
        assert_eq!(Offset::from_delivery(&delivery).unwrap(), Offset(17));
        assert_eq!(Timestamp::from_delivery(&delivery).unwrap(), Timestamp::from_millis(1_700_000_000_000));
        assert_eq!(<&Delivery<'_>>::from_delivery(&delivery).unwrap().offset(), 17);
    }

    #[test]
    fn a_record_may_have_no_timestamp() {
        let none = RecordTime { kind: TimestampType::NotAvailable, at: Timestamp::from_millis(-1) };
        let sample = Sample::value("v").at(none);
        assert!(Timestamp::from_delivery(&sample.delivery()).is_err());
        assert_eq!(Option::<Timestamp>::from_delivery(&sample.delivery()).unwrap(), None);
    }
}
