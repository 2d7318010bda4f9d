//! Byte strings in one piece of memory, each of them null or not: a record consists of some dozens, and the memory of each by
//! itself would cost more than all else that is done with it.

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

    /// Copies of these, which are gone through twice.
    pub(crate) fn copy<'a, I: Iterator<Item = Option<&'a [u8]>>>(pieces: impl Fn() -> I) -> Self {
        let (count, bytes) = pieces().fold((0, 0), |(count, bytes), it| (count + 1, bytes + it.map_or(0, <[u8]>::len)));
        let ends = count * END;
        let mut memory = Vec::with_capacity(ends + bytes);
        memory.resize(ends, 0);
        // By `for_each`, since iterators that are chained and flattened are slow to ask one by one.
        pieces().enumerate().for_each(|(place, piece)| {
            memory.extend_from_slice(piece.unwrap_or_default());
            let end = (memory.len() - ends) as u32 | if piece.is_none() { NULL } else { 0 };
            memory[place * END..][..END].copy_from_slice(&end.to_ne_bytes());
        });
        Self { memory: memory.into(), count: count as u32 }
    }

    /// The string at this place. `None` beyond the end; `Some(None)` is null.
    pub(crate) fn get(&self, place: usize) -> Option<Option<&[u8]>> {
        let [piece] = self.some(place)?;
        Some(piece)
    }

    /// The strings at this place and the next ones, if there are as many.
    pub(crate) fn some<const N: usize>(&self, place: usize) -> Option<[Option<&[u8]>; N]> {
        let (ends, strings) = self.memory.split_at(self.len() * END);
        let ends = ends.as_chunks().0;
        let before = if place == 0 { 0 } else { u32::from_ne_bytes(*ends.get(place - 1)?) & !NULL };
        let mut begin = before as usize;
        let mut pieces = [None; N];
        for (piece, end) in pieces.iter_mut().zip(ends.get(place..place + N)?) {
            let end = u32::from_ne_bytes(*end);
            if end & NULL == 0 {
                *piece = Some(&strings[begin..end as usize]);
                begin = end as usize;
            }
        }
        Some(pieces)
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_goes_in_comes_out(pieces in prop::collection::vec(prop::option::of(prop::collection::vec(any::<u8>(), 0..5)), 0..9)) {
            let copy = Pieces::copy(|| pieces.iter().map(Option::as_deref));
            let back: Vec<_> = (0..).map_while(|place| copy.get(place)).collect();
            prop_assert_eq!(back, pieces.iter().map(Option::as_deref).collect::<Vec<_>>());
            prop_assert_eq!((copy.len(), copy.bytes()), (pieces.len(), pieces.iter().flatten().map(Vec::len).sum()));
        }
    }
}
