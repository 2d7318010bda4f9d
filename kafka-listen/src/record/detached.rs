//! A record's bytes in one piece of memory, for records that wait: thousands of them are held, each mostly headers.

use super::{Body, Header, Headers};

/// Key, value, then name and value of each header, one behind the other.
pub(super) struct Detached {
    bytes: Box<[u8]>,
    pieces: Box<[Piece]>,
}

/// One of them; it begins where the one before ends.
#[derive(Clone, Copy)]
struct Piece {
    end: u32,
    is_null: bool,
}

/// Pieces before the first header.
const BODY: usize = 2;
/// What it takes to keep one beside its bytes: its places in the queues and in the memory allocator.
const KEEPING: usize = 300;

impl Detached {
    /// A copy.
    pub(super) fn copy(body: &dyn Body) -> Self {
        let headers = Headers::of(body);
        let all = || {
            let headers = headers.iter().flat_map(|header| [Some(header.name), header.value]);
            [body.key(), body.value()].into_iter().chain(headers)
        };
        let (count, size) = all().fold((0, 0), |(count, size), piece| (count + 1, size + piece.map_or(0, <[u8]>::len)));
        let (mut bytes, mut pieces) = (Vec::with_capacity(size), Vec::with_capacity(count));
        for piece in all() {
            bytes.extend_from_slice(piece.unwrap_or_default());
            // Kafka's own lengths have 31 bits.
            pieces.push(Piece { end: bytes.len() as u32, is_null: piece.is_none() });
        }
        Self { bytes: bytes.into(), pieces: pieces.into() }
    }

    /// `None` beyond the end; `Some(None)` is null.
    fn piece(&self, index: usize) -> Option<Option<&[u8]>> {
        let Piece { end, is_null } = *self.pieces.get(index)?;
        let begin = index.checked_sub(1).map_or(0, |before| self.pieces[before].end);
        Some((!is_null).then(|| &self.bytes[begin as usize..end as usize]))
    }
}

impl Body for Detached {
    fn key(&self) -> Option<&[u8]> {
        self.piece(0)?
    }

    fn value(&self) -> Option<&[u8]> {
        self.piece(1)?
    }

    fn header(&self, index: usize) -> Option<Header<'_>> {
        let name = BODY + 2 * index;
        Some(Header { name: self.piece(name)??, value: self.piece(name + 1)? })
    }

    fn memory(&self) -> usize {
        self.bytes.len() + size_of_val(&*self.pieces) + KEEPING
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
