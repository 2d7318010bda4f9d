//! What a history is held to, and what it came to.

use std::collections::BTreeSet;
use std::fmt;

/// What a history must have, beside what every history must have.
#[derive(Clone, Debug)]
pub struct Expected {
    /// How many deliveries a record has had at least, and at most, that ends in the DLT.
    pub attempts: (u32, u32),
    /// How long a record may stay uncommitted though all that lies before it has ended, in microseconds.
    pub uncommitted: u64,
    /// Whether records of different keys may run side by side.
    pub by_key: bool,
    /// Numbers whose copies somebody removed, knowing it.
    pub removed: BTreeSet<u64>,
}

impl Default for Expected {
    fn default() -> Self {
        let removed = BTreeSet::new();
        Self { attempts: (4, 4), uncommitted: 10_000_000, by_key: false, removed }
    }
}

/// What a history came to.
#[derive(Clone, Debug, Default)]
pub struct Verdict {
    /// Records of the source.
    pub records: usize,
    /// Deliveries of all topics.
    pub deliveries: usize,
    /// Those that had been delivered before.
    pub repeats: usize,
    /// The longest time for which a record that came again could have been committed before its fault, in microseconds.
    pub oldest_repeat: u64,
    /// Records that were written to retry topics and the DLT.
    pub copies: usize,
    /// Those that had been written before.
    pub second_copies: usize,
    /// Commits.
    pub commits: usize,
    /// By how much retries began late, in microseconds: the median, and the worst.
    pub late: (u64, u64),
    /// What is wrong.
    pub wrong: Vec<String>,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} records, {} deliveries, {} repeats (of records that could have been committed for {} ms), {} copies, {} of them second \
             ones, {} commits, retries late by {} ms (median) to {} ms, {} wrong",
            self.records,
            self.deliveries,
            self.repeats,
            self.oldest_repeat / 1000,
            self.copies,
            self.second_copies,
            self.commits,
            self.late.0 / 1000,
            self.late.1 / 1000,
            self.wrong.len()
        )
    }
}
