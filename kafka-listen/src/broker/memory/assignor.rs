//! Who should own which partition: subscriptions and what everybody owns in, the wanted owners out.
//!
//! Sticky: a partition stays with its owner unless the load would be uneven. Pure, and the same input always gives the
//! same answer; ties go to the older member and the lower partition.

use std::collections::{BTreeMap, BTreeSet};

use super::group::MemberId;
use crate::record::{TopicName, TopicPartition};

/// How many partitions each topic has.
pub(super) type PartitionCounts = BTreeMap<TopicName, i32>;

/// A member that takes part.
pub(super) struct Subscriber<'a> {
    /// What it wants to read.
    pub(super) topics: &'a BTreeSet<TopicName>,
    /// What it owns.
    pub(super) owned: &'a BTreeSet<TopicPartition>,
}

/// Who should own what.
pub(super) type Target = BTreeMap<MemberId, BTreeSet<TopicPartition>>;

/// Gives every partition that somebody subscribes to an owner.
pub(super) fn assign(subscribers: &BTreeMap<MemberId, Subscriber<'_>>, counts: &PartitionCounts) -> Target {
    let mut target = keep(subscribers, counts);
    let owned: BTreeSet<TopicPartition> = target.values().flatten().cloned().collect();
    for partition in partitions(subscribers, counts) {
        if !owned.contains(&partition)
            && let Some(owner) = least_loaded(subscribers, &target, &partition.topic)
        {
            target.entry(owner).or_default().insert(partition);
        }
    }
    while let Some((from, partition, to)) = uneven(subscribers, &target) {
        target.entry(from).or_default().remove(&partition);
        target.entry(to).or_default().insert(partition);
    }
    target
}

/// What everybody owns already and may keep.
fn keep(subscribers: &BTreeMap<MemberId, Subscriber<'_>>, counts: &PartitionCounts) -> Target {
    let exists = |of: &TopicPartition| counts.get(&of.topic).is_some_and(|count| of.partition < *count);
    subscribers
        .iter()
        .map(|(id, member)| {
            let kept = member.owned.iter().filter(|of| member.topics.contains(&of.topic) && exists(of));
            (*id, kept.cloned().collect())
        })
        .collect()
}

/// All partitions of the topics that somebody subscribes to.
fn partitions(
    subscribers: &BTreeMap<MemberId, Subscriber<'_>>,
    counts: &PartitionCounts,
) -> impl Iterator<Item = TopicPartition> {
    let topics: BTreeSet<&TopicName> = subscribers.values().flat_map(|member| member.topics).collect();
    let all = topics
        .into_iter()
        .filter_map(|topic| Some((topic, *counts.get(topic)?)))
        .flat_map(|(topic, count)| (0..count).map(|partition| TopicPartition { topic: topic.clone(), partition }));
    all.collect::<Vec<_>>().into_iter()
}

fn least_loaded(
    subscribers: &BTreeMap<MemberId, Subscriber<'_>>,
    target: &Target,
    topic: &TopicName,
) -> Option<MemberId> {
    let eligible = subscribers.iter().filter(|(_, member)| member.topics.contains(topic)).map(|(id, _)| *id);
    eligible.min_by_key(|id| (load(target, *id), *id))
}

/// A partition whose owner has at least two more than somebody who could take it. Each such move makes the loads more
/// even, so there is an end to them.
fn uneven(
    subscribers: &BTreeMap<MemberId, Subscriber<'_>>,
    target: &Target,
) -> Option<(MemberId, TopicPartition, MemberId)> {
    let mut heaviest_first: Vec<MemberId> = target.keys().copied().collect();
    heaviest_first.sort_by_key(|id| (std::cmp::Reverse(load(target, *id)), *id));
    heaviest_first.into_iter().find_map(|from| {
        target.get(&from)?.iter().rev().find_map(|partition| {
            let to = least_loaded(subscribers, target, &partition.topic)?;
            (load(target, from) >= load(target, to) + 2).then(|| (from, partition.clone(), to))
        })
    })
}

fn load(target: &Target, id: MemberId) -> usize {
    target.get(&id).map_or(0, BTreeSet::len)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn topic(name: &str) -> TopicName {
        TopicName::new(name).unwrap()
    }

    fn of(name: &str, partitions: &[i32]) -> BTreeSet<TopicPartition> {
        partitions.iter().map(|&partition| TopicPartition { topic: topic(name), partition }).collect()
    }

    /// Members by their topics and what they own, against topics by their partition counts.
    fn target(
        members: &[(&[&str], BTreeSet<TopicPartition>)],
        counts: &[(&str, i32)],
    ) -> Vec<BTreeSet<TopicPartition>> {
        let topics: Vec<BTreeSet<TopicName>> =
            members.iter().map(|(topics, _)| topics.iter().map(|name| topic(name)).collect()).collect();
        let subscribers = topics
            .iter()
            .zip(members)
            .enumerate()
            .map(|(id, (topics, (_, owned)))| (MemberId(id as u64), Subscriber { topics, owned }))
            .collect();
        assign(&subscribers, &counts.iter().map(|(name, count)| (topic(name), *count)).collect())
            .into_values()
            .collect()
    }

    #[test]
    fn a_single_member_gets_everything_it_subscribes_to() {
        let got = target(&[(&["a", "missing"], of("a", &[]))], &[("a", 2), ("other", 3)]);
        assert_eq!(got, [of("a", &[0, 1])]);
    }

    #[test]
    fn a_newcomer_gets_its_share_and_the_rest_stays() {
        let got = target(&[(&["a"], of("a", &[0, 1, 2, 3])), (&["a"], of("a", &[]))], &[("a", 4)]);
        assert_eq!(got, [of("a", &[0, 1]), of("a", &[2, 3])]);
    }

    #[test]
    fn who_stays_keeps_what_it_has() {
        let got = target(&[(&["a"], of("a", &[1, 3])), (&["a"], of("a", &[4]))], &[("a", 5)]);
        assert_eq!(got, [of("a", &[1, 2, 3]), of("a", &[0, 4])]);
    }

    #[test]
    fn only_subscribers_of_a_topic_get_it() {
        let members: [(&[&str], _); 2] = [(&["a"], of("a", &[])), (&["a", "b"], of("a", &[]))];
        assert_eq!(target(&members, &[("a", 2), ("b", 1)])[0], of("a", &[0]));
        let all_b = target(&members, &[("a", 1), ("b", 4)]);
        assert_eq!(all_b, [of("a", &[0]), of("b", &[0, 1, 2, 3])]);
    }

    #[test]
    fn what_is_gone_or_no_longer_wanted_is_not_kept() {
        let mut owned = of("a", &[0, 5]);
        owned.extend(of("b", &[0]));
        assert_eq!(target(&[(&["a"], owned)], &[("a", 1), ("b", 1)]), [of("a", &[0])]);
    }
}
