//! Runs: records on their way from a lane to a handler.

use std::collections::VecDeque;
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::record::Record;

/// A record that waits for its handler.
#[derive(Debug)]
pub(crate) struct Queued {
    /// Its number within the assignment.
    pub(crate) number: u64,
    /// The record.
    pub(crate) record: Record,
    /// Which delivery through topics this will be.
    pub(crate) attempt: u32,
    /// Which try in place.
    pub(crate) in_place: u32,
}

/// Names a lane of a partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum LaneId {
    /// The only one.
    Whole,
    /// That of all keys with this hash.
    Key(u64),
    /// That of this record alone.
    Single(u64),
}

/// Names a run of a partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RunId {
    /// Its lane.
    pub(crate) lane: LaneId,
    /// Its place among the runs of its lane.
    pub(crate) place: u64,
}

impl LaneId {
    /// The lane of a key.
    pub(super) fn of(key: &[u8]) -> Self {
        let mut hasher = DefaultHasher::new();
        key.hash(&mut hasher);
        Self::Key(hasher.finish())
    }
}

/// Records to be handled one after the other, or as one batch.
#[derive(Debug)]
pub(crate) struct Run {
    /// Its name.
    pub(crate) id: RunId,
    /// The records, in order.
    pub(crate) records: VecDeque<Queued>,
}
