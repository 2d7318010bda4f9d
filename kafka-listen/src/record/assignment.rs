//! One stay of a partition with a consumer.

use std::fmt;

use super::TopicPartition;

/// Names one stay of one partition with one consumer; never used again within a process.
///
/// A partition that is taken away and given back is a new assignment, so whatever arrives late for the old one
/// names something that is gone, and changes nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[doc(hidden)]
pub struct AssignmentId(pub u64);

impl fmt::Display for AssignmentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "assignment {}", self.0)
    }
}

/// A partition that has come to a consumer.
#[derive(Clone, Debug, PartialEq, Eq)]
#[doc(hidden)]
pub struct Assigned {
    /// This stay.
    pub id: AssignmentId,
    /// What is assigned.
    pub partition: TopicPartition,
    /// The offset at which reading begins.
    pub start: i64,
    /// What the group had committed; `None` on its first assignment, whose start is then to be committed.
    pub committed: Option<i64>,
}
