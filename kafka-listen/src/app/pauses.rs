//! Which listeners are paused, since when and why: kept for the whole application, told to each of its consumers.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::Error;
use crate::clock::{Clock, Timestamp};
use crate::engine::{Event, ListenerIndex};
use crate::listener::Plan;
use crate::observe::{self, Observers, PauseReason, RecordPlace};
use crate::problem::nearest;
use crate::runtime::Inbox;

/// A listener that is paused.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Paused {
    /// Its id.
    pub listener: String,
    /// Since when.
    pub since: Timestamp,
    /// Why.
    pub reason: PauseReason,
}

/// The listeners that are paused. No partition is paused but by this.
pub(super) struct Pauses {
    plan: Arc<Plan>,
    observers: Observers,
    clock: Clock,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    inboxes: Vec<Arc<Inbox>>,
    paused: BTreeMap<ListenerIndex, Paused>,
}

impl Pauses {
    pub(super) fn new(plan: Arc<Plan>, observers: Observers, clock: Clock) -> Self {
        Self { plan, observers, clock, state: Mutex::default() }
    }

    /// A consumer is to be told, too.
    pub(super) fn tell_also(&self, inbox: Arc<Inbox>) {
        let mut state = self.lock();
        state.paused.keys().for_each(|listener| inbox.put(Event::Pause(*listener)));
        state.inboxes.push(inbox);
    }

    /// Pauses a listener; does nothing if it is paused already.
    pub(super) fn pause(&self, id: &str) -> Result<(), Error> {
        let (index, _) = self.find(id)?;
        self.pause_for(index, PauseReason::Asked);
        Ok(())
    }

    /// Pauses a listener because its handler asks for it, which counts for more than that the application did.
    pub(super) fn stop(&self, listener: ListenerIndex, record: RecordPlace, message: String) {
        self.pause_for(listener, PauseReason::Stopped { record, message });
    }

    fn pause_for(&self, index: ListenerIndex, reason: PauseReason) {
        let Some(listener) = self.plan.listeners.get(index.0).map(|listener| listener.id.clone()) else { return };
        let paused = Paused { listener: listener.to_string(), since: self.clock.now(), reason: reason.clone() };
        {
            let mut state = self.lock();
            let before = state.paused.get(&index);
            if before.is_some_and(|before| reason == PauseReason::Asked || before.reason != PauseReason::Asked) {
                return;
            }
            state.paused.insert(index, paused);
            state.inboxes.iter().for_each(|inbox| inbox.put(Event::Pause(index)));
        }
        self.observers.tell(&observe::Event::Paused { listener, reason });
    }

    /// Lets a listener go on; does nothing if it is not paused.
    pub(super) fn resume(&self, id: &str) -> Result<(), Error> {
        let (index, listener) = self.find(id)?;
        {
            let mut state = self.lock();
            if state.paused.remove(&index).is_none() {
                return Ok(());
            }
            state.inboxes.iter().for_each(|inbox| inbox.put(Event::Resume(index)));
        }
        self.observers.tell(&observe::Event::Resumed { listener });
        Ok(())
    }

    pub(super) fn all(&self) -> Vec<Paused> {
        self.lock().paused.values().cloned().collect()
    }

    /// The listener of this id.
    pub(super) fn find(&self, id: &str) -> Result<(ListenerIndex, Arc<str>), Error> {
        let ids = || self.plan.listeners.iter().map(|listener| &listener.id);
        if let Some((index, found)) = ids().enumerate().find(|(_, known)| ***known == *id) {
            return Ok((ListenerIndex(index), found.clone()));
        }
        let hint = match nearest(id, ids().map(|known| &**known)) {
            Some(near) => format!("; did you mean `{near}`?"),
            None => format!("; there are {}", ids().map(|known| format!("`{known}`")).collect::<Vec<_>>().join(", ")),
        };
        Err(Error::NoListener { id: id.to_owned(), hint })
    }

    /// Held while consumers are told, so that they are told in the order of the calls.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
