//! The port that asks about topics, and creates them.

use std::collections::BTreeMap;

use super::BoxFuture;
use crate::record::{TopicName, TopicPartition};

/// Looks at topics and creates them.
pub trait Admin: Send + Sync {
    /// Describes topics: for each its partitions and settings, or `None` where there is no such topic.
    ///
    /// # Errors
    /// The cluster cannot be asked.
    fn describe<'a>(&'a self, topics: &'a [TopicName]) -> BoxFuture<'a, Result<Vec<Option<TopicInfo>>, ClientError>>;

    /// The names of all topics that this client may see, the broker's internal ones among them, sorted.
    ///
    /// # Errors
    /// The cluster cannot be asked.
    fn topics(&self) -> BoxFuture<'_, Result<Vec<TopicName>, ClientError>>;

    /// Creates topics and waits until each can be used; one that is there already is a success, whatever it is like.
    /// Answers in the order of `topics`.
    ///
    /// # Errors
    /// The cluster cannot be asked.
    fn create<'a>(&'a self, topics: &'a [NewTopic])
    -> BoxFuture<'a, Result<Vec<Result<(), CreateError>>, ClientError>>;

    /// The offsets that a group has committed for these partitions, and the partitions' ends: how many records wait.
    ///
    /// # Errors
    /// The cluster cannot be asked.
    #[cfg_attr(not(feature = "__internals"), allow(dead_code, reason = "asked by the contract of brokers"))]
    fn offsets<'a>(
        &'a self,
        group: &'a str,
        partitions: &'a [TopicPartition],
    ) -> BoxFuture<'a, Result<Vec<PartitionOffsets>, ClientError>>;
}

/// What is committed of a partition, and what there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(not(feature = "__internals"), allow(dead_code, reason = "asked by the contract of brokers"))]
pub struct PartitionOffsets {
    /// The group's committed offset, if it has one.
    pub committed: Option<i64>,
    /// The first offset in the log.
    pub low: i64,
    /// The offset after the last record.
    pub high: i64,
}

/// A topic as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicInfo {
    /// How many partitions it has.
    pub partitions: i32,
    /// How many replicas each of them has, or the one that has fewest.
    pub replication: i32,
    /// Its settings by Kafka's names; only those that this crate looks at need be there: `cleanup.policy`,
    /// `max.message.bytes`, `min.insync.replicas`, `retention.ms`, `retention.bytes`.
    pub config: BTreeMap<String, String>,
}

/// A topic to be created.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewTopic {
    /// Its name.
    pub name: TopicName,
    /// How many partitions.
    pub partitions: i32,
    /// How many replicas; `None` leaves it to the broker.
    pub replication: Option<i32>,
    /// Settings that differ from the broker's.
    pub config: BTreeMap<String, String>,
}

/// A topic could not be created.
#[derive(Clone, Debug, thiserror::Error)]
#[error("the topic `{topic}` could not be created: {message}")]
pub struct CreateError {
    /// Which.
    pub topic: TopicName,
    /// Why, and what to do about it.
    pub message: String,
}

/// A client could not be made, or its cluster could not be asked.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{0}")]
pub struct ClientError(pub String);
