//! Who is in a consumer group and owns which partition: joins, leaves, deaths and releases in, [`Change`]s out.
//!
//! The cooperative protocol without its messages: a member is asked to let go of what it must give up, keeps the rest
//! undisturbed, and nobody gets a partition before the one who had it let go. Pure: no clock, no log, no offsets.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::assignor::{self, PartitionCounts, Subscriber};
use crate::record::{TopicName, TopicPartition};

/// Names a member of a group. A later member has a higher number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MemberId(pub(super) u64);

impl fmt::Display for MemberId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "member-{}", self.0)
    }
}

/// What a member is to be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// These are its own from now on.
    Assigned(MemberId, Vec<TopicPartition>),
    /// It has to let go of these; they are its own until it does.
    Revoked(MemberId, Vec<TopicPartition>),
    /// It has let go of everything and is out.
    Left(MemberId),
}

/// A consumer group.
#[derive(Debug, Default)]
pub(super) struct Group {
    members: BTreeMap<MemberId, Membership>,
}

#[derive(Debug, Default)]
struct Membership {
    topics: BTreeSet<TopicName>,
    owned: BTreeSet<TopicPartition>,
    revoking: BTreeSet<TopicPartition>,
    leaving: bool,
}

impl Group {
    pub(super) fn join(&mut self, id: MemberId, topics: impl IntoIterator<Item = TopicName>) {
        let topics = topics.into_iter().collect();
        self.members.insert(id, Membership { topics, ..Membership::default() });
    }

    /// The member wants these topics instead; the next rebalance takes away what is of no other.
    pub(super) fn subscribe(&mut self, id: MemberId, topics: impl IntoIterator<Item = TopicName>) {
        if let Some(member) = self.members.get_mut(&id) {
            member.topics = topics.into_iter().collect();
        }
    }

    /// The member wants to go: it gets nothing any more, and is out when it has released everything.
    pub(super) fn leave(&mut self, id: MemberId) {
        if let Some(member) = self.members.get_mut(&id) {
            member.leaving = true;
        }
    }

    /// The member is dead: what it had is free at once.
    pub(super) fn remove(&mut self, id: MemberId) {
        self.members.remove(&id);
    }

    /// The member has let go of partitions that were revoked.
    pub(super) fn release(&mut self, id: MemberId, partitions: &[TopicPartition]) {
        if let Some(member) = self.members.get_mut(&id) {
            for partition in partitions {
                member.revoking.remove(partition);
            }
        }
    }

    /// The topic is gone, and with it what anybody held of it.
    pub(super) fn forget(&mut self, topic: &TopicName) {
        for member in self.members.values_mut() {
            member.owned.retain(|partition| partition.topic != *topic);
            member.revoking.retain(|partition| partition.topic != *topic);
        }
    }

    pub(super) fn contains(&self, id: MemberId) -> bool {
        self.members.contains_key(&id)
    }

    /// Whether somebody in the group reads this topic.
    pub(super) fn subscribes(&self, topic: &TopicName) -> bool {
        self.members.values().any(|member| member.topics.contains(topic))
    }

    /// The members with what each holds, what it is about to let go of included.
    pub(super) fn members(&self) -> impl Iterator<Item = (MemberId, Vec<TopicPartition>)> {
        self.members.iter().map(|(id, member)| (*id, member.owned.union(&member.revoking).cloned().collect()))
    }

    /// Lets those go who want to. Needs nobody else, so it goes on where the rest of the group cannot be reached.
    pub(super) fn let_go(&mut self) -> Vec<Change> {
        let mut changes = Vec::new();
        for (id, member) in self.members.iter_mut().filter(|(_, member)| member.leaving) {
            let owned = std::mem::take(&mut member.owned);
            changes.extend(member.revoke(*id, owned));
            if member.revoking.is_empty() {
                changes.push(Change::Left(*id));
            }
        }
        self.members.retain(|_, member| !(member.leaving && member.revoking.is_empty()));
        changes
    }

    /// Brings everybody nearer to what the assignor wants: revokes what must move, assigns what nobody holds.
    pub(super) fn rebalance(&mut self, counts: &PartitionCounts) -> Vec<Change> {
        let mut target = assignor::assign(&self.subscribers(), counts);
        let mut changes = Vec::new();
        for (id, wanted) in &target {
            if let Some(member) = self.members.get_mut(id) {
                let surplus = member.owned.difference(wanted).cloned().collect();
                changes.extend(member.revoke(*id, surplus));
            }
        }
        let held: BTreeSet<TopicPartition> =
            self.members.values().flat_map(|member| member.owned.union(&member.revoking)).cloned().collect();
        for (id, wanted) in &mut target {
            wanted.retain(|partition| !held.contains(partition));
            if let Some(member) = self.members.get_mut(id)
                && !wanted.is_empty()
            {
                member.owned.extend(wanted.iter().cloned());
                changes.push(Change::Assigned(*id, wanted.iter().cloned().collect()));
            }
        }
        changes
    }

    fn subscribers(&self) -> BTreeMap<MemberId, Subscriber<'_>> {
        let staying = self.members.iter().filter(|(_, member)| !member.leaving);
        staying.map(|(id, member)| (*id, Subscriber { topics: &member.topics, owned: &member.owned })).collect()
    }
}

impl Membership {
    fn revoke(&mut self, id: MemberId, partitions: BTreeSet<TopicPartition>) -> Option<Change> {
        if partitions.is_empty() {
            return None;
        }
        self.owned.retain(|partition| !partitions.contains(partition));
        self.revoking.extend(partitions.iter().cloned());
        Some(Change::Revoked(id, partitions.into_iter().collect()))
    }
}

#[cfg(test)]
#[path = "tests/group.rs"]
mod tests;
