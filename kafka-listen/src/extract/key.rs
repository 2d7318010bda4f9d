//! `Key<T>`: the record's key.

use std::any::type_name;

use super::{Delivery, FromDelivery, FromHeader, Rejection};

/// The record's key, read as `T`: `&str`, `&[u8]`, `String`, `Bytes`, or whatever else can be read from a
/// [header](FromHeader).
///
/// Rejects a key that is no `T`, and a null one; to take that, too, write `Option<Key<T>>`. Numbers are read as text,
/// as in `"42"`. A key that Java's `LongSerializer` wrote is no text but eight bytes: take `Key<&[u8]>` and
/// `i64::from_be_bytes`.
///
/// ```
/// use kafka_listen::Key;
///
/// async fn customer_changed(Key(id): Key<u64>, name: &str) {
///     println!("customer {id} is called {name}");
/// }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Key<T>(pub T);

impl<'d, T: FromHeader<'d>> FromDelivery<'d> for Key<T> {
    fn from_delivery(delivery: &'d Delivery<'d>) -> Result<Self, Rejection> {
        match delivery.key() {
            Some(key) => T::from_header(key)
                .map(Key)
                .map_err(|error| Rejection::decode(format!("the key is no `{}`", type_name::<T>()), error)),
            None => T::absent()
                .map(Key)
                .ok_or_else(|| Rejection::missing("the record's key is null (to take those, write `Option<Key<…>>`)")),
        }
    }

    fn absent(delivery: &'d Delivery<'d>) -> bool {
        delivery.key().is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::RejectionKind;
    use crate::extract::sample::Sample;

    #[test]
    fn a_key_is_read_as_what_is_asked_for() {
        let sample = Sample::key("42");
        let delivery = sample.delivery();
        assert_eq!(Key::<&str>::from_delivery(&delivery).unwrap(), Key("42"));
        assert_eq!(Key::<&[u8]>::from_delivery(&delivery).unwrap(), Key(&b"42"[..]));
        assert_eq!(Key::<String>::from_delivery(&delivery).unwrap(), Key("42".to_owned()));
        assert_eq!(Key::<bytes::Bytes>::from_delivery(&delivery).unwrap(), Key("42".into()));
        assert_eq!(Key::<u64>::from_delivery(&delivery).unwrap(), Key(42));
    }

    #[test]
    fn a_key_that_is_something_else_is_rejected() {
        let sample = Sample::key([0, 0, 0, 0, 0, 0, 0, 42]);
        let rejection = Key::<i64>::from_delivery(&sample.delivery()).unwrap_err();
        assert_eq!(rejection.kind(), RejectionKind::Decode);
        assert!(rejection.to_string().starts_with("the key is no `i64`: "), "{rejection}");
        assert!(Option::<Key<i64>>::from_delivery(&sample.delivery()).is_err());
    }

    #[test]
    fn a_null_key_is_none_on_either_side() {
        let sample = Sample::value("no key");
        let delivery = sample.delivery();
        assert_eq!(Key::<&str>::from_delivery(&delivery).unwrap_err().kind(), RejectionKind::Missing);
        assert_eq!(Option::<Key<&str>>::from_delivery(&delivery).unwrap(), None);
        assert_eq!(Key::<Option<&str>>::from_delivery(&delivery).unwrap(), Key(None));
    }
}
