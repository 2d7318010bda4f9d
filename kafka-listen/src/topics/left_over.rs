//! Topics that earlier versions of the listeners left on the cluster: in no chain any more, and with records. It looks, and
//! changes nothing.

use std::collections::BTreeMap;

use super::unread::{LOOK_AT, Waiting, commits, not_seen, partitions, waiting};
use crate::broker::{Admin, ClientError, Peeked};
use crate::engine::ListenerIndex;
use crate::listener::{Candidate, LeftOver, Plan};
use crate::observe::Event;
use crate::record::{Record, TopicPartition};
use crate::retry::{Origin, RetryHeaders, is_ours};

/// What was found.
#[derive(Default)]
pub(crate) struct LeftOvers {
    /// Topics that are to be read though they are in no chain.
    pub(crate) topics: Vec<(ListenerIndex, LeftOver)>,
    /// What is to be told of them.
    pub(crate) events: Vec<Event>,
}

/// Which of these candidates are left over.
///
/// # Errors
/// The cluster cannot be asked.
pub(crate) async fn left_over(
    admin: &dyn Admin,
    plan: &Plan,
    candidates: Vec<Candidate>,
) -> Result<LeftOvers, ClientError> {
    let topics: Vec<_> = candidates.iter().map(|candidate| candidate.left_over.topic.clone()).collect();
    let counts = admin.partitions(&topics).await?;
    let mut by_group: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for (candidate, count) in candidates.into_iter().zip(counts) {
        let places = partitions(&candidate.left_over.topic, count.unwrap_or(0));
        by_group.entry(candidate.group.clone()).or_default().push((candidate, places));
    }
    let mut found = LeftOvers::default();
    for (group, candidates) in by_group {
        let all: Vec<_> = candidates.iter().flat_map(|(_, places)| places).cloned().collect();
        let commits = commits(admin, &group, &all).await;
        for (candidate, places) in candidates {
            let was_read = places.iter().any(|place| commits.contains_key(place));
            if was_read || candidate.is_named_so {
                let waiting = waiting(admin, &commits, places).await;
                let from: Vec<_> = waiting.iter().filter_map(Waiting::look_from).collect();
                let Peeked { records: seen, silent } = admin.peek(&group, &from, LOOK_AT).await?;
                let is_left_over = is_left_over(plan, &candidate, was_read, &seen);
                let Candidate { listener, left_over: LeftOver { topic, .. }, .. } = &candidate;
                found.events.extend(not_seen(&plan.listener(*listener).id, topic, &silent, is_left_over));
                if is_left_over {
                    found.add(plan, candidate, waiting.iter().map(Waiting::count).sum());
                }
            }
        }
    }
    Ok(found)
}

impl LeftOvers {
    fn add(&mut self, plan: &Plan, found: Candidate, records: u64) {
        let Candidate { listener, group, left_over, .. } = found;
        let (id, topic) = (plan.listener(listener).id.clone(), left_over.topic.clone());
        self.events.push(Event::LeftOver { listener: id, topic, group, records });
        self.topics.push((listener, left_over));
    }
}

/// Names alone prove nothing: a topic of another service may merely look so. What was read by our own retry group is ours,
/// unless its records come from another source topic, whose listener has the same group elsewhere. What was not is ours if it
/// holds a record of this source topic that does not name another group.
fn is_left_over(plan: &Plan, candidate: &Candidate, was_read: bool, seen: &[(TopicPartition, Record)]) -> bool {
    let Candidate { listener, left_over: LeftOver { source, topic, .. }, .. } = candidate;
    let listener = plan.listener(*listener);
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
