//! How a consumer answers: rebalances, and partitions whose next offset is gone.

use std::time::Duration;

use rdkafka::error::RDKafkaErrorCode as Code;

use super::consumer::{KafkaConsumer, now};
use super::leaving::Stage;
use super::partition::Stay;
use super::rebalance::Rebalance;
use super::starts::{Found, Start, find, find_again, first_reads};
use crate::broker::{Beginning, ConsumerError, ConsumerEvent};
use crate::record::{Assigned, AssignmentId, TopicPartition};

/// How long a question that was not answered rests before it is asked again.
const BACK_OFF: Duration = Duration::from_millis(200);
/// After so many of these, what would pass by itself is told.
const LONG: u32 = 20;
/// Where a partition begins that is assigned but not read.
const END: i64 = -1;

impl KafkaConsumer {
    /// Joins the group, once it is known what it reads for the first time.
    pub(super) fn join(&mut self) {
        if self.stage != Stage::Open || self.join_at.is_none_or(|at| now() < at) {
            return;
        }
        match first_reads(&self.client, &self.topics) {
            Ok(first) => self.first = first,
            Err(code) => {
                self.fail(code, "it was asked for what the group has committed", None);
                self.join_at = Some(now().after(BACK_OFF));
                return;
            }
        }
        self.join_at = None;
    }

    pub(super) fn on_assign(&mut self, places: Vec<TopicPartition>) {
        if let Stage::Closing(_) = self.stage {
            return self.unassign_all();
        }
        self.rebalances.assign(places);
        if self.stage != Stage::Open {
            self.rebalances.want_nothing();
        }
    }

    pub(super) fn on_revoke(&mut self, places: Vec<TopicPartition>) {
        if let Stage::Closing(_) = self.stage {
            return self.unassign_all();
        }
        let lost = self.client.is_lost();
        let ids = self.assignments.move_on(Some(&places), if lost { Stay::Released } else { Stay::Revoked });
        if !ids.is_empty() {
            self.outbox.push(ConsumerEvent::Revoked { ids, lost });
        }
        self.late.forget(&places);
        self.rebalances.revoke(places);
    }

    /// Answers the rebalances that can be answered.
    pub(super) fn answer(&mut self) {
        while let Some(first) = self.rebalances.first().cloned() {
            match first {
                Rebalance::Revoke { places } if self.assignments.all_released(Some(&places)) => self.unassign(&places),
                Rebalance::Assign { not_before: Some(time), .. } if now() < time => return,
                Rebalance::Assign { places, .. } => match self.assign(places) {
                    Ok(()) => {}
                    Err(code) => return self.postpone(code),
                },
                Rebalance::Revoke { .. } => return,
            }
            self.rebalances.answered();
        }
    }

    fn postpone(&mut self, code: Code) {
        self.fail(code, "it was asked for where to begin to read", None);
        if self.rebalances.postpone(now().after(BACK_OFF)) == LONG {
            let message =
                format!("where the group `{}` begins to read is not answered: {code}; asked again", self.group);
            self.outbox.push(ConsumerEvent::Failed(ConsumerError { fatal: false, partition: None, message }));
        }
    }

    fn assign(&mut self, places: Vec<TopicPartition>) -> Result<(), Code> {
        let found = if places.is_empty() { Found::default() } else { self.find(&places)? };
        self.wait_for_leaders(found.leaderless);
        // A member that gets nothing knows by this that it has joined.
        if found.starts.is_empty() {
            self.outbox.push(ConsumerEvent::Assigned(Vec::new()));
        }
        self.begin(found.starts);
        Ok(())
    }

    pub(super) fn find(&self, places: &[TopicPartition]) -> Result<Found, Code> {
        find(&self.client, places, &self.topics, &self.first)
    }

