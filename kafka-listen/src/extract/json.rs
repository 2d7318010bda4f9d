//! `Json<T>`: the value, decoded from JSON.

use std::any::type_name;
use std::ops::{Deref, DerefMut};

use serde::Deserialize;

use super::value::value;
use super::{Delivery, FromDelivery, Rejection};

/// The record's value, decoded from JSON. `T` may borrow from the record, which saves its copies.
///
/// Rejects a value that is no JSON for `T`, and a null one; to take that, too, write `Option<Json<T>>`.
///
/// ```
/// use kafka_listen::Json;
///
/// #[derive(serde::Deserialize)]
/// struct Mail<'m> {
///     to: &'m str,
/// }
///
/// async fn send_mail(Json(mail): Json<Mail<'_>>) {
///     println!("to {}", mail.to);
/// }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Json<T>(pub T);

impl<'d, T: Deserialize<'d>> FromDelivery<'d> for Json<T> {
    fn from_delivery(delivery: &'d Delivery<'d>) -> Result<Self, Rejection> {
        serde_json::from_slice(value(delivery)?)
            .map(Json)
            .map_err(|error| Rejection::decode(format!("the value is no JSON for `{}`", type_name::<T>()), error))
    }

    fn absent(delivery: &'d Delivery<'d>) -> bool {
        delivery.value().is_none()
    }
}

impl<T> Deref for Json<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> DerefMut for Json<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::RejectionKind;
    use crate::extract::sample::Sample;

    #[derive(Debug, PartialEq, serde::Deserialize)]
    struct Mail<'m> {
        to: &'m str,
    }

    #[test]
    fn a_value_may_be_borrowed_from_the_record() {
        let sample = Sample::value(r#"{"to":"a@b"}"#);
        let delivery = sample.delivery();
        let Json(mail) = Json::<Mail<'_>>::from_delivery(&delivery).unwrap();
        assert_eq!(mail, Mail { to: "a@b" });
        let range = delivery.value().unwrap().as_ptr_range();
        assert!(range.contains(&mail.to.as_ptr()), "not a copy");
    }

    #[test]
    fn what_is_no_such_json_is_rejected_with_type_and_place() {
        for bad in ["", "{", r#"{"to":1}"#, r#"{"to":"a"} x"#] {
            let sample = Sample::value(bad);
            let rejection = Json::<Mail<'_>>::from_delivery(&sample.delivery()).unwrap_err();
            assert_eq!(rejection.kind(), RejectionKind::Decode, "{bad}");
        }
        let sample = Sample::value("[");
        let rejection = Json::<Vec<u8>>::from_delivery(&sample.delivery()).unwrap_err().to_string();
        assert_eq!(
            rejection,
            "the value is no JSON for `alloc::vec::Vec<u8>`: EOF while parsing a list at line 1 column 1"
        );
    }

    #[test]
    fn null_is_a_tombstone_and_no_json_null() {
        let tombstone = Sample::tombstone();
        let rejection = Json::<Option<u8>>::from_delivery(&tombstone.delivery()).unwrap_err();
        assert_eq!(rejection.kind(), RejectionKind::Missing);
        assert_eq!(Option::<Json<u8>>::from_delivery(&tombstone.delivery()).unwrap(), None);
        let null = Sample::value("null");
        assert_eq!(Json::<Option<u8>>::from_delivery(&null.delivery()).unwrap(), Json(None));
        assert!(Option::<Json<u8>>::from_delivery(&null.delivery()).is_err(), "it is there and is no number");
    }
}
