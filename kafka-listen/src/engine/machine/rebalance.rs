//! The partitions that a machine has: they are assigned, revoked, lost and let go, and on request all of them.

use super::Engine;
use crate::clock::Timestamp;
use crate::engine::draw::Draw;
use crate::engine::event::Action;
use crate::engine::leaving::Leaving;
use crate::engine::partition::Partition;
use crate::observe::Event;
use crate::record::{Assigned, AssignmentId};
use crate::sabotage::{Rule, broken};

/// The end of all, on request.
#[derive(Clone, Copy, Debug)]
pub(super) enum Stopping {
    /// Handlers end, until then at most.
    Draining(Timestamp),
    /// The group is being left.
    Closing,
}

impl Engine {
    /// A partition came; at the end of all it only goes again.
    pub(super) fn assigned(&mut self, assigned: Assigned, now: Timestamp) {
        // Only topics of the plan are subscribed to.
        let Some(source) = self.sources.get(&assigned.partition.topic) else { return };
        let (listener, partition) = (source.id.clone(), assigned.partition.clone());
        self.actions.push_back(Action::Tell(Event::Assigned { listener, partition, start: assigned.start }));
        let (id, draw) = (assigned.id, Draw { seed: self.settings.seed });
        let mut partition = Partition::new(assigned, source.clone(), draw, self.settings.trace_limit);
        if self.stopping.is_some() {
            partition.leave(now, &mut self.actions);
        } else if self.paused.contains(&partition.source().listener) {
            partition.pause(&mut self.actions);
        }
        self.partitions.insert(id, partition);
        self.with(id, now, |_, _| {});
    }

    /// Partitions are wanted elsewhere, which waits for them unless they are `lost`: then another has them already.
    pub(super) fn revoked(&mut self, ids: Vec<AssignmentId>, lost: bool, now: Timestamp) {
        if lost {
            return ids.into_iter().for_each(|id| self.lost(id));
        }
        let until = now.after(self.settings.revoke_drain);
        ids.iter().for_each(|id| self.with(*id, now, |it, out| it.leave(until, out)));
        self.actions.extend(ids.iter().map(|id| Action::Warn(*id)));
        let goes = matches!(self.stopping, Some(Stopping::Closing));
        self.leaving.push(if goes { Leaving::last(ids, until) } else { Leaving::new(ids, until) });
    }

    fn lost(&mut self, id: AssignmentId) {
        if broken(Rule::Lost) {
            return;
        }
        let Some(partition) = self.partitions.get_mut(&id) else { return };
        partition.cancel(&mut self.actions);
        let cancelled = partition.gave_up();
        let (listener, partition) = (partition.source().id.clone(), partition.place().clone());
        self.actions.push_back(Action::Tell(Event::Revoked { listener, partition, lost: true, cancelled }));
        self.forget(id);
    }

    /// Lets all go, with time until then for what runs.
    pub(super) fn stop(&mut self, until: Timestamp, now: Timestamp) {
        if self.stopping.is_none() {
            self.stopping = Some(Stopping::Draining(until));
            let ids: Vec<_> = self.partitions.keys().copied().collect();
            ids.into_iter().for_each(|id| self.with(id, now, |it, out| it.leave(until, out)));
        }
    }

    /// Releases what has left as far as it could.
    pub(super) fn let_go(&mut self, now: Timestamp) {
        let (partitions, actions) = (&mut self.partitions, &mut self.actions);
        let ready = self.leaving.extract_if(.., |leaving| leaving.advance(partitions, now, actions));
        for ids in ready.map(|leaving| leaving.ids().to_vec()).collect::<Vec<_>>() {
            ids.iter().for_each(|id| self.forget(*id));
            self.actions.push_back(Action::Release(ids));
        }
    }

    /// Leaves the group once nothing runs any more, or time is up.
    pub(super) fn drain(&mut self, now: Timestamp) {
        let Some(Stopping::Draining(until)) = self.stopping else { return };
        if now >= until || self.partitions.values().all(Partition::is_idle) {
            for partition in self.partitions.values_mut().filter(|it| !it.is_idle()) {
                partition.cancel(&mut self.actions);
            }
            self.stopping = Some(Stopping::Closing);
            self.actions.push_back(Action::Close);
        }
    }

    fn forget(&mut self, id: AssignmentId) {
        self.total_bytes -= self.partitions.remove(&id).map_or(0, |it| it.offsets.unfinished_bytes());
        self.wakes.set(id, None);
        self.starved.remove(&id);
    }
}
