//! What does not change while a partition is assigned: which it is, whose, and by which rules its records go on.

use std::collections::VecDeque;
use std::sync::Arc;

use super::draw::Draw;
use super::event::{Action, Ticket};
use super::forward::{Failed, Fate};
use super::run::Queued;
use super::source::Source;
use crate::clock::Timestamp;
use crate::observe::RecordPlace;
use crate::outcome::Failure;
use crate::record::{AssignmentId, Outgoing, Record, TopicPartition, Wanted};
use crate::retry::{Shrink, again};

/// An assignment of a partition.
#[derive(Debug)]
pub(crate) struct Assignment {
    pub(crate) id: AssignmentId,
    pub(crate) place: TopicPartition,
    pub(crate) source: Arc<Source>,
    pub(crate) draw: Draw,
    pub(crate) trace_limit: usize,
}

impl Assignment {
    /// What becomes of a record whose delivery failed.
    pub(crate) fn fate(&self, queued: &Queued, failure: Failure, now: Timestamp, out: &mut VecDeque<Action>) -> Fate {
        let Self { source, place: partition, trace_limit, .. } = self;
        let draw = if source.rules.chain.has_jitter() { self.draw.of(partition, queued.record.offset) } else { 0.0 };
        let (failure, trace_limit) = (Arc::new(failure), *trace_limit);
        Failed { source, partition, queued, failure, now, draw, trace_limit }.fate(out)
    }

    /// A record of this partition once more, for the end of it, where it waits until then.
    pub(crate) fn again(&self, record: &Record, due: Timestamp) -> Outgoing {
        let (topic, partition) = (self.place.topic.clone(), Wanted::IfThere(self.place.partition));
        Outgoing { topic, partition, body: again(record, due), timestamp: None }
    }

    /// A record that is too large, with less in it; if it no longer is what a handler could take, for the DLT.
    pub(crate) fn shrunk(&self, record: &Outgoing, shrink: Shrink) -> Option<Outgoing> {
        let chain = &self.source.rules.chain;
        let is_there = chain.dead_letter_topics().any(|topic| *topic == record.topic);
        let topic = match chain.dlt() {
            Some(dlt) if shrink.is_for_dlt() && !is_there => dlt.clone(),
            None if shrink.is_for_dlt() => return None,
            _ => record.topic.clone(),
        };
        Some(Outgoing { topic, body: shrink.apply(&record.body), ..record.clone() })
    }

    /// To be written on behalf of the record with this number.
    pub(crate) fn publish(&self, number: u64, record: Outgoing) -> Action {
        Action::Publish { ticket: Ticket { id: self.id, number }, record }
    }

    /// Where the record with this offset stands.
    pub(crate) fn place_of(&self, offset: i64) -> RecordPlace {
        RecordPlace { partition: self.place.clone(), offset }
    }

    /// The id of its listener, for what is told.
    pub(crate) fn listener(&self) -> Arc<str> {
        self.source.id.clone()
    }
}
