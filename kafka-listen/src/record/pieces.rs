//! Byte strings in one piece of memory, each of them null or not: a record consists of some dozens, and the memory of each by
//! itself would cost more than all else that is done with it.

use std::slice;

/// Byte strings in their order.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Pieces {
    /// Where each ends, counted from the first; then the strings, one behind the other.
    memory: Box<[u8]>,
    count: u32,
}

/// In place of an end: the highest bit says that the string is null. Kafka's own lengths have 31 bits.
const NULL: u32 = 1 << 31;
/// Bytes of an end.
const END: usize = size_of::<u32>();

impl Pieces {
    /// The most bytes that the strings may have together.
    pub(super) const MOST: usize = (NULL - 1) as usize;

    /// The string at this place. `None` beyond the end; `Some(None)` is null.
    pub(crate) fn get(&self, place: usize) -> Option<Option<&[u8]>> {
        self.from(place).next()
    }

    /// The strings from this place on.
    #[inline]
    pub(crate) fn from(&self, place: usize) -> Walk<'_> {
        let (ends, strings) = self.memory.split_at(self.len() * END);
        let ends = ends.as_chunks().0;
        let before = place.checked_sub(1).and_then(|before| ends.get(before)).map_or(0, |end| u32::from_ne_bytes(*end));
        Walk { ends: ends.get(place..).unwrap_or_default().iter(), strings, begin: (before & !NULL) as usize }
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.count as usize
    }

    /// Bytes of memory behind it.
    pub(crate) fn memory(&self) -> usize {
        self.memory.len()
    }

    /// Bytes of all strings together.
    pub(super) fn bytes(&self) -> usize {
        self.memory.len() - self.len() * END
    }
}

/// Byte strings, one after the other.
pub(crate) struct Walk<'a> {
    ends: slice::Iter<'a, [u8; END]>,
    strings: &'a [u8],
    begin: usize,
}

impl<'a> Iterator for Walk<'a> {
    type Item = Option<&'a [u8]>;

    #[inline]
    fn next(&mut self) -> Option<Option<&'a [u8]>> {
        let end = u32::from_ne_bytes(*self.ends.next()?);
        if end & NULL != 0 {
            return Some(None);
        }
        let begin = std::mem::replace(&mut self.begin, end as usize);
        Some(Some(&self.strings[begin..end as usize]))
    }
}

/// Byte strings that are being put together, of which count and length are known.
pub(crate) struct Packing {
    memory: Vec<u8>,
    ends: usize,
    place: usize,
}

impl Packing {
    /// For so many strings with so many bytes in all.
    pub(crate) fn new(count: usize, bytes: usize) -> Self {
        let ends = count * END;
        let mut memory = Vec::with_capacity(ends + bytes);
        memory.resize(ends, 0);
        Self { memory, ends, place: 0 }
    }

    /// Adds a string.
    #[inline]
    pub(crate) fn push(&mut self, piece: Option<&[u8]>) {
        self.memory.extend_from_slice(piece.unwrap_or_default());
        let end = (self.memory.len() - self.ends) as u32 | if piece.is_none() { NULL } else { 0 };
        self.memory[self.place..][..END].copy_from_slice(&end.to_ne_bytes());
        self.place += END;
    }

    /// All of them.
    pub(crate) fn done(self) -> Pieces {
        debug_assert_eq!(self.place, self.ends, "as many strings as were announced");
        Pieces { memory: self.memory.into(), count: (self.ends / END) as u32 }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_goes_in_comes_out(pieces in prop::collection::vec(prop::option::of(prop::collection::vec(any::<u8>(), 0..5)), 0..9)) {
            let mut packing = Packing::new(pieces.len(), pieces.iter().flatten().map(Vec::len).sum());
            pieces.iter().for_each(|piece| packing.push(piece.as_deref()));
            let copy = packing.done();
            for place in 0..pieces.len() + 2 {
                let rest: Vec<_> = copy.from(place).collect();
                prop_assert_eq!(rest, pieces.iter().skip(place).map(Option::as_deref).collect::<Vec<_>>());
            }
            let back: Vec<_> = (0..).map_while(|place| copy.get(place)).collect();
            prop_assert_eq!(back, pieces.iter().map(Option::as_deref).collect::<Vec<_>>());
            prop_assert_eq!((copy.len(), copy.bytes()), (pieces.len(), pieces.iter().flatten().map(Vec::len).sum()));
        }
    }
}
