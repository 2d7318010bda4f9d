//! A partition comes to a member: where it begins to read, and what it is told of that.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::after::After;
use super::coordinator::Coordinator;
use super::group::MemberId;
use super::member::Assignment;
use super::topic::{Reader, Topics};
use super::watch::Seen;
use crate::broker::{Beginning, ConsumerError, ConsumerEvent};
use crate::record::{Assigned, AssignmentId, TopicPartition};

impl Coordinator {
    /// Tells a member what it was assigned. Where reading is refused it is told so instead, and nobody reads.
    pub(super) fn assigned(
        &mut self,
        id: MemberId,
        partitions: Vec<TopicPartition>,
        topics: &mut Topics,
        after: &mut After,
    ) {
        let begun: Vec<_> = partitions.into_iter().filter_map(|of| Some((self.begin(id, &of, topics)?, of))).collect();
        let Some(member) = self.members.get_mut(&id) else { return };
        let (mut assigned, mut then) = (Vec::new(), Vec::new());
        for (beginning, partition) in begun {
            let committed = self.committed.get(&partition).copied();
            let (assignment, start) = match beginning {
                Beginning::At(start) => (next_assignment(), start),
                Beginning::Gone { wanted, at } => {
                    let assignment = next_assignment();
                    then.push(ConsumerEvent::Gone { id: assignment, from: wanted, to: at });
                    (assignment, at)
                }
                Beginning::Refused => {
                    then.push(ConsumerEvent::Failed(refused(&self.name, partition)));
                    continue;
                }
            };
            let Some(place) = topics.partition_mut(&partition) else { continue };
            let waiting = start >= place.log.high();
            if waiting {
                place.waiting.push(Reader { group: Arc::clone(&self.name), member: id, assignment });
            } else {
                then.push(ConsumerEvent::Readable(assignment));
            }
            after.see(|| Seen::Assigned {
                group: Arc::clone(&self.name),
                member: id,
                partition: partition.clone(),
                start,
            });
            assigned.push(Assigned { id: assignment, partition: partition.clone(), start, committed });
            let stay = Assignment { partition, position: start, waiting, rests: false, revoked: false };
            member.assignments.insert(assignment, stay);
        }
        if !assigned.is_empty() {
            member.informed = true;
            member.tell(ConsumerEvent::Assigned(assigned), after);
        }
        then.into_iter().for_each(|event| member.tell(event, after));
    }

    fn begin(&self, id: MemberId, of: &TopicPartition, topics: &Topics) -> Option<Beginning> {
        let log = &topics.partition(of)?.log;
        let member = self.members.get(&id)?;
        let reset = *member.settings.topics.get(&of.topic)?;
        let is_first = member.first.contains(of);
        Some(Beginning::decide(self.committed.get(of).copied(), log.low(), log.high(), reset, is_first))
    }
}

fn refused(group: &str, partition: TopicPartition) -> ConsumerError {
    let message = Beginning::refusal(group, &partition);
    ConsumerError { fatal: true, partition: Some(partition), message }
}

/// One number after the other, over all clusters of the process.
fn next_assignment() -> AssignmentId {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    AssignmentId(NEXT.fetch_add(1, Ordering::Relaxed))
}
