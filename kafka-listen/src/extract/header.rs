//! What the value of a header, or a key, can be read as.

use std::error::Error;
use std::str::FromStr;

use bytes::Bytes;

use super::{Delivery, FromDelivery, FromHeader, Rejection};
use crate::record::Headers;

type ReadError = Box<dyn Error + Send + Sync>;

impl<'d> FromHeader<'d> for &'d [u8] {
    fn from_header(value: &'d [u8]) -> Result<Self, ReadError> {
        Ok(value)
    }
}

// rustc lists it only where the user's own crate knows `bytes`, and messages should not depend on that.
#[diagnostic::do_not_recommend]
impl<'d> FromHeader<'d> for Bytes {
    fn from_header(value: &'d [u8]) -> Result<Self, ReadError> {
        Ok(Self::copy_from_slice(value))
    }
}

impl<'d> FromHeader<'d> for &'d str {
    fn from_header(value: &'d [u8]) -> Result<Self, ReadError> {
        Ok(std::str::from_utf8(value)?)
    }
}

impl<'d> FromHeader<'d> for String {
    fn from_header(value: &'d [u8]) -> Result<Self, ReadError> {
        Ok(<&str>::from_header(value)?.to_owned())
    }
}

/// Numbers and `bool` are read as text, which is how most services write them.
macro_rules! from_text {
    ($($ty:ty)*) => {
        $(
            /// Read as text.
            impl<'d> FromHeader<'d> for $ty {
                fn from_header(value: &'d [u8]) -> Result<Self, ReadError> {
                    parse(value)
                }
            }
        )*
    };
}

from_text!(bool i8 i16 i32 i64 i128 isize u8 u16 u32 u64 u128 usize f32 f64);

fn parse<T: FromStr<Err: Error + Send + Sync + 'static>>(value: &[u8]) -> Result<T, ReadError> {
    let text = std::str::from_utf8(value)?;
    text.parse().map_err(|error| format!("{text:?}: {error}").into())
}

/// `None` where the header is missing, or null. What is there and cannot be read is still a rejection.
impl<'d, T: FromHeader<'d>> FromHeader<'d> for Option<T> {
    fn from_header(value: &'d [u8]) -> Result<Self, ReadError> {
        T::from_header(value).map(Some)
    }

    fn absent() -> Option<Self> {
        Some(None)
    }
}

/// Hands the handler the rejection instead of sending the record to the dead-letter topic.
impl<'d, T: FromHeader<'d>> FromHeader<'d> for Result<T, Rejection> {
    fn from_header(value: &'d [u8]) -> Result<Self, ReadError> {
        Ok(T::from_header(value).map_err(|error| Rejection::decode("the header cannot be read", error)))
    }

    fn absent() -> Option<Self> {
        Some(T::absent().ok_or_else(|| Rejection::missing("the header is missing, or null")))
    }
}

/// All headers, as bytes. Never rejects.
#[diagnostic::do_not_recommend]
impl<'d> FromDelivery<'d> for Headers<'d> {
    fn from_delivery(delivery: &'d Delivery<'d>) -> Result<Self, Rejection> {
        Ok(delivery.headers())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::__private::header;
    use crate::extract::RejectionKind;
    use crate::extract::sample::Sample;
    use crate::record::HeaderBuf;

    fn sample() -> Sample {
        let null = HeaderBuf { name: "null".into(), value: None };
        Sample::headers(vec![
            HeaderBuf::new("text", "acme"),
            HeaderBuf::new("number", "-7"),
            HeaderBuf::new("yes", "true"),
            HeaderBuf::new("empty", ""),
            HeaderBuf::new("bytes", &[0xff][..]),
            HeaderBuf::new("twice", "one"),
            HeaderBuf::new("twice", "two"),
            HeaderBuf::new(&[0xfe][..], "name is no text"),
            null,
        ])
    }

    #[test]
    fn a_header_is_read_as_what_is_asked_for() {
        let sample = sample();
        let delivery = sample.delivery();
        assert_eq!(header::<&str>(&delivery, "text").unwrap(), "acme");
        assert_eq!(header::<String>(&delivery, "text").unwrap(), "acme");
        assert_eq!(header::<Bytes>(&delivery, "bytes").unwrap(), &[0xff][..]);
        assert_eq!(header::<&[u8]>(&delivery, "bytes").unwrap(), [0xff]);
        assert_eq!(header::<i8>(&delivery, "number").unwrap(), -7);
        assert_eq!(header::<f64>(&delivery, "number").unwrap(), -7.0);
        assert!(header::<bool>(&delivery, "yes").unwrap());
        assert_eq!(header::<&str>(&delivery, "empty").unwrap(), "");
    }

    #[test]
    fn the_last_of_several_counts_and_all_are_in_headers() {
        let sample = sample();
        let delivery = sample.delivery();
        assert_eq!(header::<&str>(&delivery, "twice").unwrap(), "two");
        let all = Headers::from_delivery(&delivery).unwrap();
        assert_eq!(all.iter().filter(|header| header.name == b"twice").count(), 2);
        assert_eq!(all.len(), 9);
    }

    #[test]
    fn a_header_that_is_something_else_is_rejected() {
        let sample = sample();
        let delivery = sample.delivery();
        let rejection = header::<u8>(&delivery, "number").unwrap_err();
        assert_eq!(rejection.kind(), RejectionKind::Decode);
        assert_eq!(rejection.to_string(), r#"the header `number` cannot be read: "-7": invalid digit found in string"#);
        assert_eq!(header::<&str>(&delivery, "bytes").unwrap_err().kind(), RejectionKind::Decode);
        assert_eq!(header::<Option<u8>>(&delivery, "text").unwrap_err().kind(), RejectionKind::Decode);
        assert!(header::<Result<u8, Rejection>>(&delivery, "text").unwrap().is_err());
    }

    #[test]
    fn missing_and_null_are_the_same() {
        let sample = sample();
        let delivery = sample.delivery();
        for name in ["null", "missing"] {
            assert_eq!(header::<&str>(&delivery, name).unwrap_err().kind(), RejectionKind::Missing, "{name}");
            assert_eq!(header::<Option<&str>>(&delivery, name).unwrap(), None, "{name}");
            let result = header::<Result<&str, Rejection>>(&delivery, name).unwrap();
            assert_eq!(result.unwrap_err().kind(), RejectionKind::Missing, "{name}");
        }
    }
}
