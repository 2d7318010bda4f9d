//! Kills that wait for the most dangerous instants: right behind a copy's append, its answer, or a commit.

use std::sync::{Mutex, MutexGuard, PoisonError};

use kafka_listen::testing::Seen;
use tokio::sync::Notify;

use super::chain::SOURCE;
use super::plan::Moment;

/// A kill that waits for its moment.
#[derive(Default)]
pub struct Trap {
    state: Mutex<State>,
    bell: Notify,
}

#[derive(Default)]
struct State {
    armed: Option<(Moment, usize)>,
    sprung: Option<usize>,
}

impl Trap {
    /// Waits for this moment to kill that one.
    pub fn arm(&self, moment: Moment, victim: usize) {
        self.state().armed = Some((moment, victim));
    }

    /// Waits no more.
    pub fn disarm(&self) {
        self.state().armed = None;
    }

    /// Looks whether this is the moment.
    pub fn see(&self, seen: &Seen) {
        let moment = match seen {
            Seen::Appended { partition, .. } if partition.topic.as_str() != SOURCE => Moment::Appended,
            Seen::Answered { answer: Ok(_), .. } => Moment::Answered,
            Seen::Committed { .. } => Moment::Committed,
            _ => return,
        };
        let mut state = self.state();
        if let Some((_, victim)) = state.armed.take_if(|(awaited, _)| *awaited == moment) {
            state.sprung = Some(victim);
            self.bell.notify_one();
        }
    }

    /// Resolves when the moment has come, with whom to kill.
    pub async fn sprung(&self) -> usize {
        loop {
            self.bell.notified().await;
            if let Some(victim) = self.state().sprung.take() {
                return victim;
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
