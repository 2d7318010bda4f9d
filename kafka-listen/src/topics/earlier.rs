//! Records that the listeners' groups would read for the first time: handled by an earlier life of the group, and about to be handled
//! again, or of a group that has another name now. It looks, and changes nothing.

use std::collections::{BTreeMap, BTreeSet};

use super::unread::{LOOK_AT, Waiting, commits, not_seen, partitions, waiting};
use crate::broker::{Admin, ClientError, Peeked};
use crate::engine::{ListenerIndex, Role, Source};
use crate::listener::Plan;
use crate::observe::Event;
use crate::record::{Record, TopicName, TopicPartition};
use crate::retry::{Origin, RetryHeaders, is_ours};

/// What is to be told of such records. `there` are the chain topics that were not just created, and their partitions.
///
/// # Errors
/// The cluster cannot be asked.
pub(crate) async fn earlier(
    admin: &dyn Admin,
    plan: &Plan,
    there: &BTreeMap<TopicName, i32>,
) -> Result<Vec<Event>, ClientError> {
    let mut look = Look { admin, plan, events: Vec::new() };
    look.for_records(there).await?;
    Ok(look.events)
}

struct Look<'a> {
    admin: &'a dyn Admin,
    plan: &'a Plan,
    events: Vec<Event>,
}

impl Look<'_> {
    /// Records in the chains' topics that their groups would read for the first time.
    async fn for_records(&mut self, there: &BTreeMap<TopicName, i32>) -> Result<(), ClientError> {
        let consumers = self.plan.consumers().into_iter().filter(|consumer| consumer.role != Role::Main);
        let mut of_others: BTreeMap<(ListenerIndex, String), Vec<(Role, Waiting)>> = BTreeMap::new();
        for consumer in consumers {
            let topics = consumer.topics.iter().filter_map(|(source, _)| there.get_key_value(&source.topic));
            let all: Vec<_> = topics.flat_map(|(topic, count)| partitions(topic, *count)).collect();
            let commits = commits(self.admin, &consumer.group, &all).await;
            let is_new = commits.is_empty();
            let unread = all.into_iter().filter(|place| !commits.contains_key(place)).collect();
            let mut waiting = waiting(self.admin, &commits, unread).await;
            waiting.retain(|waiting| waiting.count() > 0);
            let from: Vec<_> = waiting.iter().filter_map(Waiting::look_from).collect();
            let Peeked { records: seen, silent } = self.admin.peek(&consumer.group, &from, LOOK_AT).await?;
            for (source, _) in &consumer.topics {
                self.events.extend(not_seen(&source.id, &source.topic, &silent, true));
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
        self.events.push(Event::FromTheBeginning { listener, topic, group, records });
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
            for (place, done) in commits(self.admin, &reader, &places).await {
                open.entry(place).and_modify(|(from, _)| *from = done.max(*from));
            }
        }
        open.retain(|_, (from, high)| from < high);
        let records = open.values().map(|(from, high)| high.abs_diff(*from)).sum();
        let topics: BTreeSet<_> = open.into_keys().map(|place| place.topic).collect();
        if records > 0 {
            let planned = &self.plan.listeners[listener.0];
            let (listener, group, topics) = (planned.id.clone(), planned.group.clone(), topics.into_iter().collect());
            self.events.push(Event::OtherGroupsRecords { listener, group, named, topics, records });
        }
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
