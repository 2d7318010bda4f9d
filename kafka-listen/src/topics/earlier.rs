//! What earlier lives of the listeners left on the cluster: topics that are in no chain any more and hold records, records of a
//! group that has another name now, records that were handled and will be again. It looks, and changes nothing.

use std::collections::{BTreeMap, BTreeSet};

use crate::broker::{Admin, ClientError};
use crate::engine::{ListenerIndex, Role, Source};
use crate::listener::{Candidate, LeftOver, Plan};
use crate::observe::Event;
use crate::record::{Record, TopicName, TopicPartition};
use crate::retry::{Origin, RetryHeaders, is_ours};

/// How many records of a partition are looked at to see whose they are.
const LOOK_AT: usize = 1000;

/// What was found.
#[derive(Default)]
pub(crate) struct Earlier {
    /// Topics that are to be read though they are in no chain.
    pub(crate) left_over: Vec<(ListenerIndex, LeftOver)>,
    /// What is to be told.
    pub(crate) events: Vec<Event>,
}

/// Looks for it. `there` are the chain topics that were not just created, and their partitions.
///
/// # Errors
/// The cluster cannot be asked.
pub(crate) async fn earlier(
    admin: &dyn Admin,
    plan: &Plan,
    there: &BTreeMap<TopicName, i32>,
) -> Result<Earlier, ClientError> {
    let mut look = Look { admin, plan, found: Earlier::default() };
    look.for_topics().await?;
    look.for_records(there).await?;
    Ok(look.found)
}

/// What a group has committed, of what it was asked for.
type Commits = BTreeMap<TopicPartition, i64>;

struct Look<'a> {
    admin: &'a dyn Admin,
    plan: &'a Plan,
    found: Earlier,
}

/// Records of one partition that a group has not committed.
struct Waiting {
    place: TopicPartition,
    /// Where the group goes on, or where the log begins.
    from: i64,
    low: i64,
    high: i64,
}

impl Waiting {
    fn count(&self) -> u64 {
        u64::try_from(self.high.saturating_sub(self.from)).unwrap_or_default()
    }

    /// Where to look for a record that tells whose they all are: if none waits, one that was handled will do.
    fn look_from(&self) -> Option<(TopicPartition, i64)> {
        (self.low < self.high).then(|| (self.place.clone(), self.from.min(self.high - 1).max(self.low)))
    }
}

