//! How much a partition holds, and what it may take besides.
//!
//! Records that wait until they are due were not delivered yet: a crash repeats nothing of them, so they do not count for the
//! window, and bytes alone bound them. Where all waits of a topic are as long as its delay, what lies unread is due after what
//! is held, and nobody needs more than a little of it. Where some are longer (a jitter, a `RetryAfter`, another client's due
//! time), records may lie behind them that are due before them: then more is held.

use super::flow::{Held, Limits};
use super::partition::Partition;
use super::source::Role;
use crate::broker::Room;
use crate::clock::Timestamp;

impl Partition {
    /// What may be taken now, if anything.
    pub(super) fn room(&self, limits: &Limits, held: Held, now: Timestamp) -> Option<Room> {
        let own = self.offsets.unfinished_bytes();
        let limits = if self.holds_long_waits(now) { limits.for_long_waits(own, held) } else { *limits };
        let room = limits.room(self.repeated(), own, held)?;
        Some(if self.source().role == Role::Retry { Limits::in_passing(room) } else { room })
    }

    /// How many records a crash would repeat at most, or delay in their course.
    pub(super) fn repeated(&self) -> usize {
        self.offsets.window().saturating_sub(self.waiting.len())
    }

    /// Whether batches wait for others in vain: nothing more is read before what is held has ended.
    pub(super) fn no_more(&self, limits: &Limits, held: Held, now: Timestamp) -> bool {
        let is_full = || self.room(limits, held, now).is_none();
        self.source().batching.is_some() && self.reading.is_readable() && is_full()
    }

    /// Whether some wait that is held is longer than those of what lies unread may be, which its own chain has written.
    fn holds_long_waits(&self, now: Timestamp) -> bool {
        let usual = || now.after(self.source().delay()).after(super::in_the_way::LONG);
        self.waiting.last().is_some_and(|last| last > usual())
    }
}
