//! The port that asks about topics and groups, and creates topics.

use std::collections::BTreeMap;

use super::BoxFuture;
use crate::record::{Record, TopicName, TopicPartition};

/// Looks at topics and groups, and creates topics.
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

    /// How many partitions topics have, or `None` where there is no such topic. Needs less of a right than
    /// [`describe`](Self::describe).
    ///
    /// # Errors
    /// The cluster cannot be asked.
    fn partitions<'a>(&'a self, topics: &'a [TopicName]) -> BoxFuture<'a, Result<Vec<Option<i32>>, ClientError>>;

    /// What a group has committed of these partitions, in their order.
    ///
    /// # Errors
    /// The cluster cannot be asked, or does not let us see this group.
    fn committed<'a>(
        &'a self,
        group: &'a str,
        partitions: &'a [TopicPartition],
    ) -> BoxFuture<'a, Result<Vec<Option<i64>>, ClientError>>;

    /// Where the logs of these partitions begin and end, in their order.
    ///
    /// # Errors
    /// The cluster cannot be asked, or a partition has no leader.
    fn ends<'a>(&'a self, partitions: &'a [TopicPartition]) -> BoxFuture<'a, Result<Vec<Ends>, ClientError>>;

    /// Looks at records from these offsets on, at most so many of each partition, without a membership and without a commit.
    /// Fewer come where they do not come in time; partitions of which nothing does are told. `group` is a group that may be read with.
    ///
    /// # Errors
    /// The cluster cannot be asked.
    fn peek<'a>(
        &'a self,
        group: &'a str,
        from: &'a [(TopicPartition, i64)],
        most: usize,
    ) -> BoxFuture<'a, Result<Peeked, ClientError>>;
}

/// What a look at records has shown.
#[derive(Debug, Default)]
pub struct Peeked {
    /// Records, each with its partition.
    pub records: Vec<(TopicPartition, Record)>,
    /// Partitions of which nobody knows what lies in them: they did not answer in time.
    pub silent: Vec<TopicPartition>,
}

/// Where a log begins and ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ends {
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
