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
    let mut look = Look { admin, plan, commits: BTreeMap::new(), found: Earlier::default() };
    look.for_topics().await?;
    look.for_records(there).await?;
    Ok(look.found)
}

/// What a group has committed.
type Commits = BTreeMap<TopicPartition, i64>;

struct Look<'a> {
    admin: &'a dyn Admin,
    plan: &'a Plan,
    /// By group, as far as they were asked for.
    commits: BTreeMap<String, Commits>,
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
        let mut candidates = Vec::new();
        for candidate in self.plan.candidates(&names) {
            let was_read = self.commits(&candidate.group).await.keys().any(|of| of.topic == candidate.left_over.topic);
            if was_read || candidate.is_named_so {
                candidates.push((candidate, was_read));
            }
        }
        let topics: Vec<_> = candidates.iter().map(|(candidate, _)| candidate.left_over.topic.clone()).collect();
        let counts = self.admin.partitions(&topics).await?;
        for ((candidate, was_read), count) in candidates.into_iter().zip(counts) {
            let places = partitions(&candidate.left_over.topic, count.unwrap_or(0));
            let waiting = self.waiting(&candidate.group, places).await;
            let seen = self.peek(&candidate.group, waiting.iter().filter_map(Waiting::look_from).collect()).await?;
            if self.is_left_over(&candidate, was_read, &seen) {
                self.tell_left_over(candidate, &waiting);
            }
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

    fn tell_left_over(&mut self, candidate: Candidate, waiting: &[Waiting]) {
        let Candidate { listener, group, left_over, .. } = candidate;
        let (id, topic) = (self.plan.listeners[listener.0].id.clone(), left_over.topic.clone());
        let records = waiting.iter().map(Waiting::count).sum();
        self.found.events.push(Event::LeftOver { listener: id, topic, group, records });
        self.found.left_over.push((listener, left_over));
    }

    /// Records in the chains' topics that their groups would read for the first time.
    async fn for_records(&mut self, there: &BTreeMap<TopicName, i32>) -> Result<(), ClientError> {
        let consumers = self.plan.consumers().into_iter().filter(|consumer| consumer.role != Role::Main);
        let mut of_others: BTreeMap<(ListenerIndex, String), Vec<(Role, Vec<Waiting>)>> = BTreeMap::new();
        for consumer in consumers {
            let (mut places, commits) = (Vec::new(), self.commits(&consumer.group).await);
            for (source, _) in &consumer.topics {
                let all = partitions(&source.topic, there.get(&source.topic).copied().unwrap_or(0));
                places.extend(all.into_iter().filter(|place| !commits.contains_key(place)));
            }
            let is_new = commits.is_empty();
            let waiting = self.waiting(&consumer.group, places).await;
            let mut waiting: Vec<_> = waiting.into_iter().filter(|waiting| waiting.count() > 0).collect();
            let seen = self.peek(&consumer.group, waiting.iter().filter_map(Waiting::look_from).collect()).await?;
            for (source, _) in &consumer.topics {
                let of_topic: Vec<_> = waiting.extract_if(.., |it| it.place.topic == source.topic).collect();
                if of_topic.is_empty() {
                    continue;
                }
                match whose(source, &seen) {
                    Whose::Ours => self.tell_from_the_beginning(source, &consumer.group, &of_topic),
                    Whose::Of(named) if is_new => {
                        of_others.entry((source.listener, named)).or_default().push((source.role, of_topic));
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
    async fn tell_of_another(&mut self, listener: ListenerIndex, named: String, of: Vec<(Role, Vec<Waiting>)>) {
        if self.plan.listeners.iter().any(|listener| *listener.group == *named) {
            return;
        }
        let (mut topics, mut records) = (BTreeSet::new(), 0);
        for (role, waiting) in of {
            for Waiting { place, from, high, .. } in waiting {
                let suffix = self.plan.listeners[listener.0].suffix_of(&place.topic).unwrap_or_default();
                // Ours is shared by all retry topics; Spring has one for each.
                let shared = if role == Role::Retry { "-retry" } else { "-dlt" };
                let readers = [shared, suffix].map(|suffix| format!("{named}{suffix}"));
                let mut done = from;
                for reader in &readers {
                    done = done.max(self.commits(reader).await.get(&place).copied().unwrap_or(from));
                }
                if done < high {
                    records += u64::try_from(high - done).unwrap_or_default();
                    topics.insert(place.topic);
                }
            }
        }
        if records > 0 {
            let planned = &self.plan.listeners[listener.0];
            let (listener, group, topics) = (planned.id.clone(), planned.group.clone(), topics.into_iter().collect());
            self.found.events.push(Event::OtherGroupsRecords { listener, group, named, topics, records });
        }
    }

    /// What a group has committed. Of one that may not be seen it is as if it had committed nothing.
    async fn commits(&mut self, group: &str) -> &Commits {
        if !self.commits.contains_key(group) {
            let commits = self.admin.committed(group).await.unwrap_or_else(|error| {
                tracing::debug!(group, %error, "its commits cannot be seen");
                Commits::new()
            });
            self.commits.insert(group.to_owned(), commits);
        }
        self.commits.entry(group.to_owned()).or_default()
    }

    /// What waits in these partitions. A partition that does not answer holds up no start: what waits there is not known.
    async fn waiting(&mut self, group: &str, places: Vec<TopicPartition>) -> Vec<Waiting> {
        let ends = self.admin.ends(&places).await.unwrap_or_else(|error| {
            tracing::warn!(group, %error, "what waits in retry topics cannot be seen");
            Vec::new()
        });
        let commits = self.commits(group).await;
        let waiting = places.into_iter().zip(ends).map(|(place, ends)| {
            let from = commits.get(&place).map_or(ends.low, |committed| (*committed).max(ends.low));
            Waiting { place, from, low: ends.low, high: ends.high }
        });
        waiting.collect()
    }

    async fn peek(
        &self,
        group: &str,
        from: Vec<(TopicPartition, i64)>,
    ) -> Result<Vec<(TopicPartition, Record)>, ClientError> {
        self.admin.peek(group, &from, LOOK_AT).await
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
