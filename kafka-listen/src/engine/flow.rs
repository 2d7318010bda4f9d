//! How much may be held: records and bytes, of one partition and of all.

use crate::broker::Room;
use crate::sabotage::{Rule, broken};

/// The bounds of what one consumer holds in memory and leaves uncommitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Limits {
    /// Records of one partition from the oldest unfinished one on, but for those that wait: what a crash repeats of it at most,
    /// beside what finished since the last commit.
    pub(crate) window: usize,
    /// Bytes of memory of one partition's records, as long as no wait among them is [longer](Self::for_long_waits) than usual.
    pub(crate) partition_bytes: usize,
    /// Bytes of memory of all partitions' records.
    pub(crate) total_bytes: usize,
}

/// What all partitions of a consumer hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Held {
    /// Bytes of their unfinished records.
    pub(crate) bytes: usize,
    /// How many partitions there are.
    pub(crate) partitions: usize,
}

/// How much all partitions held lately: who found no room looks again when there is more.
#[derive(Debug, Default)]
pub(crate) struct Crowd {
    most: usize,
}

impl Crowd {
    /// Whether so many bytes are notably fewer than before: no longer all that there may be, or less by a sixteenth of that.
    pub(crate) fn has_thinned(&mut self, bytes: usize, limits: &Limits) -> bool {
        self.most = self.most.max(bytes);
        let was_full = self.most >= limits.total_bytes && bytes < limits.total_bytes;
        let thinned = was_full || (self.most - bytes) > limits.total_bytes / 16;
        if thinned {
            self.most = bytes;
        }
        thinned
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self { window: 4096, partition_bytes: 4 << 20, total_bytes: 64 << 20 }
    }
}

impl Limits {
    /// The least that a record takes, in bytes.
    const LEAST: usize = 512;
    /// So many bytes are worth a fetch.
    const NOT_LITTLE: usize = 16 << 10;
    /// Records of a retry topic that are taken at a time.
    const IN_PASSING: usize = 128;

    /// What a partition may take that holds so much, or `None` if it should not take now.
    ///
    /// Its fair share of all bytes is always its own: one partition's hoard stops no other. One that holds nothing may take one
    /// record, however large: otherwise a record larger than its share would stop it for ever.
    pub(crate) fn room(&self, window: usize, own: usize, held: Held) -> Option<Room> {
        let bytes = self.share(held).saturating_sub(own).max(self.spare(held));
        let bytes = self.partition_bytes.saturating_sub(own).min(bytes);
        if window == 0 && own == 0 && bytes == 0 {
            return Some(Room { records: 1, bytes: 1 });
        }
        // A quarter at a time, neither more nor less: one is handled while the next is taken, and small takes cost more; most of
        // all where the client has to fetch anew for each.
        let can_take = !self.is_full(window) && bytes >= self.least(held);
        // Room counts keys and values, but records of few bytes take memory, too.
        can_take.then(|| Room { records: self.quarter().min(bytes.div_ceil(Self::LEAST)), bytes })
    }

    /// What a partition may hold in any case. These shares are one half of all bytes, and what is taken beyond them is the other
    /// half, so that both together are never more.
    fn share(&self, held: Held) -> usize {
        self.half() / held.partitions.max(1)
    }

    fn spare(&self, held: Held) -> usize {
        self.half().saturating_sub(held.bytes)
    }

    fn half(&self) -> usize {
        self.total_bytes / 2
    }

    /// A quarter of what a partition may hold in any case, if that is little.
    fn least(&self, held: Held) -> usize {
        (self.partition_bytes.min(self.share(held)) / 4).clamp(1, Self::NOT_LITTLE)
    }

    /// The same for a retry topic: to read when a record is due, and to keep it until then, takes microseconds each, in which
    /// nothing starts that has become due.
    pub(crate) fn in_passing(room: Room) -> Room {
        Room { records: room.records.min(Self::IN_PASSING), ..room }
    }

    /// The same where waits are longer than their topic's delay, so that shorter ones may lie unread behind them: `own` bytes may
    /// become as many as all partitions together leave free.
    pub(crate) fn for_long_waits(&self, own: usize, held: Held) -> Self {
        let most = (self.free(held) + own) / 2;
        Self { partition_bytes: self.partition_bytes.max(most), ..*self }
    }

    fn free(&self, held: Held) -> usize {
        self.total_bytes.saturating_sub(held.bytes)
    }

    /// Whether a partition whose window holds so many records takes no more, whatever their bytes.
    pub(crate) fn is_full(&self, window: usize) -> bool {
        self.window.saturating_sub(window) < self.quarter() && !broken(Rule::Window)
    }

    /// What is taken at a time, neither more nor less: one quarter is handled while the next is taken, and small takes cost
    /// more.
    fn quarter(&self) -> usize {
        self.window.div_ceil(4)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits { window: 100, partition_bytes: 100_000, total_bytes: 600_000 };

    const SMALL: Limits = Limits { total_bytes: 300_000, ..LIMITS };

    fn held(bytes: usize) -> Held {
        Held { bytes, partitions: 10 }
    }

    #[test]
    fn a_full_window_or_budget_takes_nothing() {
        assert_eq!(LIMITS.room(0, 0, held(0)), Some(Room { records: 25, bytes: 100_000 }));
        assert_eq!(LIMITS.room(76, 0, held(0)), None, "wait until a quarter is free");
        assert_eq!(LIMITS.room(10, 100_000, held(100_000)), None);
        assert_eq!(LIMITS.room(10, 30_000, held(300_000)), None, "it has had its share");
        assert_eq!(LIMITS.room(10, 30_000, held(292_501)), None, "nor for less than a quarter of it");
        assert_eq!(LIMITS.room(10, 30_000, held(292_500)), Some(Room { records: 15, bytes: 7_500 }));
        assert_eq!(LIMITS.room(10, 22_501, held(300_000)), None);
        assert_eq!(LIMITS.room(10, 22_500, held(300_000)), Some(Room { records: 15, bytes: 7_500 }));
    }

    #[test]
    fn who_found_no_room_looks_again_when_there_is_notably_more() {
        let mut crowd = Crowd::default();
        let thinned =
            [100_000, 81_250, 81_249, 90_000, 300_000, 299_999, 299_998].map(|it| crowd.has_thinned(it, &SMALL));
        assert_eq!(thinned, [false, false, true, false, false, true, false]);
    }

    #[test]
    fn long_waits_may_take_as_much_as_they_leave_free() {
        let alone = |own| SMALL.for_long_waits(own, held(own)).partition_bytes;
        assert_eq!([0, 100_000, 150_000, 200_000].map(alone), [150_000; 4]);
        let beside = |own| SMALL.for_long_waits(own, held(own + 100_000)).partition_bytes;
        assert_eq!([0, 100_000].map(beside), [100_000; 2], "as any other");
        assert_eq!(SMALL.for_long_waits(0, held(400_000)).partition_bytes, 100_000);
    }

    #[test]
    fn a_hoard_leaves_every_partition_its_share() {
        assert_eq!(LIMITS.room(0, 0, held(900_000)), Some(Room { records: 25, bytes: 30_000 }));
        assert_eq!(LIMITS.room(10, 20_000, held(900_000)), Some(Room { records: 20, bytes: 10_000 }));
    }

    #[test]
    fn one_record_is_always_allowed_to_one_that_holds_none() {
        let crowd = Held { bytes: 900_000, partitions: 500_000 };
        assert_eq!(LIMITS.room(0, 0, crowd), Some(Room { records: 1, bytes: 1 }));
        assert_eq!(LIMITS.room(0, 1, crowd), None, "to one that holds a wait, no more");
    }
}
