//! Many small pieces of bytes in one piece of memory.

use bytes::{Bytes, BytesMut};

use super::{Header, HeaderBuf};

/// Copies pieces into one allocation, which lives as long as the last of them does: a record that is kept or written anew
/// consists of some dozens, and the memory of each by itself would cost more than all else that is done with it.
pub(crate) struct Packing(BytesMut);

impl Packing {
    /// With room for so many bytes; what goes beyond costs another allocation.
    pub(crate) fn with_room(bytes: usize) -> Self {
        Self(BytesMut::with_capacity(bytes))
    }

    /// A copy of these bytes.
    pub(crate) fn add(&mut self, piece: &[u8]) -> Bytes {
        self.0.extend_from_slice(piece);
        self.0.split().freeze()
    }

    /// A copy of this header.
    pub(crate) fn header(&mut self, header: Header<'_>) -> HeaderBuf {
        HeaderBuf { name: self.add(header.name), value: header.value.map(|value| self.add(value)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_what_they_were_and_lie_side_by_side() {
        let mut packing = Packing::with_room(6);
        let pieces: Vec<_> = [&b"key"[..], b"", b"abc", b"beyond the room"].map(|it| packing.add(it)).into();
        assert_eq!(pieces, [&b"key"[..], b"", b"abc", b"beyond the room"]);
        assert_eq!(pieces[0].as_ptr().addr() + 3, pieces[2].as_ptr().addr());
    }
}
