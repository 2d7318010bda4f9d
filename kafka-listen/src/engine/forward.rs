//! A failure, and what follows from it: the copy that goes on, or none.

use std::collections::VecDeque;
use std::sync::Arc;

use super::event::Action;
use super::run::Queued;
use super::source::Source;
use crate::clock::Timestamp;
use crate::observe::{Event, RecordPlace};
use crate::outcome::{Decision, Failure};
use crate::record::{Outgoing, TopicName, TopicPartition, Wanted};
use crate::retry::{Hop, Next, Tried, decide, forward};

/// What becomes of a record whose delivery failed.
pub(crate) enum Fate {
    /// It runs again in place.
    Again(Timestamp),
    /// This copy of it is written; it has ended when that is acknowledged.
    Publish(Outgoing),
    /// It has ended.
    Ended,
    /// Its listener stops, and begins with it again.
    Stop,
}

/// A failure, with all that its fate depends on.
pub(crate) struct Failed<'a> {
    /// The topic's rules.
    pub(crate) source: &'a Source,
    /// Where the record stands.
    pub(crate) partition: &'a TopicPartition,
    /// The record and its attempt.
    pub(crate) queued: &'a Queued,
    /// Why it failed.
    pub(crate) failure: Arc<Failure>,
    /// When.
    pub(crate) now: Timestamp,
    /// From 0 to 1, where between its bounds a jittered delay falls.
    pub(crate) draw: f64,
    /// The most bytes of the trace that travel on.
    pub(crate) trace_limit: usize,
}

impl Failed<'_> {
    /// Decides, and tells what was decided.
    pub(crate) fn fate(self, out: &mut VecDeque<Action>) -> Fate {
        let listener = self.source.id.clone();
        let record = RecordPlace { partition: self.partition.clone(), offset: self.queued.record.offset };
        let failure = self.failure.clone();
        let tried = Tried {
            attempt: self.queued.attempt,
            in_place: self.queued.in_place,
            first: self.source.first(&self.queued.record),
        };
        let next = decide(&self.source.rules, tried, &failure, self.now, self.draw);
        let told = self.cut(&next, &record).into_iter().chain(self.unknown_route(&next, &record));
        out.extend(told.map(Action::Tell));
        let (fate, event) = match next {
            Next::Again { at } => {
                let in_place = self.queued.in_place.saturating_add(1);
                (Fate::Again(at), Event::TriedAgain { listener, record, in_place, at, failure })
            }
            Next::Retry { attempt, topic, due } => {
                let copy = self.copy(topic.clone(), attempt, due);
                (Fate::Publish(copy), Event::Retried { listener, record, topic, attempt, due, failure })
            }
            Next::DeadLetter { attempt, topic } => {
                let copy = self.copy(topic.clone(), attempt, self.now);
                (Fate::Publish(copy), Event::DeadLettered { listener, record, topic, failure })
            }
            Next::Discard { reason } => {
                (Fate::Ended, Event::Discarded { listener, record, reason: reason.to_string(), failure })
            }
            Next::PassOver { .. } => (Fate::Ended, Event::PassedOver { listener, record, failure }),
            Next::Stop => {
                // Told by whoever stops it everywhere.
                out.push_back(Action::StopListener { listener: self.source.listener, record, failure });
                return Fate::Stop;
            }
        };
        out.push_back(Action::Tell(event));
        fate
    }

    /// That the handler asked for a route that there is not.
    fn unknown_route(&self, next: &Next, record: &RecordPlace) -> Option<Event> {
        let (Decision::DeadLetterTo(route), Next::DeadLetter { topic, .. }) = (&self.failure.verdict.decision, next)
        else {
            return None;
        };
        let (listener, record, topic) = (self.source.id.clone(), record.clone(), topic.clone());
        let is_unknown = self.source.rules.chain.route(route).is_none();
        is_unknown.then(|| Event::UnknownRoute { listener, record, route: route.to_string(), topic })
    }

    /// That the handler asked for a longer wait than it may.
    fn cut(&self, next: &Next, record: &RecordPlace) -> Option<Event> {
        let (Decision::RetryAfter(asked), limit) = (&self.failure.verdict.decision, self.source.rules.max_retry_after)
        else {
            return None;
        };
        let waits = matches!(next, Next::Again { .. } | Next::Retry { .. });
        let (listener, record, asked) = (self.source.id.clone(), record.clone(), *asked);
        (waits && asked > limit).then_some(Event::RetryAfterCut { listener, record, asked, limit })
    }

    fn copy(&self, topic: TopicName, attempt: u32, due: Timestamp) -> Outgoing {
        let body = forward(&Hop {
            record: &self.queued.record,
            believed: self.source.believed,
            partition: self.partition,
            group: &self.source.group,
            failure: &self.failure,
            attempt,
            due,
            trace_limit: self.trace_limit,
        });
        Outgoing { topic, partition: Wanted::IfThere(self.partition.partition), body, timestamp: None }
    }
}
