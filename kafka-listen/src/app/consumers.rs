//! The consumers that run: those that the plan asks for, but for those of listeners that nobody has started yet.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::Error;
use super::current::CurrentPlan;
use super::starter::{RunningConsumer, Starter, Statuses};
use crate::engine::ListenerIndex;
use crate::listener::{ConsumerKey, PlannedConsumer};

/// The consumers that run, and the way to start more.
pub(super) struct Consumers {
    plan: CurrentPlan,
    starter: Starter,
    /// Whether topics are looked for, which may be read with a group that nobody has read with yet.
    may_grow: bool,
    state: Mutex<State>,
}

struct State {
    running: Vec<RunningConsumer>,
    keys: BTreeSet<ConsumerKey>,
    /// Those with `auto_start = false`, until somebody asks for them.
    unstarted: BTreeSet<ListenerIndex>,
    /// Nothing once no other consumer can come: whoever waits for the last status must not wait for them.
    statuses: Option<Statuses>,
}

impl Consumers {
    /// Starts all that the plan asks for, or nothing.
    pub(super) fn start(
        plan: CurrentPlan,
        starter: Starter,
        may_grow: bool,
        statuses: Statuses,
    ) -> Result<Self, Error> {
        let listeners = plan.get();
        let listeners = listeners.listeners.iter().enumerate();
        let unstarted = listeners.filter(|(_, listener)| !listener.settings.auto_start);
        let state = State {
            running: Vec::new(),
            keys: BTreeSet::new(),
            unstarted: unstarted.map(|(index, _)| ListenerIndex(index)).collect(),
            statuses: Some(statuses),
        };
        let consumers = Self { plan, starter, may_grow, state: Mutex::new(state) };
        consumers.start_missing()?;
        Ok(consumers)
    }

    /// Starts a listener that has waited for it; does nothing if it runs.
    pub(super) fn start_listener(&self, listener: ListenerIndex) -> Result<(), Error> {
        let mut state = self.lock();
        if !state.unstarted.remove(&listener) {
            return Ok(());
        }
        let started = self.start_missing_of(&mut state);
        if started.is_err() {
            state.unstarted.insert(listener);
        }
        started
    }

    /// Starts what the plan asks for and does not run yet, or nothing of it: half a listener must not handle records.
    pub(super) fn start_missing(&self) -> Result<(), Error> {
        self.start_missing_of(&mut self.lock())
    }

    fn start_missing_of(&self, state: &mut State) -> Result<(), Error> {
        let Some(statuses) = state.statuses.clone() else { return Ok(()) };
        let planned = self.plan.get().consumers();
        let missing: Vec<_> = planned.into_iter().filter(|planned| state.lacks(planned)).collect();
        let (first, keys) = (state.running.len(), missing.iter().map(PlannedConsumer::key).collect::<BTreeSet<_>>());
        for planned in missing {
            let started = self.starter.start(state.running.len(), planned, statuses.clone());
            let started = started.inspect_err(|_| {
                for started in &mut state.running[first..] {
                    started.stop(Duration::ZERO);
                    started.ready = true;
                }
            });
            state.running.push(started?);
        }
        state.keys.extend(keys);
        if !self.may_grow && state.unstarted.is_empty() {
            state.statuses = None;
        }
        Ok(())
    }

    /// Whether each of them knows its partitions.
    pub(super) fn are_ready(&self) -> bool {
        self.lock().running.iter().all(|consumer| consumer.ready)
    }

    /// One of them knows its partitions.
    pub(super) fn is_ready(&self, number: usize) {
        self.lock().running.get_mut(number).into_iter().for_each(|consumer| consumer.ready = true);
    }

    /// Asks all of them to stop, and to give their handlers so much time; no other starts any more.
    pub(super) fn stop(&self, within: Duration) {
        let mut state = self.lock();
        state.statuses = None;
        state.running.iter().for_each(|consumer| consumer.stop(within));
    }

    /// All of them, to wait for their end.
    pub(super) fn take(&self) -> Vec<RunningConsumer> {
        std::mem::take(&mut self.lock().running)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn lacks(&self, planned: &PlannedConsumer) -> bool {
        !self.keys.contains(&planned.key()) && planned.alone.is_none_or(|listener| !self.unstarted.contains(&listener))
    }
}
