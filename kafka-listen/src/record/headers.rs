//! The headers of a record: an ordered list of names and values, both of them raw bytes.
//!
//! Kafka allows a name twice, a null value, and bytes that are no UTF-8, in names too. What is read here can be
//! written again byte for byte; turning bytes into something nicer is the extractors' work.

use std::slice;

use bytes::Bytes;

use super::Body;
use super::pieces::Walk;

/// One header, borrowed from its record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header<'a> {
    /// The name: UTF-8 by convention only.
    pub name: &'a [u8],
    /// The value; `None` is Kafka's null, which is not the same as an empty value.
    pub value: Option<&'a [u8]>,
}

impl Header<'_> {
    /// Bytes of name and value.
    pub(crate) fn size(&self) -> usize {
        self.name.len() + self.value.map_or(0, <[u8]>::len)
    }
}

/// One header that owns its bytes, to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeaderBuf {
    /// The name.
    pub name: Bytes,
    /// The value; `None` is Kafka's null.
    pub value: Option<Bytes>,
}

impl HeaderBuf {
    /// A header with a value.
    pub fn new(name: impl Into<Bytes>, value: impl Into<Bytes>) -> Self {
        Self { name: name.into(), value: Some(value.into()) }
    }

    /// The same header, borrowed.
    pub fn as_header(&self) -> Header<'_> {
        Header { name: &self.name, value: self.value.as_deref() }
    }
}

/// All headers of a record, in their order, borrowed from it. As a handler's parameter it never rejects.
///
/// Of several headers with one name [`last`](Self::last) takes the last, which is Kafka's custom.
#[derive(Clone, Copy)]
pub struct Headers<'a>(&'a dyn Body);

impl<'a> Headers<'a> {
    pub(crate) fn of(body: &'a dyn Body) -> Self {
        Self(body)
    }

    /// All headers in the order in which they were written.
    pub fn iter(self) -> impl Iterator<Item = Header<'a>> {
        self.0.headers()
    }

    /// The last header called `name`.
    pub fn last(self, name: impl AsRef<[u8]>) -> Option<Header<'a>> {
        let name = name.as_ref();
        self.iter().filter(|header| header.name == name).last()
    }

    /// The bytes of the last header called `name`; `None` if there is none or its value is null.
    pub fn get(self, name: impl AsRef<[u8]>) -> Option<&'a [u8]> {
        self.last(name)?.value
    }

    /// How many headers there are.
    pub fn len(self) -> usize {
        self.iter().count()
    }

    /// Whether there is no header.
    pub fn is_empty(self) -> bool {
        self.iter().next().is_none()
    }
}

/// Headers, one after the other.
#[doc(hidden)]
pub struct HeaderIter<'a>(Kept<'a>);

/// How a body keeps them.
enum Kept<'a> {
    /// Name and value in turn.
    Packed(Walk<'a>),
    Apart(slice::Iter<'a, HeaderBuf>),
}

impl<'a> HeaderIter<'a> {
    /// Names and values in turn, from there on.
    pub(crate) fn from(pieces: Walk<'a>) -> Self {
        Self(Kept::Packed(pieces))
    }

    /// These.
    pub(crate) fn of(headers: &'a [HeaderBuf]) -> Self {
        Self(Kept::Apart(headers.iter()))
    }
}

impl<'a> Iterator for HeaderIter<'a> {
    type Item = Header<'a>;

    #[inline]
    fn next(&mut self) -> Option<Header<'a>> {
        match &mut self.0 {
            Kept::Packed(pieces) => Some(Header { name: pieces.next()??, value: pieces.next()? }),
            Kept::Apart(headers) => headers.next().map(HeaderBuf::as_header),
        }
    }
}

impl std::fmt::Debug for Headers<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_map()
            .entries(
                self.iter()
                    .map(|header| (String::from_utf8_lossy(header.name), header.value.map(String::from_utf8_lossy))),
            )
            .finish()
    }
}
