//! The machine itself: hands each event to its partition, and does what partitions share: commits, pauses, the bytes that are
//! held. Which partitions it has is for [`rebalance`].

mod rebalance;

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use self::rebalance::Stopping;
use super::commits::Commits;
use super::event::{Action, Event};
use super::flow::{Crowd, Held, Limits};
use super::leaving::Leaving;
use super::partition::Partition;
use super::source::{ListenerIndex, Source};
use super::wakes::Wakes;
use crate::broker::OffsetReset;
use crate::clock::Timestamp;
use crate::observe;
use crate::record::{AssignmentId, TopicName};
use crate::sabotage::{Rule, broken};

/// How an engine works.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    /// How much it holds.
    pub(crate) limits: Limits,
    /// The least time between an answered commit and the next one.
    pub(crate) commit_interval: Duration,
    /// How long revoked partitions may drain.
    pub(crate) revoke_drain: Duration,
    /// The most bytes of an error's trace that travel in a header.
    pub(crate) trace_limit: usize,
    /// What makes this process's jitter differ from another's.
    pub(crate) seed: u64,
}

/// The state machine behind one consumer.
#[derive(Debug)]
pub(crate) struct Engine {
    settings: Settings,
    sources: HashMap<TopicName, Arc<Source>>,
    partitions: BTreeMap<AssignmentId, Partition>,
    paused: BTreeSet<ListenerIndex>,
    wakes: Wakes,
    starved: BTreeSet<AssignmentId>,
    last: Timestamp,
    total_bytes: usize,
    crowd: Crowd,
    commits: Commits,
    leaving: Vec<Leaving>,
    stopping: Option<Stopping>,
    actions: VecDeque<Action>,
}

impl Engine {
    pub(crate) fn new(sources: HashMap<TopicName, Arc<Source>>, settings: Settings) -> Self {
        Self {
            commits: Commits::new(settings.commit_interval),
            settings,
            sources,
            partitions: BTreeMap::new(),
            paused: BTreeSet::new(),
            wakes: Wakes::default(),
            starved: BTreeSet::new(),
            last: Timestamp::from_millis(i64::MIN),
            total_bytes: 0,
            crowd: Crowd::default(),
            leaving: Vec::new(),
            stopping: None,
            actions: VecDeque::new(),
        }
    }

    /// Takes in what happened, at this time.
    pub(crate) fn handle(&mut self, event: Event, now: Timestamp) {
        self.follow(now);
        match event {
            Event::Assigned(assigned) => assigned.into_iter().for_each(|assigned| self.assigned(assigned, now)),
            Event::Revoked { ids, lost } => self.revoked(ids, lost, now),
            Event::Readable(id) => self.with(id, now, |it, _| it.readable()),
            Event::Fetched { id, records, drained } => {
                self.with(id, now, |it, out| it.fetched(records, drained, now, out));
            }
            Event::Position { id, offset } => self.with(id, now, |it, _| it.stands_at(offset)),
            Event::Progress(progress) => self.with(progress.id, now, |it, out| it.progress(progress, now, out)),
            Event::Written { id, numbers } => self.with(id, now, |it, _| it.written(numbers)),
            Event::NotWritten { ticket, error } => {
                self.with(ticket.id, now, |it, out| it.not_written(ticket.number, *error, now, out));
            }
            Event::Committed { offsets, error } => self.committed(offsets, error, now),
            Event::Pause(listener) => self.pause(listener, now),
            Event::Resume(listener) => self.resume(listener, now),
            Event::Sources(sources) => self.read(sources),
            Event::Tick => {}
            Event::Stop { within } => self.stop(now.after(within), now),
            Event::Closed => self.actions.push_back(Action::Stopped),
        }
        self.advance(now);
    }

    /// What a topic is, if it is read.
    pub(crate) fn source(&self, topic: &TopicName) -> Option<&Arc<Source>> {
        self.sources.get(topic)
    }

    /// The next thing to be done.
    pub(crate) fn next_action(&mut self) -> Option<Action> {
        self.actions.pop_front()
    }

    /// When a [`Tick`](Event::Tick) is wanted.
    pub(crate) fn wake_at(&self) -> Option<Timestamp> {
        let draining = match self.stopping {
            Some(Stopping::Draining(until)) => Some(until),
            _ => None,
        };
        let leaving = self.leaving.iter().map(Leaving::deadline);
        leaving.chain(self.wakes.next()).chain(self.commits.next()).chain(draining).min()
    }

