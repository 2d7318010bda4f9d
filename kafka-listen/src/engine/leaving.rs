//! Partitions that were revoked: they drain, commit what ended, and are let go.
//!
//! The whole group waits for this, so both steps are bounded in time.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use super::event::Action;
use super::partition::Partition;
use crate::clock::Timestamp;
use crate::observe::Event;
use crate::record::AssignmentId;
use crate::sabotage::{Rule, broken};

/// Partitions that leave together.
#[derive(Debug)]
pub(crate) struct Leaving {
    ids: Vec<AssignmentId>,
    step: Step,
    /// The least time that the commit gets.
    commit_within: Duration,
}

#[derive(Debug)]
enum Step {
    /// Handlers end and copies are acknowledged, until then at most.
    Draining(Timestamp),
    /// What ended is being committed, until then at most.
    Committing(Timestamp),
}

impl Leaving {
    /// Where the group waits for it.
    const COMMIT_WITHIN: Duration = Duration::from_secs(2);
    /// Where the whole member goes. Kafka answers none of its commits while it waits for the others of its group to join anew, of
    /// which they hear by their heartbeats, 3 s apart; then it refuses them, and they are sent again.
    const LAST_COMMIT_WITHIN: Duration = Duration::from_secs(6);

    pub(crate) fn new(ids: Vec<AssignmentId>, drain_until: Timestamp) -> Self {
        Self { ids, step: Step::Draining(drain_until), commit_within: Self::COMMIT_WITHIN }
    }

    /// The same for all that a member has, when it goes.
    pub(crate) fn last(ids: Vec<AssignmentId>, drain_until: Timestamp) -> Self {
        Self { commit_within: Self::LAST_COMMIT_WITHIN, ..Self::new(ids, drain_until) }
    }

    /// When the present step ends at the latest.
    pub(crate) fn deadline(&self) -> Timestamp {
        match self.step {
            Step::Draining(until) | Step::Committing(until) => until,
        }
    }

    /// The clock stepped back.
    pub(crate) fn step_back(&mut self, step: Duration) {
        match &mut self.step {
            Step::Draining(until) | Step::Committing(until) => *until = until.before(step),
        }
    }

    /// The partitions.
    pub(crate) fn ids(&self) -> &[AssignmentId] {
        &self.ids
    }

    /// Goes as far as it can; whether the partitions may be let go.
    pub(crate) fn advance(
        &mut self,
        partitions: &mut BTreeMap<AssignmentId, Partition>,
        now: Timestamp,
        out: &mut VecDeque<Action>,
    ) -> bool {
        if let Step::Draining(until) = self.step {
            let idle = self.ids.iter().filter_map(|id| partitions.get(id)).all(Partition::is_idle);
            if !idle && now < until {
                return false;
            }
            self.commit(partitions, now, out);
        }
        let Step::Committing(until) = self.step else { return false };
        let confirmed = self.ids.iter().filter_map(|id| partitions.get(id)).all(|it| it.offsets.is_confirmed());
        confirmed || now >= until || broken(Rule::CommitAtStop)
    }

    /// Gives up what still runs, and commits what ended before.
    fn commit(
        &mut self,
        partitions: &mut BTreeMap<AssignmentId, Partition>,
        now: Timestamp,
        out: &mut VecDeque<Action>,
    ) {
        let mut offsets = Vec::new();
        for id in &self.ids {
            let Some(partition) = partitions.get_mut(id) else { continue };
            if !partition.is_idle() {
                partition.cancel(out);
            }
            if let Some(offset) = partition.offsets.unsent().filter(|_| !broken(Rule::CommitAtStop)) {
                partition.offsets.sent(offset);
                offsets.push((*id, offset));
            }
            let (listener, place) = (partition.source().id.clone(), partition.place().clone());
            let cancelled = partition.gave_up();
            out.push_back(Action::Tell(Event::Revoked { listener, partition: place, lost: false, cancelled }));
        }
        if !offsets.is_empty() {
            out.push_back(Action::Commit(offsets));
        }
        self.step = Step::Committing(now.after(self.commit_within));
    }
}
