//! A record's bytes in one piece of memory, for records that wait: thousands of them are held, each mostly headers.

use super::{Body, Header, Headers, Pieces};

/// Key, value, then name and value of each header.
pub(super) struct Detached(Pieces);

/// Pieces before the first header.
const BODY: usize = 2;
/// What it takes to keep one beside its bytes: its places in the queues and in the memory allocator.
const KEEPING: usize = 300;

impl Detached {
    /// A copy.
    pub(super) fn copy(body: &dyn Body) -> Self {
        let headers = Headers::of(body);
        let headers = || headers.iter().flat_map(|header| [Some(header.name), header.value]);
        Self(Pieces::copy(|| [body.key(), body.value()].into_iter().chain(headers())))
    }
}

impl Body for Detached {
    fn key(&self) -> Option<&[u8]> {
        self.0.get(0)?
    }

    fn value(&self) -> Option<&[u8]> {
        self.0.get(1)?
    }

    fn header(&self, index: usize) -> Option<Header<'_>> {
        let name = BODY + 2 * index;
        Some(Header { name: self.0.get(name)??, value: self.0.get(name + 1)? })
    }

    fn memory(&self) -> usize {
        self.0.memory() + KEEPING
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use proptest::prelude::*;

    use super::*;
    use crate::record::{HeaderBuf, OwnedBody};

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
            let copy = Detached::copy(&body);
            prop_assert_eq!((copy.key(), copy.value()), (body.key.as_deref(), body.value.as_deref()));
            let headers: Vec<_> = Headers::of(&copy).iter().collect();
            let expected: Vec<_> = body.headers.iter().map(HeaderBuf::as_header).collect();
            prop_assert_eq!(headers, expected);
        }
    }
}
