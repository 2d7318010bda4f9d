//! What a run tells the driver: which of its records were handled, which failed, and where it stopped.

use std::collections::VecDeque;

use super::call::Desk;
use crate::engine::{Event, FailedDelivery, Numbers, Progress, Queued, RunId};
use crate::outcome::{Failure, Outcome};
use crate::record::Outgoing;

/// How a delivery ended.
pub(super) enum End {
    /// The record is handled.
    Done,
    /// It is not for this handler.
    Skipped,
    /// It is not handled.
    Failed(Box<Failure>),
}

impl End {
    /// How a delivery ends whose handler has returned this; replies must be written first.
    pub(super) fn of(outcome: Outcome) -> Result<Self, Vec<Outgoing>> {
        match outcome {
            Outcome::Done => Ok(Self::Done),
            Outcome::Failed(failure) => Ok(Self::Failed(failure)),
            Outcome::Replied(replies) => Err(replies),
        }
    }
}

/// Tells the driver how far a run got.
pub(super) struct Reporter<'a> {
    desk: &'a Desk,
    run: RunId,
    done: Numbers,
    failed: Vec<FailedDelivery>,
}

impl<'a> Reporter<'a> {
    /// The driver takes microseconds for each failure, in which it does nothing else.
    const FAILURES: usize = 64;

    pub(super) fn new(desk: &'a Desk, run: RunId) -> Self {
        Self { desk, run, done: Numbers::default(), failed: Vec::new() }
    }

    pub(super) fn done(&mut self, number: u64) {
        self.done.push(number);
    }

    pub(super) fn failed(&mut self, queued: Queued, failure: Box<Failure>) {
        self.failed.push(FailedDelivery { queued, failure, at: self.desk.tap.clock.now() });
    }

    /// Says what has ended, if there are many failures among it. Not to be called where one of them may run again in place:
    /// only the end of a run takes it back.
    pub(super) fn flush_failures(&mut self) {
        if self.failed.len() >= Self::FAILURES {
            self.flush();
        }
    }

    /// Says what has ended since it last said so.
    pub(super) fn flush(&mut self) {
        if !self.done.is_empty() || !self.failed.is_empty() {
            self.send(None);
        }
    }

    /// Says that the run is over; `rest` has not started.
    pub(super) fn over(mut self, rest: VecDeque<Queued>) {
        self.send(Some(rest));
    }

    fn send(&mut self, over: Option<VecDeque<Queued>>) {
        let (done, failed) = (std::mem::take(&mut self.done), std::mem::take(&mut self.failed));
        let progress = Progress { id: self.desk.id, run: self.run, done, failed, over };
        self.desk.inbox.put(Event::Progress(progress));
    }
}
