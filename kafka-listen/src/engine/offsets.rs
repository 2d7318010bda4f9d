//! Which offset may be committed: the end of the unbroken run of finished records.
//!
//! The run goes over the records that *came*, never over offset + 1: control records, aborted transactions and
//! compaction leave gaps that no record will ever fill.

use std::collections::VecDeque;

use crate::sabotage::{Rule, broken};

/// The records of one partition between the last commit and the last fetch.
#[derive(Debug)]
pub(crate) struct Offsets {
    first: u64,
    came: VecDeque<Came>,
    unfinished: usize,
    unfinished_bytes: usize,
    next: i64,
    sent: Option<i64>,
    confirmed: Option<i64>,
}

#[derive(Debug)]
struct Came {
    offset: i64,
    bytes: usize,
    finished: bool,
}

impl Offsets {
    /// Begins at `start`; `committed` is what the group has committed, `None` on a first assignment.
    pub(crate) fn new(start: i64, committed: Option<i64>) -> Self {
        Self {
            first: 0,
            came: VecDeque::new(),
            unfinished: 0,
            unfinished_bytes: 0,
            next: start,
            sent: committed,
            confirmed: committed,
        }
    }

    /// Takes note of a record, and gives it a number within this assignment.
    pub(crate) fn came(&mut self, offset: i64, bytes: usize) -> u64 {
        let number = self.next_number();
        self.came.push_back(Came { offset, bytes, finished: false });
        self.unfinished += 1;
        self.unfinished_bytes += bytes;
        number
    }

    /// The number of the next record that comes.
    pub(crate) fn next_number(&self) -> u64 {
        self.first + self.came.len() as u64
    }

    /// The record has ended. A second end of one record changes nothing.
    pub(crate) fn finish(&mut self, number: u64) {
        let Some(index) = number.checked_sub(self.first).and_then(|index| usize::try_from(index).ok()) else { return };
        let Some(came) = self.came.get_mut(index) else { return };
        if std::mem::replace(&mut came.finished, true) {
            return;
        }
        self.unfinished -= 1;
        self.unfinished_bytes -= came.bytes;
        if broken(Rule::UnbrokenRun) {
            self.next = self.next.max(came.offset + 1);
        }
        while let Some(came) =
            self.came.pop_front_if(|came| came.finished && (came.offset == self.next || !broken(Rule::Gaps)))
        {
            self.first += 1;
            self.next = came.offset + 1;
            if broken(Rule::WholeRun) {
                break;
            }
        }
    }

    /// The consumer stands at `position` and nothing that it read is unfinished: what lies between is no record.
    pub(crate) fn stands_at(&mut self, position: i64) {
        if self.came.is_empty() {
            self.next = self.next.max(position);
        }
    }

    /// The offset to be committed, if it was not sent yet.
    pub(crate) fn unsent(&self) -> Option<i64> {
        (self.sent != Some(self.next)).then_some(self.next)
    }

    /// A commit of `offset` is on its way.
    pub(crate) fn sent(&mut self, offset: i64) {
        self.sent = Some(offset);
    }

    /// A commit of `offset` was answered; one that failed will be sent again.
    pub(crate) fn answered(&mut self, offset: i64, succeeded: bool) {
        if succeeded {
            self.confirmed = Some(offset);
        } else if self.sent == Some(offset) && !broken(Rule::CommitAgain) {
            self.sent = self.confirmed;
        }
    }

    /// Whether all that may be committed is known to be.
    pub(crate) fn is_confirmed(&self) -> bool {
        self.confirmed == Some(self.next)
    }

    /// Records from the oldest unfinished one on, finished ones behind it included.
    pub(crate) fn window(&self) -> usize {
        self.came.len()
    }

    /// How many records of the window have finished.
    pub(crate) fn finished(&self) -> usize {
        self.came.len() - self.unfinished
    }

    /// Those that have not finished.
    pub(crate) fn unfinished(&self) -> impl Iterator<Item = u64> {
        self.unfinished_below(u64::MAX)
    }

