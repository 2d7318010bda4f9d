//! Handlers that say nothing for long: they wait for what does not come, or never give their thread back. Nothing is done about
//! them but to tell: only the listener's `handler_timeout` says what is too long.

use std::collections::VecDeque;
use std::time::Duration;

use super::event::Action;
use super::partition::Partition;
use crate::clock::Timestamp;
use crate::observe::Event;

/// When to look at what runs.
#[derive(Debug, Default)]
pub(crate) struct Silence {
    look: Option<Timestamp>,
}

/// Lanes whose handlers have said nothing for too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Silent {
    /// How long the one of them that has been silent longest.
    pub(crate) age: Duration,
    /// How many lanes.
    pub(crate) count: usize,
}

impl Silence {
    /// Who is silent for longer is told of, and told of again as often.
    const LONG: Duration = Duration::from_secs(60);

    /// Looks at the lanes that are running, each since when it has been silent, if it is time to; who is to be told of.
    pub(crate) fn look<I>(&mut self, now: Timestamp, running: impl FnOnce() -> I) -> Option<Silent>
    where
        I: Iterator<Item = Timestamp>,
    {
        let at = *self.look.get_or_insert_with(|| now.after(Self::LONG));
        if now < at {
            return None;
        }
        let (mut count, mut oldest) = (0, now);
        for since in running() {
            count += usize::from(now.since(since) >= Self::LONG);
            oldest = oldest.min(since);
        }
        let silent = (count > 0).then(|| Silent { age: now.since(oldest), count });
        self.look = Some(if silent.is_some() { now } else { oldest }.after(Self::LONG));
        silent
    }

    /// When to look next.
    pub(crate) fn next(&self) -> Option<Timestamp> {
        self.look
    }

    /// Nothing runs.
    pub(crate) fn end(&mut self) {
        self.look = None;
    }

    /// The clock stepped back.
    pub(crate) fn step_back(&mut self, step: Duration) {
        self.look = self.look.map(|look| look.before(step));
    }
}

impl Partition {
    /// Tells of handlers that have said nothing for long.
    pub(crate) fn tell_of_silence(&mut self, now: Timestamp, out: &mut VecDeque<Action>) {
        if self.lanes.running() == 0 {
            return self.silence.end();
        }
        if let Some(Silent { age, count }) = self.silence.look(now, || self.lanes.last_heard()) {
            let (listener, partition) = (self.assignment.listener(), self.assignment.place.clone());
            out.push_back(Action::Tell(Event::HandlerSilent { listener, partition, count, age }));
        }
    }
}
