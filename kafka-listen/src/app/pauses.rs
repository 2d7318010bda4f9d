//! Which listeners are paused, since when and why: kept for the whole application, told to each of its consumers.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::Error;
use crate::clock::{Clock, Timestamp};
use crate::engine::{Event, ListenerIndex};
use crate::listener::Plan;
use crate::observe::{self, Observers, PauseReason};
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
    inboxes: Vec<Arc<Inbox>>,
    paused: Mutex<BTreeMap<ListenerIndex, Paused>>,
}

impl Pauses {
    pub(super) fn new(plan: Arc<Plan>, observers: Observers, clock: Clock, inboxes: Vec<Arc<Inbox>>) -> Self {
        Self { plan, observers, clock, inboxes, paused: Mutex::default() }
    }

    /// Pauses a listener; does nothing if it is paused already.
    pub(super) fn pause(&self, id: &str, reason: PauseReason) -> Result<(), Error> {
        let (index, listener) = self.find(id)?;
        let paused = Paused { listener: id.to_owned(), since: self.clock.now(), reason: reason.clone() };
        {
            let mut all = self.lock();
            if all.contains_key(&index) {
                return Ok(());
            }
            all.insert(index, paused);
            self.inboxes.iter().for_each(|inbox| inbox.put(Event::Pause(index)));
        }
        self.observers.tell(&observe::Event::Paused { listener, reason });
        Ok(())
    }

    /// Lets a listener go on; does nothing if it is not paused.
    pub(super) fn resume(&self, id: &str) -> Result<(), Error> {
        let (index, listener) = self.find(id)?;
        {
            let mut all = self.lock();
            if all.remove(&index).is_none() {
                return Ok(());
            }
            self.inboxes.iter().for_each(|inbox| inbox.put(Event::Resume(index)));
        }
        self.observers.tell(&observe::Event::Resumed { listener });
        Ok(())
    }

    pub(super) fn all(&self) -> Vec<Paused> {
        self.lock().values().cloned().collect()
    }

    fn find(&self, id: &str) -> Result<(ListenerIndex, Arc<str>), Error> {
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
    fn lock(&self) -> MutexGuard<'_, BTreeMap<ListenerIndex, Paused>> {
        self.paused.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
