//! Records that are in the way of others that have ended behind them: what is committed cannot pass them.
//!
//! A waiting record can be written once more, at the end of its topic, as it is but for a due time beyond belief; then its
//! first copy ends with the acknowledgement. That is done where it would keep a full window shut for long (a jitter, a
//! `RetryAfter`, a forged due time), and where the partition goes, so that nothing that has ended is delivered again.

use std::collections::HashMap;
use std::time::Duration;

use super::lanes::Lanes;
use super::offsets::Offsets;
use super::partition::Partition;
use super::publishing::Publishing;
use super::timers::Timers;
use crate::clock::Timestamp;

/// What a partition knows of its records.
pub(crate) struct Window<'a> {
    /// Which have ended.
    pub(crate) offsets: &'a Offsets,
    /// Which end as soon as their copies are acknowledged.
    pub(crate) publishing: &'a Publishing,
    /// Which wait.
    pub(crate) waiting: &'a Timers,
    /// Which rest in place.
    pub(crate) lanes: &'a Lanes,
    /// How many of them are not those that wait.
    pub(crate) repeated: usize,
    /// Since when others were written that lie unread, if any do.
    pub(crate) unread_since: Option<Timestamp>,
    /// The time.
    pub(crate) now: Timestamp,
}

/// What is left to do for records in front of those that have ended.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct InFront {
    /// These are to be written again.
    pub(crate) moved: Vec<u64>,
    /// What is below is to be handled.
    pub(crate) below: u64,
}

impl Partition {
    pub(super) fn window(&self, now: Timestamp) -> Window<'_> {
        let Self { offsets, publishing, waiting, lanes, .. } = self;
        let (repeated, unread_since) = (self.repeated(), self.reading.unread_since());
        Window { offsets, publishing, waiting, lanes, repeated, unread_since, now }
    }
}

/// A shorter wait does not keep a window shut for long.
pub(super) const LONG: Duration = Duration::from_secs(1);
/// So many are written again at most for one that has ended behind them.
const MOST: usize = 8;
/// So many at most where the partition goes: there is little time, and what is not acknowledged in it was written for nothing.
const MOST_WHEN_LEAVING: usize = 4096;

impl Window<'_> {
    /// The records to be written again, so that at least half of what has ended in a window that is full can be committed; none,
    /// if something else is in the way too, or too many are.
    ///
    /// At least half of the window must have ended: so what is written again is bounded by what was handled, and goes in no
    /// circle.
    pub(crate) fn that_shut_it(&self) -> Vec<u64> {
        let finished = self.offsets.finished();
        if finished * 2 < self.repeated {
            return Vec::new();
        }
        let is_long = |due: Timestamp| due > self.now.after(LONG) && self.may_move(due);
        let is_stuck = |number: &u64| !self.waiting.due(*number).is_some_and(is_long);
        let end = self.offsets.unfinished().find(is_stuck).unwrap_or(u64::MAX);
        let (passed, last) = (self.offsets.finished_below(end).count(), self.offsets.finished_below(end).last());
        let moved: Vec<_> = self.offsets.unfinished_below(last.unwrap_or(0)).collect();
        if passed * 2 < finished || moved.len() > MOST * passed { Vec::new() } else { moved }
    }

    /// What is to be done for a partition that goes, and may take until `until` for it.
    pub(crate) fn in_front(&self, until: Timestamp) -> InFront {
        let resting: HashMap<_, _> = self.lanes.resting().collect();
        let waits = |number| self.waiting.due(number);
        let moves = |number| waits(number).is_some_and(|due| due > until && self.may_move(due));
        let comes_too_late = |number| {
            let at = waits(number).or_else(|| resting.get(&number).copied());
            at.is_some_and(|at| at > until) && !moves(number)
        };
        let mut unfinished = self.offsets.unfinished();
        // Nothing can be committed beyond the first that cannot be helped.
        let end = unfinished.find(|&number| comes_too_late(number)).unwrap_or(u64::MAX);
        let ended = self.offsets.finished_below(end).last().max(self.publishing.last_below(end));
        let Some(below) = ended else { return InFront::default() };
        let mut moved = self.offsets.unfinished_below(below).filter(|number| moves(*number));
        let first = moved.by_ref().take(MOST_WHEN_LEAVING).collect();
        InFront { moved: first, below: moved.next().unwrap_or(below) }
    }

    /// Whether a record that is due then may wait in a copy. It must wait longer than what lies unread in the topic is old: it
    /// takes about so long until the copy is read, and it must not be late.
    fn may_move(&self, due: Timestamp) -> bool {
        let unread = self.unread_since.map_or(Duration::ZERO, |since| self.now.since(since));
        due > self.now.after(unread)
    }
}
