//! How much a partition holds, and what it may take besides.
//!
//! Records that wait until they are due were not delivered yet: a crash repeats nothing of them, so they do not count for the
//! window, and bytes alone bound them. Where all waits of a topic are as long as its delay, what lies unread is due after what
//! is held, and nobody needs more than a little of it. Where some are longer (a jitter, a `RetryAfter`, another client's due
//! time), records may lie behind them that are due before them: then more is held.

use std::collections::VecDeque;
use std::time::Duration;

use super::event::Action;
use super::flow::{Held, Limits};
use super::in_the_way::LONG;
use super::partition::Partition;
use super::source::Role;
use crate::broker::Room;
use crate::clock::Timestamp;
use crate::observe::Event;
use crate::sabotage::{Rule, broken};

/// When it was told that too many wait.
#[derive(Debug, Default)]
pub(crate) struct Holding {
    told: Option<Timestamp>,
}

impl Holding {
    const TELL_AGAIN: Duration = Duration::from_secs(60);

    /// The clock stepped back.
    pub(crate) fn step_back(&mut self, step: Duration) {
        self.told = self.told.map(|told| told.before(step));
    }

    /// Whether it is time to tell; it then is told.
    fn tells(&mut self, now: Timestamp) -> bool {
        let tells = self.told.is_none_or(|told| now >= told.after(Self::TELL_AGAIN));
        if tells {
            self.told = Some(now);
        }
        tells
    }
}

impl Partition {
    /// What may be taken now, if anything.
    pub(super) fn room(&self, limits: &Limits, held: Held, now: Timestamp) -> Option<Room> {
        let own = self.offsets.unfinished_bytes();
        let limits = if self.holds_long_waits(now) && !broken(Rule::LongWaits) {
            limits.for_long_waits(own, held)
        } else {
            *limits
        };
        let room = limits.room(self.repeated(), own, held)?;
        Some(if self.source().role == Role::Retry { Limits::in_passing(room) } else { room })
    }

    /// How many records a crash would repeat at most, or delay in their course.
    pub(super) fn repeated(&self) -> usize {
        let waiting = if broken(Rule::Waits) { 0 } else { self.waiting.len() };
        self.offsets.window().saturating_sub(waiting)
    }

    /// Whether batches wait for others in vain: nothing more is read before what is held has ended.
    pub(super) fn no_more(&self, limits: &Limits, held: Held, now: Timestamp) -> bool {
        let is_full = || self.room(limits, held, now).is_none();
        self.source().batching.is_some() && self.reading.is_readable() && is_full()
    }

    /// Tells that there is no room and will be none for a while: the consumer, and if shorter waits may lie behind those that take
    /// it, the observers.
    pub(super) fn tell_of_waits(&mut self, now: Timestamp, out: &mut VecDeque<Action>) {
        let does_nothing = self.lanes.running() == 0 && self.publishing.is_idle() && self.lanes.is_empty();
        let Some(until) = self.waiting.next().filter(|until| does_nothing && *until > now.after(LONG)) else { return };
        if self.reading.rests() {
            out.push_back(Action::Rest(self.assignment.id));
        }
        if self.holds_long_waits(now) && self.holding.tells(now) {
            let (listener, partition) = (self.assignment.listener(), self.place().clone());
            out.push_back(Action::Tell(Event::TooManyWaits { listener, partition, count: self.waiting.len(), until }));
        }
    }

    /// Whether some wait that is held is longer than those of what lies unread may be, which its own chain has written.
    fn holds_long_waits(&self, now: Timestamp) -> bool {
        let usual = || now.after(self.source().delay()).after(LONG);
        self.waiting.last().is_some_and(|last| last > usual())
    }
}
