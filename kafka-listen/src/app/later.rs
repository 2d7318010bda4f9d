//! Listeners with `auto_start = false`: planned and checked with the others, and members of no group before they are asked for.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::sync::mpsc::UnboundedSender;

use super::Error;
use super::handle::RunningConsumer;
use super::start::Starter;
use crate::engine::ListenerIndex;
use crate::listener::PlannedConsumer;
use crate::runtime::Status;

/// What is left to be started; nothing once all of it has been.
pub(super) struct Later(Option<Waiting>);

struct Waiting {
    starter: Starter,
    statuses: UnboundedSender<(usize, Status)>,
    consumers: BTreeMap<ListenerIndex, Vec<PlannedConsumer>>,
}

impl Later {
    /// Keeps `planned`, each of which is for one listener alone.
    pub(super) fn new(
        starter: Starter,
        statuses: UnboundedSender<(usize, Status)>,
        planned: Vec<PlannedConsumer>,
    ) -> Self {
        let mut consumers = BTreeMap::<_, Vec<_>>::new();
        for planned in planned {
            if let Some(listener) = planned.alone {
                consumers.entry(listener).or_default().push(planned);
            }
        }
        // Whoever waits for the last status must not wait for listeners that there are not.
        Self((!consumers.is_empty()).then_some(Waiting { starter, statuses, consumers }))
    }

    /// Starts a listener's consumers, which join those that run.
    pub(super) fn start(&mut self, listener: ListenerIndex, running: &mut Vec<RunningConsumer>) -> Result<(), Error> {
        let Some(Waiting { starter, statuses, consumers }) = &mut self.0 else { return Ok(()) };
        let Some(planned) = consumers.get(&listener) else { return Ok(()) };
        let first = running.len();
        for planned in planned {
            match starter.start(running.len(), planned.clone(), statuses.clone()) {
                Ok(started) => running.push(started),
                Err(error) => {
                    // Half a listener must not handle records.
                    for started in &mut running[first..] {
                        started.stop(Duration::ZERO);
                        started.ready = true;
                    }
                    return Err(error);
                }
            }
        }
        consumers.remove(&listener);
        if consumers.is_empty() {
            self.0 = None;
        }
        Ok(())
    }
}
