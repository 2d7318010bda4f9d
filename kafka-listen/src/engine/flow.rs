//! How much may be held: records and bytes, of one partition and of all.

use crate::broker::Room;

/// The bounds of what one consumer holds in memory and leaves uncommitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Limits {
    /// Records of one partition from the oldest unfinished one on: what a crash repeats of it at most, beside what finished since the last
    /// commit.
    pub(crate) window: usize,
    /// Bytes of keys and values of one partition.
    pub(crate) partition_bytes: usize,
    /// Bytes of keys and values of all partitions.
    pub(crate) total_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { window: 4096, partition_bytes: 4 << 20, total_bytes: 64 << 20 }
    }
}

impl Limits {
    /// What a partition may take that holds so much, or `None` if it should not take now.
    ///
    /// A partition that holds nothing may always take one record, however large or scarce the rest: otherwise a record
    /// larger than the budget, or one partition's hoard, would stop it for ever.
    pub(crate) fn room(&self, window: usize, bytes: usize, total_bytes: usize) -> Option<Room> {
        let records = self.window.saturating_sub(window);
        let bytes = self.partition_bytes.saturating_sub(bytes).min(self.total_bytes.saturating_sub(total_bytes));
        if window == 0 && bytes == 0 {
            return Some(Room { records: 1, bytes: 1 });
        }
        // Many small takes cost more than few large ones.
        (records >= self.window.div_ceil(4) && bytes > 0).then_some(Room { records, bytes })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits { window: 100, partition_bytes: 1000, total_bytes: 3000 };

    #[test]
    fn a_full_window_or_budget_takes_nothing() {
        assert_eq!(LIMITS.room(0, 0, 0), Some(Room { records: 100, bytes: 1000 }));
        assert_eq!(LIMITS.room(76, 0, 0), None, "wait until a quarter is free");
        assert_eq!(LIMITS.room(10, 1000, 1000), None);
        assert_eq!(LIMITS.room(10, 10, 3000), None);
        assert_eq!(LIMITS.room(10, 10, 2999), Some(Room { records: 90, bytes: 1 }));
    }

    #[test]
    fn an_empty_partition_is_never_starved() {
        assert_eq!(LIMITS.room(0, 0, 9000), Some(Room { records: 1, bytes: 1 }));
    }
}
