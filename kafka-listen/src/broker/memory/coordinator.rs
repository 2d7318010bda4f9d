//! One consumer group with its members and committed offsets: the part of a broker that Kafka calls coordinator.
//!
//! It turns what `group` decides into what each member is told. Time comes in as an argument; wake-up calls go into
//! [`After`].

use std::collections::BTreeMap;
use std::sync::Arc;

use super::after::After;
use super::group::{Change, Group, MemberId};
use super::member::{Member, Standing};
use super::topic::Topics;
use crate::broker::{ConsumerError, ConsumerEvent, OffsetReset};
use crate::clock::Timestamp;
use crate::record::{AssignmentId, TopicName, TopicPartition};

/// One consumer group.
#[derive(Debug)]
pub(super) struct Coordinator {
    pub(super) name: Arc<str>,
    group: Group,
    pub(super) members: BTreeMap<MemberId, Member>,
    pub(super) committed: BTreeMap<TopicPartition, i64>,
}

impl Coordinator {
    pub(super) fn new(name: &str) -> Self {
        Self { name: name.into(), group: Group::default(), members: BTreeMap::new(), committed: BTreeMap::new() }
    }

    /// The members that count, with what each holds.
    pub(super) fn holdings(&self) -> impl Iterator<Item = (MemberId, Vec<TopicPartition>)> {
        self.group.members()
    }

    pub(super) fn subscribes(&self, topic: &TopicName) -> bool {
        self.group.subscribes(topic)
    }

    /// Whether this member is still one.
    pub(super) fn has(&self, id: MemberId) -> bool {
        self.group.contains(id)
    }

    pub(super) fn join(&mut self, id: MemberId, mut member: Member, topics: &Topics, after: &mut After) {
        let wanted: Vec<TopicName> = member.settings.topics.keys().cloned().collect();
        for topic in wanted.iter().filter(|topic| topics.get(topic).is_none()) {
            member.tell(missing(topic), after);
        }
        for (topic, count) in topics.counts() {
            if !self.committed.keys().any(|of| of.topic == topic) {
                member.first.add(topic, count);
            }
        }
        self.group.join(id, wanted);
        self.members.insert(id, member);
    }

    /// A member wants to read other topics.
    pub(super) fn subscribe(
        &mut self,
        id: MemberId,
        wanted: &[(TopicName, OffsetReset)],
        topics: &Topics,
        after: &mut After,
    ) {
        let Some(member) = self.members.get_mut(&id) else { return };
        let before = std::mem::replace(&mut member.settings.topics, wanted.iter().cloned().collect());
        let new = wanted.iter().map(|(topic, _)| topic).filter(|topic| !before.contains_key(*topic));
        for topic in new.filter(|topic| topics.get(topic).is_none()) {
            member.tell(missing(topic), after);
        }
        self.group.subscribe(id, wanted.iter().map(|(topic, _)| topic.clone()));
    }

    /// Lets a member join anew that was given up meanwhile. Tells whether it did.
    pub(super) fn rejoin(&mut self, id: MemberId) -> bool {
        match self.members.get_mut(&id) {
            Some(member) if member.standing == Standing::Expelled => {
                member.standing = Standing::In;
                self.group.join(id, member.settings.topics.keys().cloned());
                true
            }
            _ => false,
        }
    }

    pub(super) fn close(&mut self, id: MemberId, after: &mut After) {
        let Some(member) = self.members.get_mut(&id) else { return };
        match member.standing {
            Standing::In => {
                member.standing = Standing::Closing;
                self.group.leave(id);
            }
            Standing::Expelled => {
                member.standing = Standing::Out;
                member.tell(ConsumerEvent::Closed, after);
            }
            Standing::Closing | Standing::Out | Standing::Dead(_) => {}
        }
    }

    /// The holder is gone. Without a word, the group notices only when the session is over.
    pub(super) fn drop_member(&mut self, id: MemberId, now: Timestamp, after: &mut After) {
        let Some(member) = self.members.get_mut(&id) else { return };
        if self.group.contains(id) {
            member.standing = Standing::Dead(now.after(member.settings.session));
            self.new_deadline(after);
        } else {
            after.bury(self.members.remove(&id));
        }
    }

    /// The group gives a member up that is still there.
    pub(super) fn expel(&mut self, id: MemberId, after: &mut After) {
        self.group.remove(id);
        let Some(member) = self.members.get_mut(&id) else { return };
        member.lose(|_| true, after);
        match member.standing {
            Standing::In => {
                member.standing = Standing::Expelled;
                member.wake(after);
            }
            Standing::Closing => {
                member.standing = Standing::Out;
                member.tell(ConsumerEvent::Closed, after);
            }
            Standing::Dead(_) => after.bury(self.members.remove(&id)),
            Standing::Expelled | Standing::Out => {}
        }
    }

