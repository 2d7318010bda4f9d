//! Which topics a plan wants, given the source topics as they are. Pure.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::broker::{NewTopic, TopicInfo};
use crate::listener::PlannedListener;
use crate::record::TopicName;
use crate::retry::Rules;
use crate::sabotage::{Rule, broken};

/// Bytes that a record may grow by on its way through a chain: the headers about its past.
pub(super) const ROOM_FOR_HEADERS: u64 = 64 * 1024;

pub(super) const RETENTION: &str = "retention.ms";
pub(super) const MIN_IN_SYNC: &str = "min.insync.replicas";
pub(super) const MAX_BYTES: &str = "max.message.bytes";

/// A chain topic, what it is for, and how it would be created.
#[derive(Clone, Debug)]
pub(crate) struct WantedTopic {
    pub(crate) new: NewTopic,
    /// Whether its listener says how many partitions it has, instead of the source topic.
    pub(crate) partitions_set: bool,
    /// As many as the listener says, or as the source topic has.
    pub(crate) replicas: i32,
    /// How long records wait in it; none in a DLT.
    pub(crate) waits: Option<Waits>,
    pub(crate) auto_create: bool,
}

/// How long records may wait in a retry topic.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Waits {
    /// The delay with all of its jitter.
    pub(crate) longest: Duration,
    /// The longest wait that a handler may ask for.
    pub(crate) asked_for: Duration,
}

impl WantedTopic {
    /// A setting that it would be created with.
    pub(super) fn number(&self, key: &str) -> Option<u64> {
        self.new.config.get(key)?.parse().ok()
    }
}

/// The chain topics of one source topic, made to take whatever that takes.
pub(crate) fn wanted(listener: &PlannedListener, rules: &Rules, source: &TopicInfo) -> Vec<WantedTopic> {
    let chain = &rules.chain;
    let partitions = listener.settings.partitions.and_then(|it| i32::try_from(it).ok()).unwrap_or(source.partitions);
    let partitions = if broken(Rule::PartitionCount) { 1 } else { partitions };
    let replication = listener.settings.replication.and_then(|it| i32::try_from(it).ok());
    let mut config = config(source, replication);
    config.extend(listener.settings.retention.map(|time| (RETENTION.to_owned(), time.as_millis().to_string())));
    let waits = |longest| Some(Waits { longest, asked_for: rules.max_retry_after });
    let retries = chain.retry_topics().into_iter().map(|retry| (retry.topic, waits(retry.longest)));
    let dlts = chain.dead_letter_topics().map(|dlt| (dlt.clone(), None));
    let topics = retries.chain(dlts).map(|(name, waits)| WantedTopic {
        new: NewTopic { name, partitions, replication, config: config.clone() },
        partitions_set: listener.settings.partitions.is_some(),
        replicas: replication.unwrap_or(source.replication),
        waits,
        auto_create: listener.settings.auto_create,
    });
    topics.collect()
}

fn config(source: &TopicInfo, replication: Option<i32>) -> BTreeMap<String, String> {
    let mut config = BTreeMap::from([("cleanup.policy".to_owned(), "delete".to_owned())]);
    if let Some(bytes) = number(source, MAX_BYTES) {
        let bytes = (bytes + ROOM_FOR_HEADERS).min(i32::MAX.unsigned_abs().into());
        config.insert(MAX_BYTES.to_owned(), bytes.to_string());
    }
    if let Some(replicas) = number(source, MIN_IN_SYNC) {
        // More in sync than there are would make it unwritable.
        let there = replication.and_then(|replication| u64::try_from(replication).ok()).unwrap_or(u64::MAX);
        config.insert(MIN_IN_SYNC.to_owned(), replicas.min(there).to_string());
    }
    config
}

pub(super) fn setting<'a>(topic: &'a TopicInfo, key: &str) -> Option<&'a str> {
    topic.config.get(key).map(String::as_str)
}

pub(super) fn number(topic: &TopicInfo, key: &str) -> Option<u64> {
    setting(topic, key)?.parse().ok()
}

/// A source topic that an application asked to have created.
pub(crate) fn new_source(name: &TopicName, partitions: i32) -> NewTopic {
    NewTopic { name: name.clone(), partitions, replication: None, config: BTreeMap::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn topic(replication: i32, in_sync: &str) -> TopicInfo {
        let config = BTreeMap::from([(MIN_IN_SYNC.to_owned(), in_sync.to_owned())]);
        TopicInfo { partitions: 1, replication, config }
    }

    #[test]
    fn a_created_topic_wants_no_more_replicas_in_sync_than_it_has() {
        let source = topic(3, "2");
        assert_eq!(config(&source, Some(1))[MIN_IN_SYNC], "1");
        assert_eq!(config(&source, Some(3))[MIN_IN_SYNC], "2");
        assert_eq!(config(&source, None)[MIN_IN_SYNC], "2", "the broker's default is looked at afterwards");
    }
}
