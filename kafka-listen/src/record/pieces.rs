//! Byte strings in one piece of memory, each of them null or not: a record consists of some dozens, and the memory of each by
//! itself would cost more than all else that is done with it.

/// Byte strings in their order.
#[derive(Debug, Default)]
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
    /// Copies of these, which are gone through twice.
    pub(crate) fn copy<'a, I: Iterator<Item = Option<&'a [u8]>>>(pieces: impl Fn() -> I) -> Self {
        let (count, size) = pieces().fold((0, 0), |(count, size), it| (count + 1, size + it.map_or(0, <[u8]>::len)));
        let mut memory = Vec::with_capacity(count * END + size);
        let mut end = 0;
        for piece in pieces() {
            end += piece.map_or(0, <[u8]>::len) as u32;
            let null = if piece.is_none() { NULL } else { 0 };
            memory.extend_from_slice(&(end | null).to_ne_bytes());
        }
        pieces().flatten().for_each(|piece| memory.extend_from_slice(piece));
        Self { memory: memory.into(), count: count as u32 }
    }

    /// The string at this place. `None` beyond the end; `Some(None)` is null.
    pub(crate) fn get(&self, place: usize) -> Option<Option<&[u8]>> {
        let end = self.end(place)?;
        let begin = place.checked_sub(1).and_then(|before| self.end(before)).unwrap_or(0) & !NULL;
        let strings = &self.memory[self.count as usize * END..];
        Some((end & NULL == 0).then(|| &strings[begin as usize..end as usize]))
    }

    /// Bytes of memory behind it.
    pub(crate) fn memory(&self) -> usize {
        self.memory.len()
    }

    fn end(&self, place: usize) -> Option<u32> {
        let (ends, _) = self.memory[..self.count as usize * END].as_chunks();
        ends.get(place).map(|end| u32::from_ne_bytes(*end))
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
        }
    }
}