    /// Reads partitions from where they begin.
    pub(super) fn begin(&mut self, starts: Vec<Start>) {
        let cooperative = self.client.is_cooperative();
        // An eager member can only say all of it anew.
        let mut offsets = if cooperative { Vec::new() } else { self.assignments.positions() };
        let (mut assigned, mut gone) = (Vec::new(), Vec::new());
        for Start { place, committed, beginning } in starts {
            let (start, wanted) = match beginning {
                Beginning::At(start) => (start, None),
                Beginning::Gone { wanted, at } => (at, Some(wanted)),
                Beginning::Refused => {
                    offsets.push((place.clone(), END));
                    self.refuse(place);
                    continue;
                }
            };
            offsets.push((place.clone(), start));
            let Some(id) = self.assignments.insert(&self.client, place.clone(), start) else { continue };
            assigned.push(Assigned { id, partition: place, start, committed });
            gone.extend(wanted.map(|from| ConsumerEvent::Gone { id, from, to: start }));
        }
        let offsets = offsets.iter().map(|(place, offset)| (place, *offset));
        let answer = if cooperative { self.client.add(offsets) } else { self.client.assign(offsets) };
        if let Err(error) = answer {
            tracing::warn!(group = self.group, error, "an assignment was not taken");
        }
        // What came before its queue was watched is looked for once.
        assigned.iter().for_each(|assigned| self.assignments.mark_readable(assigned.id));
        if !assigned.is_empty() {
            self.outbox.push(ConsumerEvent::Assigned(assigned));
        }
        self.outbox.append(&mut gone);
    }

    fn refuse(&mut self, place: TopicPartition) {
        let message = Beginning::refusal(&self.group, &place);
        self.outbox.push(ConsumerEvent::Failed(ConsumerError { fatal: true, partition: Some(place.clone()), message }));
        self.assignments.refuse(place);
    }

    fn unassign(&mut self, places: &[TopicPartition]) {
        let cooperative = self.client.is_cooperative();
        let gone = self.assignments.assigned(cooperative.then_some(places));
        self.wake_those(|_, place| gone.contains(place));
        let answer = if cooperative { self.client.remove(&gone) } else { self.client.unassign() };
        if let Err(error) = answer {
            tracing::warn!(group = self.group, error, "partitions were not taken back");
        }
        self.assignments.remove(&gone);
    }

    /// Lets go of everything: the answer to whatever is asked while the client closes, or has failed.
    pub(super) fn unassign_all(&mut self) {
        if let Err(error) = self.client.unassign() {
            tracing::debug!(group = self.group, error, "nothing to unassign");
        }
        let all = self.assignments.assigned(None);
        self.assignments.remove(&all);
        self.late.clear();
    }

    /// Assigns partitions anew whose next offset the log does not have: librdkafka has stopped them.
    pub(super) fn repair(&mut self) {
        self.stopped.retain(|&id, _| self.assignments.get(id).is_some());
        if !self.may_repair() {
            return;
        }
        let time = now();
        let due: Vec<_> = self.stopped.iter().filter(|(_, at)| **at <= time).map(|(&id, _)| id).collect();
        for id in due {
            if self.repair_one(id).is_none() {
                self.stopped.insert(id, time.after(BACK_OFF));
            }
        }
    }

    /// While a rebalance waits, a change of the assignment would pass for its answer.
    pub(super) fn may_repair(&self) -> bool {
        self.rebalances.is_empty() && self.stage == Stage::Open
    }

    fn repair_one(&mut self, id: AssignmentId) -> Option<()> {
        let held = self.assignments.get(id)?;
        let (place, from) = (held.place.clone(), held.next());
        let to = match find_again(&self.client, &place, from).ok()? {
            Beginning::At(to) | Beginning::Gone { at: to, .. } => to,
            Beginning::Refused => return None,
        };
        if let Err(error) = self.read_again(id, &place, to)? {
            tracing::warn!(partition = %place, error, "it could not be assigned anew");
            return None;
        }
        self.stopped.remove(&id);
        self.assignments.mark_readable(id);
        if from != to {
            self.outbox.push(ConsumerEvent::Gone { id, from, to });
        }
        Some(())
    }

    fn read_again(&mut self, id: AssignmentId, place: &TopicPartition, at: i64) -> Option<Result<(), String>> {
        if self.client.is_cooperative() {
            if let Err(error) = self.client.remove([place]) {
                tracing::debug!(partition = %place, error, "it was not assigned");
            }
            self.assignments.reopen(&self.client, id, at)?;
            return Some(self.client.add([(place, at)]));
        }
        // An eager member can only say all of it anew.
        self.assignments.reopen(&self.client, id, at)?;
        let all = self.assignments.positions();
        Some(self.client.assign(all.iter().map(|(place, next)| (place, *next))))
    }
}
