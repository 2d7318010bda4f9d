//! What a member does with its partitions: takes records, asks for its position, commits.
//!
//! Nothing here changes who owns what.

use std::sync::Arc;

use super::after::After;
use super::coordinator::Coordinator;
use super::faults::CommitFault;
use super::group::MemberId;
use super::topic::{Reader, Topics};
use super::watch::Seen;
use crate::broker::{ConsumerEvent, Room, Taken};
use crate::clock::Timestamp;
use crate::record::{AssignmentId, Record};

/// Which assignment of which member.
#[derive(Clone, Copy)]
pub(super) struct Stay {
    pub(super) member: MemberId,
    pub(super) id: AssignmentId,
}

impl Coordinator {
    /// Nothing was read ahead that could be let go of; but who takes again has to wait, as for a fetch.
    pub(super) fn rest(&mut self, stay: Stay) {
        let member = self.members.get_mut(&stay.member);
        let assignment = member.and_then(|member| member.assignments.get_mut(&stay.id));
        assignment.into_iter().for_each(|assignment| assignment.rests = true);
    }

    pub(super) fn take(
        &mut self,
        stay: Stay,
        topics: &mut Topics,
        room: Room,
        records: &mut Vec<Record>,
        after: &mut After,
    ) -> Taken {
        let Some(member) = self.members.get_mut(&stay.member) else { return Taken::Drained };
        let Some(assignment) = member.assignments.get_mut(&stay.id).filter(|assignment| !assignment.revoked) else {
            return Taken::Drained;
        };
        if std::mem::take(&mut assignment.rests) {
            member.tell(ConsumerEvent::Readable(stay.id), after);
            return Taken::Drained;
        }
        let Some(partition) = topics.partition_mut(&assignment.partition) else { return Taken::Drained };
        let from = assignment.position;
        if !partition.log.has(from) {
            // Told first, read later: the holder must know of the gap before it sees what lies behind it.
            let to = partition.log.low();
            assignment.position = to;
            member.tell(ConsumerEvent::Gone { id: stay.id, from, to }, after);
            member.tell(ConsumerEvent::Readable(stay.id), after);
            return Taken::Drained;
        }
        let (next, taken) = partition.log.read(from, room, records);
        assignment.position = next;
        if taken == Taken::Drained && !assignment.waiting {
            assignment.waiting = true;
            let group = Arc::clone(&self.name);
            partition.waiting.push(Reader { group, member: stay.member, assignment: stay.id });
        }
        taken
    }

    pub(super) fn position(&self, stay: Stay, topics: &Topics) -> Option<i64> {
        let assignment = self.members.get(&stay.member)?.assignments.get(&stay.id)?;
        let log = &topics.partition(&assignment.partition)?.log;
        // Only over what comes behind everything: a gap in the middle is passed with the record behind it.
        let next = log.over_gap(assignment.position);
        Some(if next == log.high() { next } else { assignment.position })
    }

    /// Commits what this member may commit. It may as long as it has not released, and is in the group; what others
    /// committed meanwhile does not matter, as with Kafka.
    pub(super) fn commit(
        &mut self,
        id: MemberId,
        offsets: &[(AssignmentId, i64)],
        fault: Option<CommitFault>,
        topics: &Topics,
        now: Timestamp,
        after: &mut After,
    ) {
        let is_member = self.has(id);
        let Some(member) = self.members.get_mut(&id) else { return };
        let (mut taken, mut refused) = (Vec::new(), Vec::new());
        for (stay, offset) in offsets {
            let partition = member.assignments.get(stay).map(|assignment| &assignment.partition);
            match partition.filter(|partition| is_member && topics.partition(partition).is_some()) {
                Some(partition) => {
                    taken.push((*stay, *offset));
                    if fault != Some(CommitFault::Refuse) {
                        self.committed.insert(partition.clone(), *offset);
                        let group = &self.name;
                        after.see(|| Seen::Committed {
                            group: group.clone(),
                            member: id,
                            partition: partition.clone(),
                            offset: *offset,
                        });
                    }
                }
                None => refused.push((*stay, *offset)),
            }
        }
        let error = match fault {
            Some(CommitFault::Refuse) => Some("the coordinator did not take the commit".to_owned()),
            Some(CommitFault::LoseAnswer) => Some("the answer to the commit was lost".to_owned()),
            Some(CommitFault::Delay(_)) | None => None,
        };
        let due = match fault {
            Some(CommitFault::Delay(delay)) => now.after(delay),
            _ => now,
        };
        let why = if is_member { "the partition is no longer assigned" } else { "no longer a member of the group" };
        for (offsets, error) in [(taken, error), (refused, Some(why.to_owned()))] {
            if !offsets.is_empty() {
                let event = ConsumerEvent::Committed { offsets, error };
                member.tell_at(due, event, after);
            }
        }
        member.tick(now, after);
    }
}
