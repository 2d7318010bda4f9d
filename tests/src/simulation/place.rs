//! Where a record lies.

use std::sync::Arc;

/// A partition, or a record in it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    pub topic: Arc<str>,
    pub partition: i32,
    pub offset: i64,
}

impl Place {
    /// In a topic that was deleted and made anew offsets go on from here, so that no place is that of two records.
    pub const LIFE: i64 = 1_000_000;

    /// The same place in the topic's life before this one.
    pub fn before(&self) -> Option<Self> {
        (self.offset >= Self::LIFE).then(|| Self { offset: self.offset - Self::LIFE, ..self.clone() })
    }

    /// The partition, whatever the offset.
    pub fn partition(&self) -> (Arc<str>, i32) {
        (self.topic.clone(), self.partition)
    }
}
