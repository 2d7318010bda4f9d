//! The copies that a partition writes, and what follows from their answers: a record ends when its copy is acknowledged.

use std::collections::VecDeque;
use std::sync::Arc;

use super::event::Action;
use super::numbers::Numbers;
use super::partition::Partition;
use super::publishing::Slow;
use super::run::Queued;
use crate::clock::Timestamp;
use crate::observe::Event;
use crate::outcome::Failure;
use crate::record::{Outgoing, PublishError, PublishErrorKind};
use crate::sabotage::{Rule, broken};

impl Partition {
    /// Writes a copy of the record with this number.
    pub(super) fn write(&mut self, number: u64, copy: Outgoing, now: Timestamp, out: &mut VecDeque<Action>) {
        self.publishing.started(number, now);
        out.push_back(self.assignment.publish(number, copy));
    }

    /// Writes waiting records once more, at the end of their topic.
    pub(super) fn move_back(&mut self, numbers: Vec<u64>, now: Timestamp, out: &mut VecDeque<Action>) {
        for number in numbers {
            let Some((due, Queued { record, .. })) = self.waiting.take(number) else { continue };
            let (listener, place) = (self.assignment.listener(), self.assignment.place_of(record.offset));
            out.push_back(Action::Tell(Event::MovedBack { listener, record: place, due }));
            self.write(number, self.assignment.again(&record, due), now, out);
        }
    }

    /// Retry or dead-letter records were written.
    pub(crate) fn written(&mut self, numbers: Numbers) {
        for number in numbers {
            if self.publishing.acknowledged(number) || broken(Rule::Fencing) {
                self.offsets.finish(number);
            }
        }
    }

    /// A retry or dead-letter record was not written.
    pub(crate) fn not_written(&mut self, number: u64, error: PublishError, now: Timestamp, out: &mut VecDeque<Action>) {
        let (listener, topic) = (self.assignment.listener(), error.record.topic.clone());
        let Some(offset) = self.offsets.offset_of(number) else { return };
        let record = self.assignment.place_of(offset);
        if error.kind == PublishErrorKind::TooLarge
            && let Some(shrink) = self.publishing.too_large(number)
            && let Some(smaller) = self.assignment.shrunk(&error.record, shrink)
        {
            let (to, what) = (smaller.topic.clone(), shrink.left_out());
            let (its, of) = (listener.clone(), record.clone());
            out.push_back(Action::Tell(Event::Shrunk { listener: its, record: of, topic: to.clone(), what }));
            if to != topic {
                let failure = Arc::new(Failure::too_large(&topic));
                out.push_back(Action::Tell(Event::DeadLettered { listener, record, topic: to, failure }));
            }
            out.push_back(self.assignment.publish(number, smaller));
            return;
        }
        if broken(Rule::WaitForTopic) && self.publishing.acknowledged(number) {
            return self.offsets.finish(number);
        }
        if broken(Rule::PublishAgain) {
            return;
        }
        let (missing, message) = (error.kind == PublishErrorKind::NoSuchTopic, error.message);
        let tries = self.publishing.failed(number, error.record, now);
        out.push_back(Action::Tell(Event::PublishFailed { listener, record, topic, tries, missing, message }));
    }

    /// Writes what has rested long enough, and tells of what takes long.
    pub(super) fn write_again(&mut self, now: Timestamp, out: &mut VecDeque<Action>) {
        while let Some((number, record)) = self.publishing.pop_due(now) {
            out.push_back(self.assignment.publish(number, record));
        }
        if let Some(Slow { age, count }) = self.publishing.slow(now) {
            let (listener, partition) = (self.assignment.listener(), self.assignment.place.clone());
            out.push_back(Action::Tell(Event::PublishSlow { listener, partition, count, age }));
        }
    }
}
