//! The consumer port: a member's calls in, the cluster's state changed, events out.
//!
//! Nothing is read ahead, so [`ConsumerSpec::read_ahead`] has nothing to bound.

use std::sync::Arc;

use super::cluster::Cluster;
use super::group::MemberId;
use super::member::{Member, MemberSettings};
use super::reading::Stay;
use crate::broker::{ClientError, Consumer, ConsumerEvent, ConsumerSpec, OffsetReset, Room, Taken, Wake};
use crate::clock::{Clock, Timestamp};
use crate::record::{AssignmentId, Record, TopicName};

/// A member of a group on a cluster in the process.
///
/// Dropped without [`close`](Consumer::close) it is to its group what a killed process is to a real one: there, until
/// the session is over.
pub(super) struct MemoryConsumer {
    cluster: Arc<Cluster>,
    /// What its machine goes by.
    clock: Clock,
    group: String,
    id: MemberId,
}

impl MemoryConsumer {
    pub(super) fn join(
        cluster: Arc<Cluster>,
        clock: Clock,
        spec: &ConsumerSpec,
        wake: Wake,
    ) -> Result<Self, ClientError> {
        let member = Member::new(MemberSettings::new(spec)?, wake);
        let id = cluster.update(|state, after| state.join(&spec.group, member, after));
        Ok(Self { cluster, clock, group: spec.group.clone(), id })
    }

    fn stay(&self, id: AssignmentId) -> Stay {
        Stay { member: self.id, id }
    }
}

impl Consumer for MemoryConsumer {
    fn poll(&mut self, events: &mut Vec<ConsumerEvent>) {
        self.cluster.update(|state, after| {
            let group = state.groups.get_mut(&self.group);
            if state.reachable && group.is_some_and(|group| group.rejoin(self.id)) {
                state.regroup(&self.group, after, |_, _, _| {});
            }
            let group = state.groups.get_mut(&self.group);
            if let Some(member) = group.and_then(|group| group.members.get_mut(&self.id)) {
                member.poll(events);
            }
        });
    }

    fn wake_at(&self) -> Option<Timestamp> {
        let alarm = self.cluster.update(|state, _| state.alarm())?;
        Some(Timestamp::from_millis(alarm.as_millis() + self.clock.stepped()))
    }

    fn take(&mut self, id: AssignmentId, room: Room, records: &mut Vec<Record>) -> Taken {
        let stay = self.stay(id);
        self.cluster.update(|state, after| match state.groups.get_mut(&self.group) {
            // Whatever is assigned is told to be readable when the cluster is back.
            Some(group) if state.reachable => group.take(stay, &mut state.topics, room, records, after),
            _ => Taken::Drained,
        })
    }

    fn rest(&mut self, id: AssignmentId) {
        let stay = self.stay(id);
        self.cluster
            .update(|state, _| state.groups.get_mut(&self.group).into_iter().for_each(|group| group.rest(stay)));
    }

    fn position(&mut self, id: AssignmentId) -> Option<i64> {
        let stay = self.stay(id);
        self.cluster.update(|state, _| state.groups.get(&self.group)?.position(stay, &state.topics))
    }

    fn commit(&mut self, offsets: &[(AssignmentId, i64)]) {
        let fault = self.cluster.faults().commit(&self.group);
        self.cluster.update(|state, after| state.commit(&self.group, self.id, offsets, fault, after));
    }

    fn release(&mut self, ids: &[AssignmentId]) {
        self.cluster
            .update(|state, after| state.regroup(&self.group, after, |group, _, _| group.release(self.id, ids)));
    }

    fn subscribe(&mut self, topics: &[(TopicName, OffsetReset)]) {
        self.cluster.update(|state, after| {
            state.regroup(&self.group, after, |group, there, after| group.subscribe(self.id, topics, there, after));
        });
    }

    fn close(&mut self) {
        self.cluster
            .update(|state, after| state.regroup(&self.group, after, |group, _, after| group.close(self.id, after)));
    }
}

impl Drop for MemoryConsumer {
    fn drop(&mut self) {
        self.cluster.update(|state, after| {
            let now = state.now;
            state.regroup(&self.group, after, |group, _, after| group.drop_member(self.id, now, after));
        });
    }
}