    pub(super) fn release(&mut self, id: MemberId, ids: &[AssignmentId]) {
        let Some(member) = self.members.get_mut(&id) else { return };
        let mut released = Vec::new();
        for id in ids {
            if member.assignments.get(id).is_some_and(|assignment| assignment.revoked) {
                released.extend(member.assignments.remove(id).map(|assignment| assignment.partition));
            }
        }
        member.check_release();
        self.group.release(id, &released);
    }

    /// A topic was deleted: what is held of it is lost, and what was committed of it is forgotten.
    pub(super) fn topic_deleted(&mut self, topic: &TopicName, after: &mut After) {
        self.committed.retain(|partition, _| partition.topic != *topic);
        self.group.forget(topic);
        for member in self.members.values_mut().filter(|member| member.settings.topics.contains_key(topic)) {
            member.tell(missing(topic), after);
            member.lose(|partition| partition.topic == *topic, after);
        }
    }

    /// Tells what is due and gives up whoever let a deadline pass. Tells whether somebody was.
    pub(super) fn tick(&mut self, now: Timestamp, reachable: bool, after: &mut After) -> bool {
        let mut overdue = Vec::new();
        for (id, member) in &mut self.members {
            member.tick(now, after);
            if reachable && deadline(member).is_some_and(|due| due <= now) {
                overdue.push(*id);
            }
        }
        for id in &overdue {
            self.expel(*id, after);
        }
        !overdue.is_empty()
    }

    /// When `tick` has something to do.
    pub(super) fn next_tick(&self, reachable: bool) -> Option<Timestamp> {
        let members = self.members.values();
        members.flat_map(|member| [member.next_late(), deadline(member).filter(|_| reachable)]).flatten().min()
    }

    /// Lets those leave who want to and, if the group can be reached, gives every partition its owner.
    pub(super) fn rebalance(&mut self, topics: &mut Topics, now: Timestamp, reachable: bool, after: &mut After) {
        loop {
            let mut changes = self.group.let_go();
            if reachable {
                changes.extend(self.group.rebalance(&topics.counts()));
            }
            if changes.is_empty() {
                break;
            }
            for change in changes {
                match change {
                    Change::Assigned(id, partitions) => self.assigned(id, partitions, topics, after),
                    Change::Revoked(id, partitions) => self.revoked(id, &partitions, now, after),
                    Change::Left(id) => self.left(id, after),
                }
            }
        }
        if reachable {
            self.members.values_mut().for_each(|member| member.inform(after));
        }
    }

    fn revoked(&mut self, id: MemberId, partitions: &[TopicPartition], now: Timestamp, after: &mut After) {
        let Some(member) = self.members.get_mut(&id) else { return };
        let (mut ids, mut unread) = (Vec::new(), partitions.to_vec());
        for (id, assignment) in &mut member.assignments {
            if partitions.contains(&assignment.partition) && !assignment.revoked {
                assignment.revoked = true;
                ids.push(*id);
                unread.retain(|partition| *partition != assignment.partition);
            }
        }
        if !ids.is_empty() {
            member.release_by.get_or_insert(now.after(member.settings.max_poll));
            member.tell(ConsumerEvent::Revoked { ids, lost: false }, after);
        }
        // Where reading was refused the holder has nothing to let go of.
        self.group.release(id, &unread);
        self.new_deadline(after);
    }

    /// Everybody sleeps until the deadline they know of.
    fn new_deadline(&self, after: &mut After) {
        self.members.values().for_each(|member| member.wake(after));
    }

    fn left(&mut self, id: MemberId, after: &mut After) {
        let Some(member) = self.members.get_mut(&id) else { return };
        match member.standing {
            Standing::Dead(_) => after.bury(self.members.remove(&id)),
            _ => {
                member.standing = Standing::Out;
                member.tell(ConsumerEvent::Closed, after);
            }
        }
    }
}

/// When the group gives this member up.
fn deadline(member: &Member) -> Option<Timestamp> {
    match member.standing {
        Standing::Dead(at) => Some(member.release_by.map_or(at, |by| by.min(at))),
        Standing::In | Standing::Closing => member.release_by,
        Standing::Expelled | Standing::Out => None,
    }
}

fn missing(topic: &TopicName) -> ConsumerEvent {
    let message = format!("there is no topic `{topic}`; it is read as soon as somebody creates it");
    ConsumerEvent::Failed(ConsumerError { fatal: false, partition: None, message })
}
