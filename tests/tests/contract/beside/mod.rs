//! What a check needs of a broker beside the ports: to remove records, to add partitions, to write as others do.

mod kafka;
mod memory;

use kafka_listen::__internals::record::{TopicName, TopicPartition};

pub use kafka::kafka;
pub use memory::memory;

use crate::rig::Rig;

/// The part of a broker that no port reaches.
pub trait Beside {
    /// Removes the records below an offset.
    fn delete_records(&self, of: &TopicPartition, before: i64);
    /// Adds partitions until there are this many.
    fn create_partitions(&self, topic: &TopicName, count: i32);
    /// Deletes a topic, and returns when it is gone.
    fn delete_topic(&self, topic: &TopicName);
    /// The settings with which a topic is compacted soon.
    fn compacting(&self) -> Vec<(&'static str, &'static str)>;
    /// Waits until only the last record of each key is left in a topic that was created as
    /// [`compacting`](Self::compacting) says, the first of them at this offset. May write a record of its own for it.
    fn compact(&self, of: &TopicPartition, first: i64);
    /// Writes these values with a client that compresses what it sends.
    fn produce_compressed(&self, of: &TopicPartition, values: &[Vec<u8>]);
    /// A member of the rig's group, of its own, that has joined and will die.
    fn doomed(&self, rig: &Rig, topic: &TopicName) -> Box<dyn Doomed>;
    /// Writes these values in one transaction, then commits or aborts it.
    fn transaction(&self, of: &TopicPartition, values: &[&'static str], commit: bool);
}

/// A member that runs until it dies.
pub trait Doomed {
    /// Ends it without a word to its group.
    fn die(self: Box<Self>);
}
