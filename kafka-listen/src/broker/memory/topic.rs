//! The topics of a cluster: creation, growth and deletion in, logs and settings out.
//!
//! A partition also remembers who reached its end, to be told when there is more. Knows nothing of what a group is.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::assignor::PartitionCounts;
use super::config::TopicConfig;
use super::group::MemberId;
use super::log::Log;
use super::partitioner::{self, Place};
use crate::broker::NewTopic;
use crate::record::{AssignmentId, TopicName, TopicPartition, Wanted};

/// Of topics that ask for no number of their own.
const REPLICATION: i32 = 3;

/// All topics.
#[derive(Debug, Default)]
pub(super) struct Topics(BTreeMap<TopicName, Topic>);

/// One topic.
#[derive(Debug)]
pub(super) struct Topic {
    pub(super) partitions: Vec<Partition>,
    /// Said, and not kept.
    pub(super) replication: i32,
    pub(super) config: TopicConfig,
    turn: usize,
}

/// One partition.
#[derive(Debug, Default)]
pub(super) struct Partition {
    pub(super) log: Log,
    /// Who reached the end of the log and waits for more.
    pub(super) waiting: Vec<Reader>,
}

/// Whom to tell that there is more.
#[derive(Clone, Debug)]
pub(super) struct Reader {
    pub(super) group: Arc<str>,
    pub(super) member: MemberId,
    pub(super) assignment: AssignmentId,
}

impl Topics {
    pub(super) fn get(&self, name: &str) -> Option<&Topic> {
        self.0.get(name)
    }

    pub(super) fn get_mut(&mut self, name: &str) -> Option<&mut Topic> {
        self.0.get_mut(name)
    }

    pub(super) fn partition(&self, of: &TopicPartition) -> Option<&Partition> {
        self.get(&of.topic)?.partitions.get(usize::try_from(of.partition).ok()?)
    }

    pub(super) fn partition_mut(&mut self, of: &TopicPartition) -> Option<&mut Partition> {
        self.get_mut(&of.topic)?.partitions.get_mut(usize::try_from(of.partition).ok()?)
    }

    /// How many partitions each topic has.
    pub(super) fn counts(&self) -> PartitionCounts {
        self.0.iter().map(|(name, topic)| (name.clone(), topic.count())).collect()
    }

    /// Creates a topic. `false`: it was there already, and stays as it is.
    pub(super) fn create(&mut self, new: &NewTopic) -> Result<bool, String> {
        if self.0.contains_key(&new.name) {
            return Ok(false);
        }
        // Kafka names its metrics with `_` for `.`, and refuses names that would then be the same.
        let metric = |name: &str| name.replace('.', "_");
        if let Some(other) = self.0.keys().find(|other| metric(other) == metric(&new.name)) {
            return Err(format!("the name collides with that of the topic `{other}`: `.` and `_` count as the same"));
        }
        if let Some(replicas @ ..=0) = new.replication {
            return Err(format!("{replicas} replicas: there is at least one"));
        }
        let partitions = partitions(new.partitions)?;
        let config = TopicConfig::new(&new.config)?;
        let replication = new.replication.unwrap_or(REPLICATION);
        self.0.insert(new.name.clone(), Topic { partitions, replication, config, turn: 0 });
        Ok(true)
    }

    /// Adds partitions until there are `count`.
    pub(super) fn grow(&mut self, name: &str, count: i32) -> Result<(), String> {
        let topic = self.get_mut(name).ok_or_else(|| format!("there is no topic `{name}`"))?;
        let now = topic.count();
        if count <= now {
            return Err(format!("the topic `{name}` has {now} partitions already, {count} is not more"));
        }
        topic.partitions.extend(partitions(count - now)?);
        Ok(())
    }

    pub(super) fn delete(&mut self, name: &str) -> bool {
        self.0.remove(name).is_some()
    }
}

impl Topic {
    pub(super) fn count(&self) -> i32 {
        self.partitions.len().try_into().unwrap_or(i32::MAX)
    }

    /// The partition for a record; without a key the partitions take turns. The error is the one that is not there.
    pub(super) fn place(&mut self, wanted: Wanted, key: Option<&[u8]>) -> Result<i32, i32> {
        match partitioner::place(wanted, key, self.count()) {
            Place::At(partition) => Ok(partition),
            Place::Missing(partition) => Err(partition),
            Place::Any => {
                self.turn = (self.turn + 1) % self.partitions.len();
                Ok(self.turn.try_into().unwrap_or(0))
            }
        }
    }
}

fn partitions(count: i32) -> Result<Vec<Partition>, String> {
    const MOST: i32 = 10_000;
    match count {
        1..=MOST => Ok((0..count).map(|_| Partition::default()).collect()),
        _ => Err(format!("{count} partitions: the in-process broker takes 1 to {MOST}")),
    }
}
