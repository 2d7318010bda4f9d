//! How far groups are: what they have committed of partitions, and what is left in these. It looks, and changes nothing.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::broker::Admin;
use crate::observe::Event;
use crate::record::{TopicName, TopicPartition};

/// How many records of a partition are looked at to see whose they are.
pub(super) const LOOK_AT: usize = 1000;

/// What a group has committed, of what it was asked for.
pub(super) type Commits = BTreeMap<TopicPartition, i64>;

/// Records of one partition that a group has not committed.
pub(super) struct Waiting {
    pub(super) place: TopicPartition,
    /// Where the group goes on, or where the log begins.
    pub(super) from: i64,
    low: i64,
    pub(super) high: i64,
}

impl Waiting {
    pub(super) fn count(&self) -> u64 {
        u64::try_from(self.high.saturating_sub(self.from)).unwrap_or_default()
    }

    /// Where to look for a record that tells whose they all are: if none waits, one that was handled will do.
    pub(super) fn look_from(&self) -> Option<(TopicPartition, i64)> {
        (self.low < self.high).then(|| (self.place.clone(), self.from.min(self.high - 1).max(self.low)))
    }
}

/// What a group has committed. Of one that may not be seen it is as if it had committed nothing.
pub(super) async fn commits(admin: &dyn Admin, group: &str, places: &[TopicPartition]) -> Commits {
    let committed = admin.committed(group, places).await.unwrap_or_else(|error| {
        tracing::debug!(group, %error, "its commits cannot be seen");
        Vec::new()
    });
    places.iter().zip(committed).filter_map(|(place, offset)| Some((place.clone(), offset?))).collect()
}

/// What waits in these partitions. One that does not answer holds up no start: what waits there is not known.
pub(super) async fn waiting(admin: &dyn Admin, commits: &Commits, places: Vec<TopicPartition>) -> Vec<Waiting> {
    let ends = admin.ends(&places).await.unwrap_or_else(|error| {
        tracing::warn!(%error, "what waits in retry topics cannot be seen");
        Vec::new()
    });
    let waiting = places.into_iter().zip(ends).map(|(place, ends)| {
        let from = commits.get(&place).map_or(ends.low, |committed| (*committed).max(ends.low));
        Waiting { place, from, low: ends.low, high: ends.high }
    });
    waiting.collect()
}

/// What is to be told of a topic if some of its partitions did not answer.
pub(super) fn not_seen(id: &Arc<str>, topic: &TopicName, silent: &[TopicPartition], is_read: bool) -> Option<Event> {
    let of_topic = silent.iter().filter(|place| place.topic == *topic);
    let partitions: Vec<_> = of_topic.map(|place| place.partition).collect();
    let (listener, topic) = (id.clone(), topic.clone());
    (!partitions.is_empty()).then_some(Event::NotSeen { listener, topic, partitions, is_read })
}

pub(super) fn partitions(topic: &TopicName, count: i32) -> Vec<TopicPartition> {
    (0..count).map(|partition| TopicPartition { topic: topic.clone(), partition }).collect()
}