impl Look<'_> {
    /// Topics that are in no chain any more.
    async fn for_topics(&mut self) -> Result<(), ClientError> {
        let names: BTreeSet<_> = self.admin.topics().await?.into_iter().collect();
        let candidates = self.plan.candidates(&names);
        let topics: Vec<_> = candidates.iter().map(|candidate| candidate.left_over.topic.clone()).collect();
        let counts = self.admin.partitions(&topics).await?;
        let mut by_group: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for (candidate, count) in candidates.into_iter().zip(counts) {
            let places = partitions(&candidate.left_over.topic, count.unwrap_or(0));
            by_group.entry(candidate.group.clone()).or_default().push((candidate, places));
        }
        for (group, candidates) in by_group {
            let all: Vec<_> = candidates.iter().flat_map(|(_, places)| places).cloned().collect();
            let commits = self.commits(&group, &all).await;
            for (candidate, places) in candidates {
                let was_read = places.iter().any(|place| commits.contains_key(place));
                if was_read || candidate.is_named_so {
                    self.look_at(candidate, was_read, self.waiting(&commits, places).await).await?;
                }
            }
        }
        Ok(())
    }

    async fn look_at(
        &mut self,
        candidate: Candidate,
        was_read: bool,
        waiting: Vec<Waiting>,
    ) -> Result<(), ClientError> {
        let from: Vec<_> = waiting.iter().filter_map(Waiting::look_from).collect();
        let seen = self.admin.peek(&candidate.group, &from, LOOK_AT).await?;
        if self.is_left_over(&candidate, was_read, &seen) {
            let Candidate { listener, group, left_over, .. } = candidate;
            let (id, topic) = (self.plan.listeners[listener.0].id.clone(), left_over.topic.clone());
            let records = waiting.iter().map(Waiting::count).sum();
            self.found.events.push(Event::LeftOver { listener: id, topic, group, records });
            self.found.left_over.push((listener, left_over));
        }
        Ok(())
    }

    /// Names alone prove nothing: a topic of another service may merely look so. What was read by our own retry group is ours,
    /// unless its records come from another source topic, whose listener has the same group elsewhere. What was not is ours if it
    /// holds a record of this source topic that does not name another group.
    fn is_left_over(&self, candidate: &Candidate, was_read: bool, seen: &[(TopicPartition, Record)]) -> bool {
        let Candidate { listener: ListenerIndex(index), left_over: LeftOver { source, topic, .. }, .. } = candidate;
        let listener = &self.plan.listeners[*index];
        let Some(rules) = listener.rules.iter().find(|rules| rules.chain.source() == source) else { return false };
        let mut is_of_source = false;
        let mut is_of_another = false;
        for (_, record) in seen {
            let Some(origin) = Origin::read(record.headers()) else { continue };
            let named = RetryHeaders::read(record.headers()).group;
            let is_from_here = *origin.topic == **source;
            is_of_source |= is_from_here && (was_read || is_ours(named, &listener.group, &rules.chain, topic));
            is_of_another |= !is_from_here;
        }
        is_of_source || was_read && !is_of_another
    }

    /// Records in the chains' topics that their groups would read for the first time.
    async fn for_records(&mut self, there: &BTreeMap<TopicName, i32>) -> Result<(), ClientError> {
        let consumers = self.plan.consumers().into_iter().filter(|consumer| consumer.role != Role::Main);
        let mut of_others: BTreeMap<(ListenerIndex, String), Vec<(Role, Waiting)>> = BTreeMap::new();
        for consumer in consumers {
            let topics = consumer.topics.iter().filter_map(|(source, _)| there.get_key_value(&source.topic));
            let all: Vec<_> = topics.flat_map(|(topic, count)| partitions(topic, *count)).collect();
            let commits = self.commits(&consumer.group, &all).await;
            let is_new = commits.is_empty();
            let unread = all.into_iter().filter(|place| !commits.contains_key(place)).collect();
            let mut waiting = self.waiting(&commits, unread).await;
            waiting.retain(|waiting| waiting.count() > 0);
            let from: Vec<_> = waiting.iter().filter_map(Waiting::look_from).collect();
            let seen = self.admin.peek(&consumer.group, &from, LOOK_AT).await?;
            for (source, _) in &consumer.topics {
                let of_topic: Vec<_> = waiting.extract_if(.., |it| it.place.topic == source.topic).collect();
                if of_topic.is_empty() {
                    continue;
                }
                match whose(source, &seen) {
                    Whose::Ours => self.tell_from_the_beginning(source, &consumer.group, &of_topic),
                    Whose::Of(named) if is_new => {
                        let of_topic = of_topic.into_iter().map(|waiting| (source.role, waiting));
                        of_others.entry((source.listener, named)).or_default().extend(of_topic);
                    }
                    Whose::Of(_) => {}
                }
            }
        }
        for ((listener, named), waiting) in of_others {
            self.tell_of_another(listener, named, waiting).await;
        }
        Ok(())
    }

    fn tell_from_the_beginning(&mut self, source: &Source, group: &str, waiting: &[Waiting]) {
        let records = waiting.iter().map(Waiting::count).sum();
        let (listener, topic, group) = (source.id.clone(), source.topic.clone(), group.to_owned());
        self.found.events.push(Event::FromTheBeginning { listener, topic, group, records });
    }

    /// Tells of records that name another group, unless that group has finished them, or a listener of this application is in it.
    async fn tell_of_another(&mut self, listener: ListenerIndex, named: String, of: Vec<(Role, Waiting)>) {
        if self.plan.listeners.iter().any(|listener| *listener.group == *named) {
            return;
        }
        let mut readers: BTreeMap<String, Vec<TopicPartition>> = BTreeMap::new();
        let mut open = BTreeMap::new();
        for (role, Waiting { place, from, high, .. }) in of {
            let suffix = self.plan.listeners[listener.0].suffix_of(&place.topic).unwrap_or_default();
            // Ours is shared by all retry topics; Spring has one for each.
            let shared = if role == Role::Retry { "-retry" } else { "-dlt" };
            for reader in [shared, suffix].map(|suffix| format!("{named}{suffix}")) {
                readers.entry(reader).or_default().push(place.clone());
            }
            open.insert(place, (from, high));
        }
        for (reader, places) in readers {
            for (place, done) in self.commits(&reader, &places).await {
                open.entry(place).and_modify(|(from, _)| *from = done.max(*from));
            }
        }
        open.retain(|_, (from, high)| from < high);
        let records = open.values().map(|(from, high)| high.abs_diff(*from)).sum();
        let topics: BTreeSet<_> = open.into_keys().map(|place| place.topic).collect();
        if records > 0 {
            let planned = &self.plan.listeners[listener.0];
            let (listener, group, topics) = (planned.id.clone(), planned.group.clone(), topics.into_iter().collect());
            self.found.events.push(Event::OtherGroupsRecords { listener, group, named, topics, records });
        }
    }

    /// What a group has committed. Of one that may not be seen it is as if it had committed nothing.
    async fn commits(&self, group: &str, places: &[TopicPartition]) -> Commits {
        let committed = self.admin.committed(group, places).await.unwrap_or_else(|error| {
            tracing::debug!(group, %error, "its commits cannot be seen");
            Vec::new()
        });
        places.iter().zip(committed).filter_map(|(place, offset)| Some((place.clone(), offset?))).collect()
    }

    /// What waits in these partitions. One that does not answer holds up no start: what waits there is not known.
    async fn waiting(&self, commits: &Commits, places: Vec<TopicPartition>) -> Vec<Waiting> {
        let ends = self.admin.ends(&places).await.unwrap_or_else(|error| {
            tracing::warn!(%error, "what waits in retry topics cannot be seen");
            Vec::new()
        });
        let waiting = places.into_iter().zip(ends).map(|(place, ends)| {
            let from = commits.get(&place).map_or(ends.low, |committed| (*committed).max(ends.low));
            Waiting { place, from, low: ends.low, high: ends.high }
        });
        waiting.collect()
    }
}

/// Whose the records of a topic are.
enum Whose {
    /// Some are this listener's.
    Ours,
    /// All that was seen names this group.
    Of(String),
}

fn whose(source: &Source, seen: &[(TopicPartition, Record)]) -> Whose {
    let mut named = None;
    for (_, record) in seen.iter().filter(|(place, _)| place.topic == source.topic) {
        if is_ours(RetryHeaders::read(record.headers()).group, &source.group, &source.chain, &source.topic) {
            return Whose::Ours;
        }
        named = Origin::read(record.headers()).and_then(|origin| origin.group).or(named);
    }
    named.map_or(Whose::Ours, Whose::Of)
}

fn partitions(topic: &TopicName, count: i32) -> Vec<TopicPartition> {
    (0..count).map(|partition| TopicPartition { topic: topic.clone(), partition }).collect()
}
