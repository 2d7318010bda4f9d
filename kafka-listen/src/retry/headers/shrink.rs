//! What is left out of a record that the broker finds too large.
//!
//! A record that fitted the source topic has grown by its headers. What goes first is what is missed least; where even
//! that does not help, what remains names the original, so that it can still be found.

use bytes::Bytes;

use super::{forward, names};
use crate::record::{HeaderBuf, OwnedBody};

/// How much was left out of a record, from nothing to all but the headers about its past.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Shrink {
    /// Nothing.
    #[default]
    Whole,
    /// Of the error's trace and message the first kilobyte remains.
    ErrorCut,
    /// The error's trace is gone.
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

    /// Whether what is left may go to the DLT only.
    pub fn is_for_dlt(self) -> bool {
        self >= Self::NoValue
    }

    /// Leaves it out, and all that goes before it. `body` is what was to be written, or what is left of it; its headers
    /// are those of [`forward`](super::forward).
    pub fn apply(self, mut body: OwnedBody) -> OwnedBody {
        if self >= Self::ErrorCut {
            for name in [names::ERROR_TRACE, names::ERROR_MESSAGE] {
                cut(&mut body.headers, name);
            }
        }
        if self >= Self::NoTrace {
            body.headers.retain(|header| header.name != names::ERROR_TRACE);
        }
        if self >= Self::NoValue {
            body.value = None;
            body.headers.retain(|header| header.name != names::LEFT_OUT);
        }
        if self >= Self::OriginOnly {
            body.key = None;
            body.headers.retain(|header| names::is_replaced(&header.name));
        }
        if self >= Self::NoValue {
            let left_out = if self == Self::NoValue { "value" } else { "key, value, headers" };
            body.headers.push(HeaderBuf::new(names::LEFT_OUT, left_out));
        }
        body
    }
}

fn cut(headers: &mut [HeaderBuf], name: &str) {
    for header in headers.iter_mut().filter(|header| header.name == name) {
        if let Some(text) = header.value.as_deref().and_then(|value| std::str::from_utf8(value).ok()) {
            header.value = Some(Bytes::copy_from_slice(forward::cut(text, ERROR_LIMIT).as_bytes()));
        }
    }
}