    /// Those below `number` that have not finished.
    pub(crate) fn unfinished_below(&self, number: u64) -> impl Iterator<Item = u64> {
        (self.first..number).zip(&self.came).filter(|(_, came)| !came.finished).map(|(number, _)| number)
    }

    /// Those of the window below `number` that have finished.
    pub(crate) fn finished_below(&self, number: u64) -> impl Iterator<Item = u64> {
        (self.first..number).zip(&self.came).filter(|(_, came)| came.finished).map(|(number, _)| number)
    }

    /// Bytes of the records that have not finished.
    pub(crate) fn unfinished_bytes(&self) -> usize {
        self.unfinished_bytes
    }

    /// The offset of a record that has not left the window.
    pub(crate) fn offset_of(&self, number: u64) -> Option<i64> {
        let index = usize::try_from(number.checked_sub(self.first)?).ok()?;
        Some(self.came.get(index)?.offset)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_the_unbroken_run_may_be_committed() {
        let mut offsets = Offsets::new(5, Some(5));
        let numbers: Vec<u64> = [5, 6, 7].map(|offset| offsets.came(offset, 1)).into();
        offsets.finish(numbers[1]);
        assert_eq!(offsets.unsent(), None, "5 has not ended");
        offsets.finish(numbers[0]);
        assert_eq!(offsets.unsent(), Some(7));
        assert_eq!(offsets.window(), 1);
    }

    #[test]
    fn gaps_stop_nothing_and_trailing_control_records_are_passed() {
        let mut offsets = Offsets::new(0, Some(0));
        let (first, second) = (offsets.came(3, 1), offsets.came(9, 1));
        offsets.finish(first);
        assert_eq!(offsets.unsent(), Some(4));
        offsets.stands_at(11);
        assert_eq!(offsets.unsent(), Some(4), "9 has not ended, whatever the position");
        offsets.finish(second);
        offsets.stands_at(11);
        assert_eq!(offsets.unsent(), Some(11));
    }

    #[test]
    fn a_first_assignment_commits_where_it_began() {
        let mut offsets = Offsets::new(12, None);
        assert_eq!(offsets.unsent(), Some(12));
        offsets.sent(12);
        assert_eq!(offsets.unsent(), None);
        assert!(!offsets.is_confirmed());
        offsets.answered(12, true);
        assert!(offsets.is_confirmed());
    }

    #[test]
    fn a_commit_that_failed_is_sent_again() {
        let mut offsets = Offsets::new(0, Some(0));
        let number = offsets.came(0, 1);
        offsets.finish(number);
        offsets.sent(1);
        offsets.answered(1, false);
        assert_eq!(offsets.unsent(), Some(1));
    }

    proptest! {
        /// R2: at every instant all records below the commit have ended, and at the end nothing is left behind.
        #[test]
        fn never_past_an_unfinished_record(
            gaps in prop::collection::vec(1_i64..4, 1..40),
            order in prop::collection::vec(any::<prop::sample::Index>(), 40),
        ) {
            let mut offset = 0;
            let places: Vec<i64> = gaps.iter().map(|gap| { offset += gap; offset }).collect();
            let mut offsets = Offsets::new(0, Some(0));
            let mut open: Vec<(u64, i64)> = places.iter().map(|&place| (offsets.came(place, 1), place)).collect();
            for pick in order {
                if open.is_empty() { break }
                let (number, _) = open.swap_remove(pick.index(open.len()));
                offsets.finish(number);
                let lowest = open.iter().map(|&(_, place)| place).min();
                prop_assert!(lowest.is_none_or(|lowest| offsets.next <= lowest));
            }
            for (number, _) in open.drain(..) { offsets.finish(number) }
            prop_assert_eq!(offsets.next, offset + 1);
            prop_assert_eq!((offsets.window(), offsets.unfinished_bytes()), (0, 0));
        }
    }
}
