//! Numbers of records within an assignment: nearly always neighbours, which are kept as one range.

use std::ops::Range;

/// Numbers in the order in which they were added.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Numbers(Vec<Range<u64>>);

impl Numbers {
    /// Adds one.
    pub(crate) fn push(&mut self, number: u64) {
        match self.0.last_mut() {
            Some(last) if last.end == number => last.end += 1,
            _ => self.0.push(number..number + 1),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl IntoIterator for Numbers {
    type Item = u64;
    type IntoIter = std::iter::Flatten<std::vec::IntoIter<Range<u64>>>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter().flatten()
    }
}

impl FromIterator<u64> for Numbers {
    fn from_iter<I: IntoIterator<Item = u64>>(numbers: I) -> Self {
        let mut all = Self::default();
        numbers.into_iter().for_each(|number| all.push(number));
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_in_comes_out_and_neighbours_take_no_room() {
        let numbers: Numbers = [3, 4, 5, 9, 8, 9].into_iter().collect();
        assert_eq!(numbers.0, [3..6, 9..10, 8..10]);
        assert!(!numbers.is_empty() && Numbers::default().is_empty());
        assert_eq!(numbers.into_iter().collect::<Vec<_>>(), [3, 4, 5, 9, 8, 9]);
    }
}
