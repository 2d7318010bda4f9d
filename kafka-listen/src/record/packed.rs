//! A record's bytes in one piece of memory, for records that wait, thousands of them, each mostly headers, and for those that
//! are written: what one thread allocates and another frees is worth being one thing.

use std::fmt;

use bytes::Bytes;

use super::pieces::{Packing, Pieces};
use super::{Body, Header, HeaderBuf, HeaderIter, Headers, OwnedBody};

/// Key, value, then name and value of each header.
#[derive(Clone, PartialEq, Eq)]
pub struct Packed(Pieces);

/// Pieces before the first header.
const BODY: usize = 2;
/// What it takes to keep one beside its bytes: its places in the queues and in the memory allocator.
const KEEPING: usize = 300;

impl Packed {
    /// A copy of a body that has no more bytes than Kafka takes.
    pub(super) fn copy(body: &dyn Body) -> Self {
        Self::of(body.key(), body.value(), || Headers::of(body).iter())
    }

    /// A copy of this key, this value and these headers, which are gone through twice.
    pub(crate) fn of<'a, I: Iterator<Item = Header<'a>>>(
        key: Option<&'a [u8]>,
        value: Option<&'a [u8]>,
        headers: impl Fn() -> I,
    ) -> Self {
        let beside = [key, value].into_iter().flatten().map(<[u8]>::len).sum();
        let sum = |(count, bytes), header: Header<'_>| (count + 2, bytes + header.size());
        let (count, bytes) = headers().fold((BODY, beside), sum);
        let mut pieces = Packing::new(count, bytes);
        [key, value].into_iter().for_each(|piece| pieces.push(piece));
        // By `for_each`, since iterators that are chained are slow to ask one by one.
        headers().for_each(|header| {
            pieces.push(Some(header.name));
            pieces.push(header.value);
        });
        Self(pieces.done())
    }

    /// The headers.
    pub fn headers(&self) -> Headers<'_> {
        Headers::of(self)
    }

    /// How many headers there are.
    pub(crate) fn header_count(&self) -> usize {
        self.0.len().saturating_sub(BODY) / 2
    }

    /// Bytes of key, value and headers.
    pub fn size(&self) -> usize {
        self.0.bytes()
    }

    /// Its parts, copied, to be changed.
    pub fn to_owned_body(&self) -> OwnedBody {
        let copy = |bytes: &[u8]| bytes.to_vec().into();
        let header = |it: Header<'_>| HeaderBuf { name: copy(it.name), value: it.value.map(copy) };
        OwnedBody {
            key: self.key().map(copy),
            value: self.value().map(copy),
            headers: self.headers().iter().map(header).collect(),
        }
    }
}

impl Body for Packed {
    fn key(&self) -> Option<&[u8]> {
        self.0.get(0)?
    }

    fn value(&self) -> Option<&[u8]> {
        self.0.get(1)?
    }

    fn headers(&self) -> HeaderIter<'_> {
        HeaderIter::from(self.0.from(BODY))
    }

    fn memory(&self) -> usize {
        self.0.memory() + KEEPING
    }
}

impl OwnedBody {
    /// The same in one piece.
    ///
    /// # Errors
    /// It has more bytes than any broker takes.
    pub fn pack(&self) -> Result<Packed, TooManyBytes> {
        let bytes = self.size();
        (bytes <= Pieces::MOST).then(|| Packed::copy(self)).ok_or(TooManyBytes(bytes))
    }

    fn size(&self) -> usize {
        let main = [&self.key, &self.value].into_iter().flatten().map(Bytes::len);
        main.chain(self.headers.iter().map(|header| header.as_header().size())).sum()
    }
}

/// A record of so many bytes, more than any broker takes.
#[derive(Debug, thiserror::Error)]
#[error("the record has {0} bytes, more than Kafka takes")]
pub struct TooManyBytes(usize);

impl fmt::Debug for Packed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.to_owned_body().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn bytes() -> impl Strategy<Value = Bytes> {
        prop::collection::vec(any::<u8>(), 0..5).prop_map(Bytes::from)
    }

    prop_compose! {
        fn body()(
            key in prop::option::of(bytes()),
            value in prop::option::of(bytes()),
            headers in prop::collection::vec((bytes(), prop::option::of(bytes())), 0..5),
        ) -> OwnedBody {
            let headers = headers.into_iter().map(|(name, value)| HeaderBuf { name, value }).collect();
            OwnedBody { key, value, headers }
        }
    }

    proptest! {
        #[test]
        fn a_copy_is_what_it_was_copied_from(body in body()) {
            let copy = Packed::copy(&body);
            prop_assert_eq!((copy.key(), copy.value()), (body.key.as_deref(), body.value.as_deref()));
            let headers: Vec<_> = copy.headers().iter().collect();
            let expected: Vec<_> = body.headers.iter().map(HeaderBuf::as_header).collect();
            prop_assert_eq!(headers, expected);
            prop_assert_eq!(copy.header_count(), body.headers.len());
            prop_assert_eq!(&copy.to_owned_body(), &body);
            prop_assert_eq!(&body.pack().unwrap(), &copy);
            let built = Packed::of(copy.key(), copy.value(), || body.headers.iter().map(HeaderBuf::as_header));
            prop_assert_eq!(built, copy);
        }
    }
}
