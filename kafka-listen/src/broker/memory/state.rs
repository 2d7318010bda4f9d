//! Everything a cluster knows, behind one lock: topics, groups, and what is still to be answered.
//!
//! One operation at a time, each complete when it returns; calls to other people's code are left in [`After`]. Reads
//! no clock: the time of the operation is set before it.

use std::collections::BTreeMap;

use super::after::After;
use super::coordinator::Coordinator;
use super::faults::CommitFault;
use super::group::MemberId;
use super::member::Member;
use super::publishing::Publishing;
use super::topic::Topics;
use crate::broker::{ConsumerError, ConsumerEvent, NewTopic};
use crate::clock::Timestamp;
use crate::record::{AssignmentId, TopicName, TopicPartition};

/// A cluster's state.
#[derive(Debug)]
pub(super) struct State {
    pub(super) topics: Topics,
    pub(super) groups: BTreeMap<String, Coordinator>,
    pub(super) publishing: Publishing,
    pub(super) now: Timestamp,
    pub(super) reachable: bool,
    /// When something is due without anybody asking.
    alarm: Option<Timestamp>,
    members: u64,
}

impl State {
    pub(super) fn new(now: Timestamp) -> Self {
        Self {
            topics: Topics::default(),
            groups: BTreeMap::new(),
            publishing: Publishing::default(),
            now,
            reachable: true,
            alarm: None,
            members: 0,
        }
    }

    /// Lets time pass.
    pub(super) fn tick(&mut self, now: Timestamp, after: &mut After) {
        // Two threads may have read the clock before either took the lock.
        self.now = self.now.max(now);
        if self.alarm.is_none_or(|alarm| alarm > self.now) {
            return;
        }
        self.publishing.tick(self.now, after);
        for group in self.groups.values_mut() {
            if group.tick(self.now, self.reachable, after) {
                group.rebalance(&mut self.topics, self.now, self.reachable, after);
            }
        }
        self.set_alarm();
    }

    /// When `tick` has something to do.
    pub(super) fn alarm(&self) -> Option<Timestamp> {
        self.alarm
    }

    pub(super) fn set_alarm(&mut self) {
        let groups = self.groups.values().filter_map(|group| group.next_tick(self.reachable));
        self.alarm = groups.chain(self.publishing.next_tick()).min();
    }

    /// Does something to a group, then gives its partitions their owners.
    pub(super) fn regroup(
        &mut self,
        name: &str,
        after: &mut After,
        f: impl FnOnce(&mut Coordinator, &Topics, &mut After),
    ) {
        let group = group(&mut self.groups, name);
        f(group, &self.topics, after);
        group.rebalance(&mut self.topics, self.now, self.reachable, after);
        self.set_alarm();
    }

    /// A group; there is one by every name.
    pub(super) fn group(&mut self, name: &str) -> &mut Coordinator {
        group(&mut self.groups, name)
    }

    pub(super) fn commit(
        &mut self,
        group: &str,
        id: MemberId,
        offsets: &[(AssignmentId, i64)],
        fault: Option<CommitFault>,
        after: &mut After,
    ) {
        let fault = if self.reachable { fault } else { Some(CommitFault::Refuse) };
        if let Some(group) = self.groups.get_mut(group) {
            group.commit(id, offsets, fault, &self.topics, self.now, after);
        }
        self.set_alarm();
    }

    pub(super) fn join(&mut self, group: &str, member: Member, after: &mut After) -> MemberId {
        self.members += 1;
        let id = MemberId(self.members);
        self.regroup(group, after, |group, topics, after| group.join(id, member, topics, after));
        id
    }

    pub(super) fn create(&mut self, new: &NewTopic, after: &mut After) -> Result<(), String> {
        if self.topics.create(new)? {
            self.changed(&new.name, after);
        }
        Ok(())
    }

    pub(super) fn grow(&mut self, topic: &TopicName, partitions: i32, after: &mut After) -> Result<(), String> {
        self.topics.grow(topic, partitions)?;
        self.changed(topic, after);
        Ok(())
    }

    /// Removes a topic with all that groups had committed of it.
    pub(super) fn delete(&mut self, topic: &TopicName, after: &mut After) -> bool {
        let was_there = self.topics.delete(topic);
        for group in self.groups.values_mut().filter(|_| was_there) {
            group.topic_deleted(topic, after);
        }
        self.changed(topic, after);
        was_there
    }

    fn changed(&mut self, topic: &TopicName, after: &mut After) {
        for group in self.groups.values_mut().filter(|group| group.subscribes(topic)) {
            group.rebalance(&mut self.topics, self.now, self.reachable, after);
        }
        self.set_alarm();
    }

    /// Uses up offsets without a record, and tells readers that their positions moved.
    pub(super) fn skip(&mut self, of: &TopicPartition, offsets: i64, after: &mut After) {
        if let Some(partition) = self.topics.partition_mut(of) {
            partition.log.skip(offsets);
            let waiting = std::mem::take(&mut partition.waiting);
            self.tell(waiting, after);
        }
    }

    /// Cuts the cluster off from all clients, or connects it again.
    pub(super) fn set_reachable(&mut self, reachable: bool, after: &mut After) {
        if self.reachable == reachable {
            return;
        }
        self.reachable = reachable;
        for member in self.groups.values_mut().flat_map(|group| group.members.values_mut()) {
            if reachable {
                let ids: Vec<_> = member.assignments.keys().copied().collect();
                ids.into_iter().for_each(|id| member.readable(id, after));
                // Who was given up meanwhile joins anew at its next poll.
                member.wake(after);
            } else {
                let message = "the cluster cannot be reached".to_owned();
                member.tell(ConsumerEvent::Failed(ConsumerError { fatal: false, partition: None, message }), after);
            }
        }
        self.set_alarm();
        self.alarm = self.alarm.map(|alarm| alarm.max(self.now));
        if reachable {
            self.write_held(after);
            for group in self.groups.values_mut() {
                group.tick(self.now, true, after);
                group.rebalance(&mut self.topics, self.now, true, after);
            }
            self.set_alarm();
        }
    }
}

fn group<'a>(groups: &'a mut BTreeMap<String, Coordinator>, name: &str) -> &'a mut Coordinator {
    groups.entry(name.to_owned()).or_insert_with(|| Coordinator::new(name))
}
