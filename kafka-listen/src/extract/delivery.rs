//! One record on its way to one handler: what extractors borrow from.

use std::sync::Arc;

use super::state::States;
use super::{AckSlot, Cancel};
use crate::producer::Producer;
use crate::record::{Headers, Record, RecordTime, TopicName, TopicPartition};

/// One record handed to one handler, with its attempt.
#[derive(Debug)]
pub struct Delivery<'d> {
    record: &'d Record,
    place: &'d Place,
    attempt: Attempt,
    context: &'d Context,
    ack: Option<&'d AckSlot>,
}

/// What all records of an assigned partition have in common.
#[derive(Clone, Debug)]
#[doc(hidden)]
pub struct Place {
    /// The partition.
    pub partition: TopicPartition,
    /// The listener's group: the main one, in retry topics and the DLT too.
    pub group: Arc<str>,
    /// Whether headers about a record's past are believed: in retry topics and DLTs. On a source topic anybody could
    /// have written them.
    pub believed: bool,
    /// Set when what runs of it is being given up.
    pub cancel: Cancel,
}

/// What a handler may ask of the application.
#[derive(Debug)]
#[doc(hidden)]
pub struct Context {
    /// The states.
    pub states: States,
    /// The application's producer.
    pub producer: Producer,
}

/// Which delivery of a record this is. As a parameter it never rejects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Attempt {
    /// Counts deliveries through topics, the first is 1.
    pub number: u32,
    /// The most there will be.
    pub of: u32,
    /// Counts tries in place within this delivery, the first is 1.
    pub in_place: u32,
    /// The most tries in place.
    pub in_place_of: u32,
    is_over: bool,
}

impl Attempt {
    /// A delivery, for a handler that a test calls.
    pub fn new(number: u32, of: u32, in_place: u32, in_place_of: u32) -> Self {
        Self { number, of, in_place, in_place_of, is_over: false }
    }

    /// The same, where the `timeout` may have passed.
    pub(crate) fn over(self, is_over: bool) -> Self {
        Self { is_over, ..self }
    }

    /// Whether nothing follows a failure but the dead-letter topic: all attempts are used up, or the `timeout` has passed. Where
    /// it is not the last, an error that is not tried again, or a `timeout` that passes meanwhile, makes it so.
    pub fn is_last(self) -> bool {
        self.is_over || self.number >= self.of && self.in_place >= self.in_place_of
    }
}

impl<'d> Delivery<'d> {
    #[doc(hidden)]
    pub fn new(record: &'d Record, place: &'d Place, attempt: Attempt, context: &'d Context) -> Self {
        Self { record, place, attempt, context, ack: None }
    }

    /// The same, for a manual listener.
    pub(crate) fn with_ack(self, ack: &'d AckSlot) -> Self {
        Self { ack: Some(ack), ..self }
    }

    /// The record's key; `None` is null.
    pub fn key(&self) -> Option<&'d [u8]> {
        self.record.key()
    }

    /// The record's value; `None` is null, a tombstone.
    pub fn value(&self) -> Option<&'d [u8]> {
        self.record.value()
    }

    /// The record's headers.
    pub fn headers(&self) -> Headers<'d> {
        self.record.headers()
    }

    /// The topic it was read from: the source topic, a retry topic or the DLT.
    pub fn topic(&self) -> &'d TopicName {
        &self.place.partition.topic
    }

    /// The partition it was read from.
    pub fn partition(&self) -> i32 {
        self.place.partition.partition
    }

    /// Its offset there.
    pub fn offset(&self) -> i64 {
        self.record.offset
    }

    /// Its timestamp, and who set it.
    pub fn time(&self) -> RecordTime {
        self.record.time
    }

    /// The listener's consumer group.
    pub fn group(&self) -> &'d str {
        &self.place.group
    }

    /// Which delivery this is.
    pub fn attempt(&self) -> Attempt {
        self.attempt
    }

    pub(crate) fn ack(&self) -> Option<&'d AckSlot> {
        self.ack
    }

    pub(crate) fn place(&self) -> &'d Place {
        self.place
    }

    pub(crate) fn believed(&self) -> bool {
        self.place.believed
    }

    pub(crate) fn context(&self) -> &'d Context {
        self.context
    }
}