    /// A wall clock may step back. Due times are its own; pauses and deadlines must not get longer for it.
    fn follow(&mut self, now: Timestamp) {
        let last = std::mem::replace(&mut self.last, now);
        if now >= last || broken(Rule::StepBack) {
            return;
        }
        let step = last.since(now);
        self.commits.step_back(step);
        self.leaving.iter_mut().for_each(|leaving| leaving.step_back(step));
        if let Some(Stopping::Draining(until)) = &mut self.stopping {
            *until = until.before(step);
        }
        let ids: Vec<_> = self.partitions.keys().copied().collect();
        ids.into_iter().for_each(|id| self.with(id, now, |it, _| it.step_back(step)));
    }

    fn read(&mut self, sources: Vec<(Arc<Source>, OffsetReset)>) {
        if self.stopping.is_none() {
            let topics = sources.iter().map(|(source, reset)| (source.topic.clone(), *reset)).collect();
            self.actions.push_back(Action::Subscribe(topics));
            self.sources = sources.into_iter().map(|(source, _)| (source.topic.clone(), source)).collect();
        }
    }

    fn pause(&mut self, listener: ListenerIndex, now: Timestamp) {
        if self.paused.insert(listener) && !broken(Rule::Pause) {
            self.of(listener).into_iter().for_each(|id| self.with(id, now, Partition::pause));
        }
    }

    fn resume(&mut self, listener: ListenerIndex, now: Timestamp) {
        if self.paused.remove(&listener) {
            self.of(listener).into_iter().for_each(|id| self.with(id, now, Partition::go_on));
        }
    }

    fn of(&self, listener: ListenerIndex) -> Vec<AssignmentId> {
        let its = self.partitions.iter().filter(|(_, it)| it.source().listener == listener);
        its.map(|(id, _)| *id).collect()
    }

    fn committed(&mut self, offsets: Vec<(AssignmentId, i64)>, error: Option<String>, now: Timestamp) {
        self.commits.answered(error.is_none(), now);
        for (id, offset) in offsets {
            self.with(id, now, |it, _| it.offsets.answered(offset, error.is_none()));
        }
        if let Some(message) = error {
            self.actions.push_back(Action::Tell(observe::Event::CommitFailed { message }));
        }
    }

    /// Does something with a partition, if it is still there, and all that follows from it.
    fn with(&mut self, id: AssignmentId, now: Timestamp, change: impl FnOnce(&mut Partition, &mut VecDeque<Action>)) {
        let partitions = self.partitions.len();
        let id = self.fence(id);
        let Some(partition) = self.partitions.get_mut(&id) else { return };
        let before = partition.offsets.unfinished_bytes();
        change(partition, &mut self.actions);
        self.total_bytes = self.total_bytes - before + partition.offsets.unfinished_bytes();
        let held = Held { bytes: self.total_bytes, partitions };
        partition.advance(&self.settings.limits, held, now, &mut self.actions);
        partition.tell_of_silence(now, &mut self.actions);
        self.wakes.set(id, partition.wake_at());
        if partition.is_starved() {
            self.starved.insert(id);
        } else {
            self.starved.remove(&id);
        }
        if partition.offsets.unsent().is_some() {
            self.commits.want(id);
        }
    }

    /// The assignment that something is about, be it gone.
    fn fence(&self, id: AssignmentId) -> AssignmentId {
        let newest = self.partitions.keys().last().copied().filter(|_| broken(Rule::Fencing));
        newest.filter(|_| !self.partitions.contains_key(&id)).unwrap_or(id)
    }

    fn advance(&mut self, now: Timestamp) {
        self.wakes.due(now).into_iter().for_each(|id| self.with(id, now, |_, _| {}));
        if self.crowd.has_thinned(self.total_bytes, &self.settings.limits) {
            let starved: Vec<_> = self.starved.iter().copied().collect();
            starved.into_iter().for_each(|id| self.with(id, now, |_, _| {}));
        }
        self.commit(now);
        self.let_go(now);
        self.drain(now);
    }

    fn commit(&mut self, now: Timestamp) {
        let mut offsets = Vec::new();
        for id in self.commits.take(now) {
            let Some(partition) = self.partitions.get_mut(&id) else { continue };
            let Some(offset) = partition.offsets.unsent() else { continue };
            partition.offsets.sent(offset);
            offsets.push((id, offset));
        }
        if !offsets.is_empty() {
            self.commits.sent(now);
            self.actions.push_back(Action::Commit(offsets));
        }
    }
}
