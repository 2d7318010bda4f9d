//! What is left out of a record that the broker finds too large.
//!
//! A record that fitted the source topic has grown by its headers. What goes first is what is missed least; where even
//! that does not help, what remains names the original, so that it can still be found.

use super::{forward, names};
use crate::record::{Body, Header, Packed};

/// How much was left out of a record, from nothing to all but the headers about its past.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Shrink {
    /// Nothing.
    #[default]
    Whole,
    /// Of the error's trace and message the first kilobyte remains.
    ErrorCut,
    /// The error's trace is gone; its header stays, empty, for readers that insist on it.
    NoTrace,
    /// The value is gone, and the record is marked. It has only one place to go to, the DLT: a handler must not take it
    /// for a tombstone.
    NoValue,
    /// Key and the user's headers are gone, too.
    OriginOnly,
}

/// What remains of a text that is cut, in bytes.
const ERROR_LIMIT: usize = 1024;

impl Shrink {
    /// What to leave out next; `None` if nothing more can be.
    pub fn next(self) -> Option<Self> {
        match self {
            Self::Whole => Some(Self::ErrorCut),
            Self::ErrorCut => Some(Self::NoTrace),
            Self::NoTrace => Some(Self::NoValue),
            Self::NoValue => Some(Self::OriginOnly),
            Self::OriginOnly => None,
        }
    }

    /// What was left out, in words.
    pub fn left_out(self) -> &'static str {
        match self {
            Self::Whole => "nothing",
            Self::ErrorCut => "the end of the error's text",
            Self::NoTrace => "the error's trace",
            Self::NoValue => "its value",
            Self::OriginOnly => "its value, key and headers",
        }
    }

    /// Whether what is left may go to the DLT only.
    pub fn is_for_dlt(self) -> bool {
        self >= Self::NoValue
    }

    /// Leaves it out, and all that goes before it. `body` is what was to be written, or what is left of it; its headers
    /// are those of [`forward`](super::forward).
    pub fn apply(self, body: &Packed) -> Packed {
        let left_out = match self {
            Self::NoValue => Some("value"),
            Self::OriginOnly => Some("key, value, headers"),
            _ => None,
        };
        let mark = left_out.map(|text| Header { name: names::LEFT_OUT.as_bytes(), value: Some(text.as_bytes()) });
        let headers = || body.headers().iter().filter_map(|header| self.left_of(header)).chain(mark);
        let value = body.value().filter(|_| self < Self::NoValue);
        Packed::of(body.key().filter(|_| self < Self::OriginOnly), value, headers)
    }

    /// What is left of a header, if anything.
    fn left_of(self, header: Header<'_>) -> Option<Header<'_>> {
        let is = |name: &str| header.name == name.as_bytes();
        let goes = is(names::LEFT_OUT) && self >= Self::NoValue
            || !names::is_replaced(header.name) && self >= Self::OriginOnly;
        if goes {
            return None;
        }
        let limit = if is(names::ERROR_TRACE) && self >= Self::NoTrace {
            0
        } else if (is(names::ERROR_TRACE) || is(names::ERROR_MESSAGE)) && self >= Self::ErrorCut {
            ERROR_LIMIT
        } else {
            return Some(header);
        };
        let text = header.value.and_then(|value| std::str::from_utf8(value).ok());
        let cut = text.map(|text| forward::cut(text, limit).as_bytes());
        Some(Header { value: cut.or(header.value), ..header })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{HeaderBuf, OwnedBody};

    fn body() -> Packed {
        let headers = vec![
            HeaderBuf::new("x", "of the user".repeat(200)),
            HeaderBuf::new(names::ERROR_MESSAGE, "ü".repeat(3000)),
            HeaderBuf::new(names::ERROR_TRACE, "t".repeat(9000)),
            HeaderBuf::new(names::ORIGINAL_TOPIC, "t"),
            HeaderBuf::new(names::ORIGINAL_PARTITION, vec![0; 4]),
            HeaderBuf::new(names::ORIGINAL_OFFSET, vec![0; 8]),
        ];
        OwnedBody { key: Some("k".into()), value: Some("v".into()), headers }.pack().unwrap()
    }

    fn get<'b>(body: &'b Packed, name: &str) -> Option<&'b [u8]> {
        body.headers().get(name)
    }

    fn size(body: &Packed, name: &str) -> Option<usize> {
        get(body, name).map(<[u8]>::len)
    }

    fn has(body: &Packed, name: &str) -> bool {
        get(body, name).is_some()
    }

    #[test]
    fn what_is_missed_least_goes_first() {
        assert_eq!(Shrink::Whole.apply(&body()), body());

        let cut = Shrink::ErrorCut.apply(&body());
        assert_eq!((size(&cut, names::ERROR_MESSAGE), size(&cut, names::ERROR_TRACE)), (Some(1024), Some(1024)));
        assert_eq!(get(&cut, "x"), get(&body(), "x"), "however long");

        let no_trace = Shrink::NoTrace.apply(&body());
        assert_eq!((size(&no_trace, names::ERROR_MESSAGE), size(&no_trace, names::ERROR_TRACE)), (Some(1024), Some(0)));
        assert_eq!((no_trace.key(), no_trace.value()), (Some(&b"k"[..]), Some(&b"v"[..])));

        let no_value = Shrink::NoValue.apply(&body());
        assert_eq!((no_value.key(), no_value.value()), (Some(&b"k"[..]), None));
        assert!(has(&no_value, "x"));
        assert_eq!(get(&no_value, names::LEFT_OUT), Some(&b"value"[..]));

        let origin_only = Shrink::OriginOnly.apply(&body());
        assert_eq!((origin_only.key(), origin_only.value()), (None, None));
        assert!(!has(&origin_only, "x"));
        assert_eq!(get(&origin_only, names::LEFT_OUT), Some(&b"key, value, headers"[..]));
    }

    #[test]
    fn whatever_is_left_out_the_original_is_named() {
        let mut step = Some(Shrink::Whole);
        let mut told = Vec::new();
        while let Some(shrink) = step {
            let left = shrink.apply(&body());
            for name in [names::ORIGINAL_TOPIC, names::ORIGINAL_PARTITION, names::ORIGINAL_OFFSET] {
                assert!(has(&left, name), "{shrink:?}");
            }
            assert_eq!(
                shrink.is_for_dlt(),
                left.value().is_none(),
                "a null value must not reach a handler: {shrink:?}"
            );
            told.push(shrink.left_out());
            step = shrink.next();
        }
        let steps = ["nothing", "the end of the error's text", "the error's trace", "its value"];
        assert_eq!(told, [&steps[..], &["its value, key and headers"]].concat());
    }

    #[test]
    fn step_by_step_is_the_same_as_at_once() {
        let mut left = body();
        for shrink in [Shrink::ErrorCut, Shrink::NoTrace, Shrink::NoValue, Shrink::OriginOnly] {
            left = shrink.apply(&left);
            assert_eq!(left, shrink.apply(&body()), "{shrink:?}");
            assert_eq!(left, shrink.apply(&left), "{shrink:?}, and again");
        }
    }
}
