//! What happened in a run, in order: the only thing that the checker sees, and what a failing seed prints.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use kafka_listen::HeaderBuf;
use kafka_listen::testing::{OwnedBody, PublishErrorKind, Seen, StoredRecord};
use tokio::time::Instant;

use super::fault::Fault;
use super::headers::{DUE, Trail};
use super::payload::identify_stored;
pub use super::place::Place;

/// A record as it lies in a log.
#[derive(Clone, Debug)]
pub struct Stored {
    /// Which record of the plan it is, or is a copy of.
    pub id: Option<u32>,
    pub key: Option<Bytes>,
    pub value: Option<Bytes>,
    pub headers: Vec<HeaderBuf>,
    pub trail: Trail,
    /// Its timestamp, once it is in a log.
    pub time: Option<i64>,
}

/// How a delivery ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    Handled,
    Failed,
    Panicked,
    /// It asked for its listener to stop.
    Stopped,
    Cancelled,
}

/// Something that happened.
#[derive(Clone, Debug)]
pub enum What {
    /// A record came into a log.
    Appended {
        at: Place,
        record: Box<Stored>,
    },
    /// It was the plan that wrote this record.
    Planned {
        at: Place,
        aborted: bool,
    },
    /// A producer was told of a copy: where it is, or why it is said not to be.
    Answered {
        instance: usize,
        topic: Arc<str>,
        record: Box<Stored>,
        answer: Result<Place, PublishErrorKind>,
    },
    /// A group committed up to here.
    Committed {
        group: Arc<str>,
        upto: Place,
    },
    /// An instance told that it writes this record once more, at the end of its topic.
    MovedBack {
        instance: usize,
        at: Place,
    },
    /// A group's member begins to read here.
    Assigned {
        group: Arc<str>,
        from: Place,
    },
    /// A handler was called; for a batch, once for each of its records, of which the first names it.
    Begun {
        delivery: usize,
        batch: usize,
        instance: usize,
        group: Arc<str>,
        at: Place,
        attempt: u32,
        in_place: u32,
        id: Option<u32>,
    },
    /// A handler ended.
    Ended {
        delivery: usize,
        ending: Ending,
    },
    /// A handler was told that its record is being given up.
    Told {
        delivery: usize,
    },
    /// An instance told that its listener is paused, or goes on.
    Paused {
        instance: usize,
    },
    Resumed {
        instance: usize,
    },
    /// An instance was started, on a machine whose clock is so many milliseconds ahead of the broker's.
    Started {
        instance: usize,
        team: usize,
        version: usize,
        ahead: i64,
    },
    /// The clock of its machine was set.
    ClockSet {
        instance: usize,
        millis: i64,
    },
    /// It could not be.
    Refused {
        instance: usize,
        why: String,
    },
    /// An instance was asked to stop.
    Stopping {
        instance: usize,
    },
    /// An instance stopped cleanly.
    Stopped {
        instance: usize,
    },
    /// An instance was killed.
    Killed {
        instance: usize,
    },
    /// Something was made to go wrong.
    Fault(Fault),
    /// The broker removed a record; told of, if nobody had read it.
    Removed {
        at: Place,
        silently: bool,
    },
    /// An instance told that records are gone: from this one up to that offset.
    Gone {
        group: Arc<str>,
        from: Place,
        upto: i64,
    },
    /// A topic was deleted, and with it all that was committed of it.
    Deleted {
        topic: Arc<str>,
    },
    /// The cluster can be reached again.
    Back,
    /// Nothing is made to go wrong any more.
    Healed,
    /// Everything was handled and committed.
    Settled,
    /// A group did not come to lag 0.
    Stuck {
        group: Arc<str>,
        topic: String,
        lag: i64,
    },
    /// A topic as it is at the end.
    Topic {
        name: String,
        partitions: i32,
    },
}

/// One line of a history.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Milliseconds since the run began, by a clock that nobody sets.
    pub ms: u64,
    pub what: What,
}

/// A history that is being written.
#[derive(Clone, Debug)]
pub struct History {
    start: Instant,
    inner: Arc<Mutex<Inner>>,
}

#[derive(Debug, Default)]
struct Inner {
    entries: Vec<Entry>,
    deliveries: usize,
    topics: BTreeMap<String, Arc<str>>,
    /// How often a topic was deleted.
    deleted: BTreeMap<String, i64>,
}

