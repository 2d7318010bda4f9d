//! Where reading of a partition begins: one rule, for every broker.

use std::collections::BTreeMap;

use crate::record::{TopicName, TopicPartition};
use crate::sabotage::{Rule, broken};

/// Where a group that has no committed offset begins to read a topic.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum OffsetReset {
    /// With the oldest record there is. The default: nothing that was written before the first start is passed over.
    #[default]
    Earliest,
    /// With the first record written after the group's first assignment. Partitions that are added later, to a group
    /// that has committed offsets for others of the topic, begin at their beginning; so do topics that a `topic_pattern` finds
    /// later, to a group that has committed offsets for others of the pattern.
    Latest,
    /// Not at all: the listener stops with an error.
    Error,
}

/// The partitions that a group reads for the first time, as one of its members saw it before it joined: those that were
/// there, of topics for which the group had committed nothing.
///
/// It must be known before joining: members that join together get their partitions together, and the first of them has
/// committed where it begins while the others still look for where they do.
#[derive(Clone, Debug, Default)]
pub struct FirstReads(BTreeMap<TopicName, i32>);

impl FirstReads {
    /// There are `partitions` of this topic, and the group has committed nothing for any of them.
    pub fn add(&mut self, topic: TopicName, partitions: i32) {
        self.0.insert(topic, partitions);
    }

    /// Whether this partition is one of them.
    pub fn contains(&self, of: &TopicPartition) -> bool {
        self.0.get(&of.topic).is_some_and(|&partitions| of.partition < partitions)
    }
}

/// Where reading of one partition begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beginning {
    /// At this offset.
    At(i64),
    /// At `at`, and the records from `wanted` up to there are gone from the log.
    Gone {
        /// The committed offset.
        wanted: i64,
        /// The oldest offset there is.
        at: i64,
    },
    /// Nowhere: [`OffsetReset::Error`] forbids it.
    Refused,
}

impl Beginning {
    /// What is said where this is [`Refused`](Self::Refused).
    pub fn refusal(group: &str, of: &TopicPartition) -> String {
        let TopicPartition { topic, partition } = of;
        format!(
            "the group `{group}` has no committed offset for {of}, and `offset_reset = \"error\"` forbids to choose one: commit \
             one, by `kafka-consumer-groups.sh --group {group} --topic {topic}:{partition} --reset-offsets --to-earliest \
             --execute` for example, or write another `offset_reset`"
        )
    }

    /// Decides it from the committed offset, the first and the next offset of the log, and whether the group reads the
    /// partition for the first time, see [`FirstReads`]: without that and without a committed offset, it was added later.
    pub fn decide(committed: Option<i64>, low: i64, high: i64, reset: OffsetReset, is_first: bool) -> Self {
        match (committed, reset) {
            (Some(_), _) if broken(Rule::Committed) => Self::At(low),
            (Some(wanted), _) if (low..=high).contains(&wanted) => Self::At(wanted),
            (Some(wanted), _) => Self::Gone { wanted, at: low },
            (None, OffsetReset::Earliest) => Self::At(low),
            (None, OffsetReset::Latest) if is_first => Self::At(high),
            (None, OffsetReset::Latest) => Self::At(low),
            (None, OffsetReset::Error) => Self::Refused,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_committed_offset_counts_while_the_log_has_it() {
        for committed in [10, 15, 20] {
            let beginning = Beginning::decide(Some(committed), 10, 20, OffsetReset::Latest, true);
            assert_eq!(beginning, Beginning::At(committed));
        }
        for committed in [3, 21] {
            let beginning = Beginning::decide(Some(committed), 10, 20, OffsetReset::Latest, true);
            assert_eq!(beginning, Beginning::Gone { wanted: committed, at: 10 });
        }
    }

    #[test]
    fn without_one_the_setting_decides() {
        let decide = |reset, is_first| Beginning::decide(None, 10, 20, reset, is_first);
        assert_eq!(decide(OffsetReset::Earliest, true), Beginning::At(10));
        assert_eq!(decide(OffsetReset::Latest, true), Beginning::At(20));
        assert_eq!(decide(OffsetReset::Latest, false), Beginning::At(10), "a partition that was added later");
        assert_eq!(decide(OffsetReset::Error, true), Beginning::Refused);
    }

    #[test]
    fn partitions_are_read_for_the_first_time_that_were_there_before() {
        let topic = TopicName::new("t").unwrap();
        let of = |partition| TopicPartition { topic: topic.clone(), partition };
        let mut first = FirstReads::default();
        assert!(!first.contains(&of(0)), "nothing is said of its topic");
        first.add(topic.clone(), 2);
        assert_eq!([0, 1, 2].map(|partition| first.contains(&of(partition))), [true, true, false]);
    }
}
