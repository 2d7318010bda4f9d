//! Runs of one lane: each begins when the one before it has ended, at once and without asking the driver.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::engine::Run;

/// The runs of one lane that have not begun.
#[derive(Default)]
pub(super) struct Line(Mutex<Waiting>);

#[derive(Default)]
struct Waiting {
    runs: VecDeque<Run>,
    /// A task takes one after the other.
    served: bool,
}

impl Line {
    /// Puts runs at the end. Whether a task must be started that takes what [waits](Self::next): there is none.
    pub(super) fn join(&self, runs: impl IntoIterator<Item = Run>) -> bool {
        let mut waiting = self.lock();
        waiting.runs.extend(runs);
        !std::mem::replace(&mut waiting.served, true)
    }

    /// The next run. After `None` another task serves the line.
    pub(super) fn next(&self) -> Option<Run> {
        let mut waiting = self.lock();
        let next = waiting.runs.pop_front();
        waiting.served = next.is_some();
        next
    }

    /// All that waits.
    pub(super) fn clear(&self) -> VecDeque<Run> {
        std::mem::take(&mut self.lock().runs)
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{LaneId, RunId};

    fn run(place: u64) -> Run {
        Run { id: RunId { lane: LaneId::Whole, place }, records: VecDeque::new() }
    }

    #[test]
    fn one_task_at_a_time_takes_runs_in_their_order() {
        let line = Line::default();
        assert!(line.join([run(1)]), "nobody serves it");
        assert!(!line.join([run(2)]));
        assert_eq!(line.next().map(|run| run.id.place), Some(1));
        assert!(!line.join([run(3)]), "the second still waits for the same task");
        assert_eq!(line.next().map(|run| run.id.place), Some(2));
        assert_eq!(line.clear().len(), 1);
        assert!(line.next().is_none());
        assert!(line.join([run(4)]), "the task has gone");
    }
}