impl Inner {
    fn name(&mut self, name: &str) -> Arc<str> {
        if let Some(known) = self.topics.get(name) {
            return known.clone();
        }
        self.topics.entry(name.to_owned()).or_insert_with(|| name.into()).clone()
    }
}

impl History {
    /// A history that begins now.
    pub fn begin() -> Self {
        Self { start: Instant::now(), inner: Arc::default() }
    }

    /// Milliseconds since it began.
    pub fn ms(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// Writes a line.
    pub fn add(&self, what: What) {
        let ms = self.ms();
        self.lock().entries.push(Entry { ms, what });
    }

    /// Writes down a fault.
    pub fn fault(&self, fault: Fault) {
        self.add(What::Fault(fault));
    }

    /// A name that is shared by all lines that have it, and a place with it.
    pub fn place(&self, topic: &str, partition: i32, offset: i64) -> Place {
        let mut inner = self.lock();
        let lives = inner.deleted.get(topic).copied().unwrap_or(0);
        Place { topic: inner.name(topic), partition, offset: offset + lives * Place::LIFE }
    }

    /// A topic is deleted: whatever comes there afterwards lies elsewhere.
    pub fn deleted(&self, topic: &str) {
        let mut inner = self.lock();
        *inner.deleted.entry(topic.to_owned()).or_default() += 1;
        let topic = inner.name(topic);
        drop(inner);
        self.add(What::Deleted { topic });
    }

    /// A number for a delivery.
    pub fn next_delivery(&self) -> usize {
        let mut inner = self.lock();
        inner.deliveries += 1;
        inner.deliveries - 1
    }

    /// Writes down what the cluster saw.
    pub fn see(&self, seen: Seen) {
        let what = match seen {
            Seen::Appended { partition, record } => What::Appended {
                at: self.place(&partition.topic, partition.partition, record.offset),
                record: Box::new(Stored::of(record)),
            },
            Seen::Answered { machine, record, answer } => {
                let instance =
                    machine.and_then(|it| it.parse().ok()).expect("each instance has a machine of its number");
                let topic = self.place(&record.topic, 0, 0).topic;
                let OwnedBody { key, value, headers } = record.body.to_owned_body();
                let answer = answer.map(|written| self.place(&topic, written.partition, written.offset));
                What::Answered { instance, topic, record: Box::new(Stored::new(key, value, headers)), answer }
            }
            Seen::Committed { group, partition, offset, .. } => {
                What::Committed { group, upto: self.place(&partition.topic, partition.partition, offset) }
            }
            Seen::Assigned { group, partition, start, .. } => {
                What::Assigned { group, from: self.place(&partition.topic, partition.partition, start) }
            }
        };
        self.add(what);
    }

    /// All lines.
    pub fn entries(&self) -> Vec<Entry> {
        std::mem::take(&mut self.lock().entries)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Stored {
    fn of(record: StoredRecord) -> Self {
        Self { time: Some(record.time.at.as_millis()), ..Self::new(record.key, record.value, record.headers) }
    }

    /// Whether it is the same record, to the byte.
    pub fn is_same(&self, other: &Self) -> bool {
        (&self.key, &self.value, &self.headers) == (&other.key, &other.value, &other.headers)
    }

    /// Whether it is the same record, to the byte, but for the due time that its headers tell.
    pub fn is_same_but_due(&self, other: &Self) -> bool {
        let last = |it: &Self| it.headers.iter().rposition(|header| header.name == DUE);
        let rest = |it: &Self, due| {
            let rest = it.headers.iter().enumerate().filter(move |(place, _)| Some(*place) != due);
            rest.map(|(_, header)| header.clone()).collect::<Vec<_>>()
        };
        let (one, another) = (last(self), last(other));
        (&self.key, &self.value, one, rest(self, one)) == (&other.key, &other.value, another, rest(other, another))
    }

    fn new(key: Option<Bytes>, value: Option<Bytes>, headers: Vec<HeaderBuf>) -> Self {
        let (id, trail) = (identify_stored(value.as_ref(), &headers), Trail::read(&headers));
        Self { id, key, value, headers, trail, time: None }
    }
}
