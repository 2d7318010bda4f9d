//! Where between its bounds a jittered delay falls: by chance, but the same chance for the same seed and record, so
//! that a simulated run can be repeated.

use std::hash::{DefaultHasher, Hash, Hasher};

use crate::record::TopicPartition;

/// Draws a number for each record.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Draw {
    /// What makes one process differ from another.
    pub(crate) seed: u64,
}

impl Draw {
    /// A number from 0 to 1 for the record at this place.
    pub(crate) fn of(self, partition: &TopicPartition, offset: i64) -> f64 {
        let mut hasher = DefaultHasher::new();
        (self.seed, partition, offset).hash(&mut hasher);
        // 53 bits are what an f64 holds exactly.
        (hasher.finish() >> 11) as f64 / (1_u64 << 53) as f64
    }
}
