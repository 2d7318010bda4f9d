//! Which topics a plan wants, given the source topics as they are. Pure.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::broker::{NewTopic, TopicInfo};
use crate::listener::PlannedListener;
use crate::problem::Problems;
use crate::record::TopicName;
use crate::retry::Chain;
use crate::sabotage::{Rule, broken};

/// Bytes that a record may grow by on its way through a chain: the headers about its past.
const ROOM_FOR_HEADERS: u64 = 64 * 1024;

const MIN_IN_SYNC: &str = "min.insync.replicas";

/// A chain topic, how long records wait in it, and how it would be created.
#[derive(Clone, Debug)]
pub(crate) struct WantedTopic {
    pub(crate) new: NewTopic,
    pub(crate) longest_wait: Duration,
    pub(crate) auto_create: bool,
}

/// The chain topics of one source topic, made to take whatever that takes.
pub(crate) fn wanted(listener: &PlannedListener, chain: &Chain, source: &TopicInfo) -> Vec<WantedTopic> {
    let partitions = listener.partitions.and_then(|it| i32::try_from(it).ok()).unwrap_or(source.partitions);
    let partitions = if broken(Rule::PartitionCount) { 1 } else { partitions };
    let replication = listener.replication.and_then(|it| i32::try_from(it).ok());
    let config = config(source, replication);
    let retries = chain.retry_topics().into_iter().map(|retry| (retry.topic, retry.longest));
    let dlts = chain.dead_letter_topics().map(|dlt| (dlt.clone(), Duration::ZERO));
    let topics = retries.chain(dlts).map(|(name, longest_wait)| WantedTopic {
        new: NewTopic { name, partitions, replication, config: config.clone() },
        longest_wait,
        auto_create: listener.auto_create,
    });
    topics.collect()
}

/// What a chain topic that is there already has wrong with it: `problems` forbid the start, `warnings` do not.
pub(crate) fn compare(wanted: &WantedTopic, found: &TopicInfo, problems: &mut Problems, warnings: &mut Problems) {
    let name = &wanted.new.name;
    if setting(found, "cleanup.policy").is_some_and(|policy| policy.split(',').any(|it| it.trim() == "compact")) {
        problems.add(format!(
            "the topic `{name}` is compacted, which loses records of one key while they wait: set its `cleanup.policy` to `delete`"
        ));
    }
    let replication = u64::try_from(found.replication).unwrap_or_default();
    if let Some(in_sync) = number(found, MIN_IN_SYNC).filter(|in_sync| *in_sync > replication) {
        problems.add(format!(
            "the topic `{name}` has {replication} replicas and wants {in_sync} in sync, so that nothing can be written to it: \
             lower its `{MIN_IN_SYNC}`, or delete it and have it created with more, by `replication = {in_sync}` at the listener"
        ));
    }
    if found.partitions < wanted.new.partitions {
        warnings.add(format!(
            "the topic `{name}` has {} partitions, its source {}: records of the others are spread by key",
            found.partitions, wanted.new.partitions
        ));
    }
    let retention = number(found, "retention.ms").map(Duration::from_millis);
    if retention.is_some_and(|retention| retention <= wanted.longest_wait) {
        warnings.add(format!(
            "the topic `{name}` keeps records for {} only, and they wait in it for up to {}: raise its `retention.ms`",
            humantime::format_duration(retention.unwrap_or_default()),
            humantime::format_duration(wanted.longest_wait)
        ));
    }
    for (key, wanted) in ["max.message.bytes"].into_iter().filter_map(|key| Some((key, wanted.new.config.get(key)?))) {
        let (found, wanted) = (number(found, key), wanted.parse::<u64>().ok());
        if let (Some(found), Some(wanted)) = (found, wanted.map(|wanted| wanted - ROOM_FOR_HEADERS))
            && found < wanted
        {
            warnings.add(format!(
                "the topic `{name}` takes records of {found} bytes, its source of {wanted}: raise its `{key}`, or large records cannot be retried"
            ));
        }
    }
}

fn config(source: &TopicInfo, replication: Option<i32>) -> BTreeMap<String, String> {
    let mut config = BTreeMap::from([("cleanup.policy".to_owned(), "delete".to_owned())]);
    if let Some(bytes) = number(source, "max.message.bytes") {
        let bytes = (bytes + ROOM_FOR_HEADERS).min(i32::MAX.unsigned_abs().into());
        config.insert("max.message.bytes".to_owned(), bytes.to_string());
    }
    if let Some(replicas) = number(source, MIN_IN_SYNC) {
        // More in sync than there are would make it unwritable.
        let there = replication.and_then(|replication| u64::try_from(replication).ok()).unwrap_or(u64::MAX);
        config.insert(MIN_IN_SYNC.to_owned(), replicas.min(there).to_string());
    }
    config
}

fn setting<'a>(topic: &'a TopicInfo, key: &str) -> Option<&'a str> {
    topic.config.get(key).map(String::as_str)
}

fn number(topic: &TopicInfo, key: &str) -> Option<u64> {
    setting(topic, key)?.parse().ok()
}

/// A source topic that an application asked to have created.
pub(crate) fn new_source(name: &TopicName, partitions: i32) -> NewTopic {
    NewTopic { name: name.clone(), partitions, replication: None, config: BTreeMap::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chain_topic_that_is_smaller_than_it_should_be_is_warned_of_by_name_and_cure() {
        let config = |pairs: &[(&str, &str)]| pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        let source = TopicInfo { partitions: 6, replication: 1, config: config(&[("max.message.bytes", "5000000")]) };
        let name = TopicName::new("t-retry").unwrap();
        let new = NewTopic { name, partitions: 6, replication: None, config: super::config(&source, None) };
        let wanted = WantedTopic { new, longest_wait: Duration::from_secs(3600), auto_create: true };
        let found = |partitions, retention, bytes| TopicInfo {
            partitions,
            replication: 1,
            config: config(&[("retention.ms", retention), ("max.message.bytes", bytes)]),
        };
        let warnings = |found: &TopicInfo| {
            let (mut problems, mut warnings) = (Problems::default(), Problems::default());
            compare(&wanted, found, &mut problems, &mut warnings);
            assert_eq!(problems.iter().count(), 0, "{problems}");
            warnings
        };
        assert_eq!(warnings(&found(6, "3600001", "5000000")).iter().count(), 0);
        let all = warnings(&found(2, "3600000", "4999999"));
        assert_eq!(all.iter().count(), 3, "{all}");
        let all = all.to_string();
        for words in ["has 2 partitions, its source 6", "raise its `retention.ms`", "raise its `max.message.bytes`"] {
            assert!(all.contains(words), "{words:?} is not in {all}");
        }
    }

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

    #[test]
    fn a_topic_that_nothing_can_be_written_to_is_refused() {
        let name = TopicName::new("t-retry").unwrap();
        let new = NewTopic { name, partitions: 1, replication: None, config: BTreeMap::new() };
        let wanted = WantedTopic { new, longest_wait: Duration::ZERO, auto_create: true };
        let problems = |found: &TopicInfo| {
            let mut problems = Problems::default();
            compare(&wanted, found, &mut problems, &mut Problems::default());
            problems.to_string()
        };
        assert_eq!(problems(&topic(2, "2")), "");
        let text = problems(&topic(1, "2"));
        assert!(text.contains("`t-retry` has 1 replicas and wants 2 in sync"), "{text}");
    }
}
