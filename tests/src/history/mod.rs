//! What happened, told by everybody but the code under test, and a judge of it.
//!
//! The processes wrote [lines](log) before and after each delivery; a plain client reads [from the broker](broker) the
//! records of all topics and every commit there ever was, with its time; the test notes the [faults](Fault) that it made. The
//! [judge](check) knows what Kafka and the crate promise, and nothing of how the crate keeps it.

pub mod broker;
pub mod check;
mod index;
pub mod log;
mod verdict;

use std::collections::BTreeMap;
use std::fmt;
use std::time::{SystemTime, UNIX_EPOCH};

pub use log::{Ending, Instant, Step, Told};

/// Where a record lies.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The topic.
    pub topic: String,
    /// The partition.
    pub partition: i32,
    /// The offset.
    pub offset: i64,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}@{}", self.topic, self.partition, self.offset)
    }
}

/// A partition of a topic.
pub type Partition = (String, i32);

impl Place {
    /// The partition that it lies in.
    pub fn partition(&self) -> Partition {
        (self.topic.clone(), self.partition)
    }
}

/// A delivery, as its process wrote it down. Times are microseconds since 1970.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// Which process.
    pub process: usize,
    /// What was delivered.
    pub told: Told,
    /// When it began.
    pub begin: u64,
    /// When and how it ended; `None` if it was cut off.
    pub end: Option<(u64, Ending)>,
}

/// A record, as a plain client reads it.
#[derive(Clone, Debug, Default)]
pub struct Stored {
    /// The value.
    pub value: Vec<u8>,
    /// The key.
    pub key: Option<Vec<u8>>,
    /// When the broker took it, in milliseconds since 1970.
    pub time: i64,
    /// The number of its next delivery, by its header.
    pub attempt: Option<u32>,
    /// When it is due, by its header, in milliseconds since 1970.
    pub due: Option<i64>,
    /// Where its story began, by its headers.
    pub original: Option<Place>,
}

/// A commit, as the broker keeps it.
#[derive(Clone, Debug)]
pub struct Commit {
    /// The group.
    pub group: String,
    /// The partition, and the offset of the next record.
    pub next: Place,
    /// When, in milliseconds since 1970.
    pub time: i64,
}

/// Something that the test broke, from when until when (microseconds since 1970).
#[derive(Clone, Debug)]
pub struct Fault {
    /// In words.
    pub what: String,
    /// The process that it happened to; `None` is all.
    pub process: Option<usize>,
    /// From then on nothing is certain.
    pub from: u64,
    /// From then on it is over.
    pub to: u64,
}

/// All that is known.
#[derive(Clone, Debug, Default)]
pub struct History {
    /// The source topic.
    pub source: String,
    /// The listener's group.
    pub group: String,
    /// All records that lie in the source and in the topics of its chains.
    pub records: BTreeMap<Place, Stored>,
    /// All deliveries, by their begin.
    pub deliveries: Vec<Delivery>,
    /// When a process was given a partition, by its own words.
    pub assigned: Vec<(usize, Partition, u64)>,
    /// All commits, in the order of each partition.
    pub commits: Vec<Commit>,
    /// What each group has not committed of each topic.
    pub lags: BTreeMap<(String, String), i64>,
    /// What was broken.
    pub faults: Vec<Fault>,
}

/// Now, in microseconds since 1970.
pub fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
}
