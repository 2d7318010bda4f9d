//! What a record went through before: `Attempt`, `Origin`, `LastError`.
//!
//! Headers tell it, and they are believed in retry topics and DLTs only. On a source topic anybody could have written
//! them; there every record is new.

use super::{Attempt, Delivery, FromDelivery, Rejection};
use crate::retry::{LastError, Origin};

/// Never rejects.
#[diagnostic::do_not_recommend]
impl<'d> FromDelivery<'d> for Attempt {
    fn from_delivery(delivery: &'d Delivery<'d>) -> Result<Self, Rejection> {
        Ok(delivery.attempt())
    }
}

/// Never rejects: a record that does not tell where it came from came from where it is.
#[diagnostic::do_not_recommend]
impl<'d> FromDelivery<'d> for Origin {
    fn from_delivery(delivery: &'d Delivery<'d>) -> Result<Self, Rejection> {
        let told = delivery.believed().then(|| Self::read(delivery.headers())).flatten();
        let here =
            || Self::here(delivery.topic(), delivery.partition(), delivery.offset(), delivery.time(), delivery.group());
        Ok(told.unwrap_or_else(here))
    }
}

/// Rejects a record that has not failed yet; `Option<LastError>` is `None` then.
#[diagnostic::do_not_recommend]
impl<'d> FromDelivery<'d> for LastError {
    fn from_delivery(delivery: &'d Delivery<'d>) -> Result<Self, Rejection> {
        last_error(delivery).ok_or_else(|| {
            Rejection::missing("no delivery of this record has failed yet (to take those, write `Option<LastError>`)")
        })
    }

    fn absent(delivery: &'d Delivery<'d>) -> bool {
        last_error(delivery).is_none()
    }
}

fn last_error(delivery: &Delivery<'_>) -> Option<LastError> {
    if delivery.believed() { LastError::read(delivery.headers()) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;
    use crate::extract::sample::Sample;
    use crate::record::HeaderBuf;

    fn dead() -> Sample {
        Sample::headers(vec![
            HeaderBuf::new("kafka_exception-fqcn", "email::SendError"),
            HeaderBuf::new("kafka_exception-message", "no such host"),
            HeaderBuf::new("kafka_original-topic", "email.send"),
            HeaderBuf::new("kafka_original-partition", 2i32.to_be_bytes().to_vec()),
            HeaderBuf::new("kafka_original-offset", 99i64.to_be_bytes().to_vec()),
            HeaderBuf::new("kafka_original-timestamp", 5i64.to_be_bytes().to_vec()),
            HeaderBuf::new("kafka_original-timestamp-type", "CreateTime"),
            HeaderBuf::new("kafka_dlt-original-consumer-group", "email"),
        ])
    }

    #[test]
    fn where_headers_are_believed_they_tell_the_past() {
        let sample = dead().believed();
        let delivery = sample.delivery();
        let origin = Origin::from_delivery(&delivery).unwrap();
        assert_eq!((origin.topic.as_str(), origin.partition, origin.offset), ("email.send", 2, 99));
        assert_eq!((origin.timestamp, origin.group.as_deref()), (Some(Timestamp::from_millis(5)), Some("email")));
        let error = LastError::from_delivery(&delivery).unwrap();
        assert_eq!(error.to_string(), "email::SendError: no such host");
        assert!(Option::<LastError>::from_delivery(&delivery).unwrap().is_some());
    }

    #[test]
    fn on_a_source_topic_they_are_not_believed() {
        let sample = dead();
        let delivery = sample.delivery();
        let origin = Origin::from_delivery(&delivery).unwrap();
        assert_eq!((origin.topic.as_str(), origin.partition, origin.offset), ("orders", 3, 17));
        assert_eq!(origin.group.as_deref(), Some("orders-group"));
        assert_eq!(Option::<LastError>::from_delivery(&delivery).unwrap(), None);
        assert!(LastError::from_delivery(&delivery).is_err());
    }

    #[test]
    fn a_believed_record_without_a_past_came_from_where_it_is() {
        let sample = Sample::value("written by hand").believed();
        assert_eq!(Origin::from_delivery(&sample.delivery()).unwrap().topic, "orders");
    }

    #[test]
    fn the_attempt_is_the_deliverys() {
        let sample = Sample::value("v");
        let attempt = Attempt::from_delivery(&sample.delivery()).unwrap();
        assert_eq!((attempt.number, attempt.of, attempt.is_last()), (2, 5, false));
    }
}
