//! Records that a handler takes together: when a batch is full, or has waited long enough for others, it goes out.

use std::collections::VecDeque;
use std::time::Duration;

use super::run::Queued;
use crate::clock::Timestamp;

/// How records are put together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Batching {
    /// The most records of a batch.
    pub(crate) max: usize,
    /// How long the first record of a batch waits for others.
    pub(crate) wait: Duration,
}

impl Batching {
    /// Where each record has its own time to start, none waits for others: what is due together goes together.
    pub(crate) fn of_due(self) -> Self {
        Self { wait: Duration::ZERO, ..self }
    }
}

/// Whether a batch that is not full may go out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Partial {
    /// No: as long as nobody could take it, it may as well grow.
    Never,
    /// When it has waited.
    InTime,
    /// At once: nothing more can come.
    Now,
}

/// Cuts a queue of records into batches.
#[derive(Debug)]
pub(crate) struct Batches {
    batching: Batching,
    /// When records came: those below this number, and not below the one before it.
    came: VecDeque<(u64, Timestamp)>,
}

impl Batches {
    pub(crate) fn new(batching: Batching) -> Self {
        Self { batching, came: VecDeque::new() }
    }

    /// Records have come, all below this number, those that came before included; some of them are in this queue.
    pub(crate) fn came(&mut self, queue: &VecDeque<Queued>, below: u64, now: Timestamp) {
        // What is not due yet, or another group's, waits for no others. Notes of it would gather where nothing else comes.
        if !queue.is_empty() {
            self.came.push_back((below, now));
        }
    }

    /// Moves the next batch out of the queue, if it may go out, into one of the `emptied` queues.
    pub(crate) fn cut(
        &mut self,
        queue: &mut VecDeque<Queued>,
        partial: Partial,
        now: Timestamp,
        emptied: &mut Vec<VecDeque<Queued>>,
    ) -> Option<VecDeque<Queued>> {
        let first = queue.front()?;
        let may_go = self.is_complete(queue)
            || match partial {
                Partial::Never => false,
                Partial::InTime => self.due(first).is_none_or(|due| due <= now),
                Partial::Now => true,
            };
        if !may_go {
            return None;
        }
        let in_place = first.in_place;
        let most = queue.len().min(self.batching.max);
        // What failed runs again by itself, so that it cannot make others fail.
        let count = queue.iter().take(most).position(|it| it.in_place != in_place).unwrap_or(most);
        let mut batch = emptied.pop().unwrap_or_default();
        batch.extend(queue.drain(..count));
        let next = queue.front().map_or(u64::MAX, |it| it.number);
        while self.came.pop_front_if(|(below, _)| *below <= next).is_some() {}
        Some(batch)
    }

    /// When the next batch goes out though nothing more comes.
    pub(crate) fn next(&self, queue: &VecDeque<Queued>) -> Option<Timestamp> {
        self.due(queue.front()?)
    }

    /// The clock stepped back: nothing waits longer for it.
    pub(crate) fn step_back(&mut self, step: Duration) {
        self.came.iter_mut().for_each(|(_, at)| *at = at.before(step));
    }

    /// Whether it cannot grow: it is full, or it is what runs again in place.
    fn is_complete(&self, queue: &VecDeque<Queued>) -> bool {
        queue.len() >= self.batching.max || queue.front().is_some_and(|first| first.in_place > 1)
    }

    /// Until when this record, the first of its batch, waits for others; `None` if it has waited before.
    fn due(&self, first: &Queued) -> Option<Timestamp> {
        let (_, came) = self.came.iter().find(|(below, _)| first.number < *below)?;
        Some(came.after(self.batching.wait))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_never_waits_for_a_batch_leaves_nothing_behind() {
        let mut batches = Batches::new(Batching { max: 3, wait: Duration::ZERO });
        // Another group's retries, fetch by fetch.
        (0..1000).for_each(|number| batches.came(&VecDeque::new(), number, Timestamp::from_millis(0)));
        assert!(batches.came.is_empty(), "{} notes", batches.came.len());
    }
}
