//! How a consumer leaves its group: let go of everything, unsubscribe, close; each when the one before is done.
//!
//! Closing alone would do for a member that holds something. But librdkafka sends no LeaveGroup for one that holds
//! nothing, or is about to be told what it holds, and the whole group would wait for it until its session ends.

use std::time::Duration;

use super::consumer::{KafkaConsumer, now};
use super::partition::Stay;
use crate::broker::ConsumerEvent;
use crate::clock::Timestamp;

/// How long each step may take; the others then find out by our silence.
const PATIENCE: Duration = Duration::from_secs(5);
/// How often it is asked whether the group was left: nothing tells.
const LOOK: Duration = Duration::from_millis(10);

/// How far a consumer is on its way out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// In the group, or on the way in.
    Open,
    /// All that is held is being let go of.
    LettingGo,
    /// The group is being left; not waited for beyond this time.
    Unsubscribed(Timestamp),
    /// The client is being closed; not waited for beyond this time.
    Closing(Timestamp),
    /// Left.
    Closed,
    /// A fatal error: all is lost, and nothing more comes.
    Broken,
}

impl KafkaConsumer {
    /// Has everything let go of.
    pub(super) fn begin_to_leave(&mut self) {
        match self.stage {
            Stage::Open => {
                let ids = self.assignments.move_on(None, Stay::Revoked);
                if !ids.is_empty() {
                    self.outbox.push(ConsumerEvent::Revoked { ids, lost: false });
                }
                self.rebalances.want_nothing();
                self.stage = Stage::LettingGo;
            }
            Stage::Broken => self.closed(),
            Stage::LettingGo | Stage::Unsubscribed(_) | Stage::Closing(_) | Stage::Closed => {}
        }
    }

    /// The same, for one whose holder is gone.
    pub(super) fn abandon(&mut self) {
        self.begin_to_leave();
        self.assignments.move_on(None, Stay::Released);
    }

    /// Takes the next steps that can be taken.
    pub(super) fn go_on_leaving(&mut self) {
        if self.stage == Stage::LettingGo && self.assignments.all_released(None) {
            if !self.leaves_by_closing {
                self.client.unsubscribe();
            }
            self.stage = Stage::Unsubscribed(now().after(PATIENCE));
        }
        if let Stage::Unsubscribed(until) = self.stage
            && (self.has_left() || now() >= until)
        {
            match self.client.close() {
                Ok(()) => self.stage = Stage::Closing(now().after(PATIENCE)),
                Err(error) => {
                    tracing::debug!(group = self.group, error, "there is no membership to end");
                    self.closed();
                }
            }
        }
        if let Stage::Closing(until) = self.stage
            && (self.client.is_closed() || now() >= until)
        {
            self.closed();
        }
    }

    /// What is owed to the group is answered, and the group knows us no more.
    fn has_left(&self) -> bool {
        self.rebalances.is_empty() && (self.leaves_by_closing || !self.client.is_member())
    }

    /// When to look whether a step is done.
    pub(super) fn next_step(&self) -> Option<Timestamp> {
        match self.stage {
            Stage::Unsubscribed(_) => Some(now().after(LOOK)),
            Stage::Closing(until) => Some(until),
            Stage::Open | Stage::LettingGo | Stage::Closed | Stage::Broken => None,
        }
    }

    /// Says that the group was left.
    pub(super) fn closed(&mut self) {
        self.outbox.push(ConsumerEvent::Closed);
        self.stage = Stage::Closed;
    }
}
