//! The value as it is: `&[u8]`, `&str`, `Bytes`.

use bytes::Bytes;

use super::{Delivery, FromDelivery, Rejection};

/// The record's value, or the rejection of a null one.
pub(super) fn value<'d>(delivery: &'d Delivery<'d>) -> Result<&'d [u8], Rejection> {
    delivery.value().ok_or_else(|| {
        Rejection::missing("the record's value is null, a tombstone (to take those, write `Option<…>` around the type)")
    })
}

/// The value's bytes, borrowed from the record. Rejects null; `Option<&[u8]>` takes it.
#[diagnostic::do_not_recommend]
impl<'d> FromDelivery<'d> for &'d [u8] {
    fn from_delivery(delivery: &'d Delivery<'d>) -> Result<Self, Rejection> {
        value(delivery)
    }

    fn absent(delivery: &'d Delivery<'d>) -> bool {
        delivery.value().is_none()
    }
}

/// The value as text, borrowed from the record. Rejects null and what is not UTF-8.
#[diagnostic::do_not_recommend]
impl<'d> FromDelivery<'d> for &'d str {
    fn from_delivery(delivery: &'d Delivery<'d>) -> Result<Self, Rejection> {
        std::str::from_utf8(value(delivery)?).map_err(|error| Rejection::decode("the value is not UTF-8", error))
    }

    fn absent(delivery: &'d Delivery<'d>) -> bool {
        delivery.value().is_none()
    }
}

/// The value's bytes, copied, so that they can be kept. Rejects null.
#[diagnostic::do_not_recommend]
impl<'d> FromDelivery<'d> for Bytes {
    fn from_delivery(delivery: &'d Delivery<'d>) -> Result<Self, Rejection> {
        value(delivery).map(Bytes::copy_from_slice)
    }

    fn absent(delivery: &'d Delivery<'d>) -> bool {
        delivery.value().is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::RejectionKind;
    use crate::extract::sample::Sample;

    #[test]
    fn the_value_comes_as_bytes_and_as_text() {
        let sample = Sample::value("grüß");
        let delivery = sample.delivery();
        assert_eq!(<&[u8]>::from_delivery(&delivery).unwrap(), "grüß".as_bytes());
        assert_eq!(Bytes::from_delivery(&delivery).unwrap(), "grüß");
        assert_eq!(<&str>::from_delivery(&delivery).unwrap(), "grüß");
    }

    #[test]
    fn bytes_that_are_no_text_reject_text_only() {
        let sample = Sample::value([0xff, 0x00]);
        let delivery = sample.delivery();
        assert_eq!(<&str>::from_delivery(&delivery).unwrap_err().kind(), RejectionKind::Decode);
        assert!(Option::<&str>::from_delivery(&delivery).is_err(), "it is there");
        assert_eq!(<&[u8]>::from_delivery(&delivery).unwrap(), [0xff, 0x00]);
    }

    #[test]
    fn a_null_value_is_not_an_empty_one() {
        let (tombstone, empty) = (Sample::tombstone(), Sample::value(""));
        let (tombstone, empty) = (tombstone.delivery(), empty.delivery());
        assert_eq!(<&[u8]>::from_delivery(&tombstone).unwrap_err().kind(), RejectionKind::Missing);
        assert_eq!(Option::<&[u8]>::from_delivery(&tombstone).unwrap(), None);
        assert_eq!(Option::<&str>::from_delivery(&tombstone).unwrap(), None);
        assert_eq!(Option::<Bytes>::from_delivery(&tombstone).unwrap(), None);
        assert_eq!(Option::<&[u8]>::from_delivery(&empty).unwrap(), Some(&b""[..]));
    }
}
