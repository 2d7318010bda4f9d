//! The ports: all that this crate asks of a broker, in three small traits.
//!
//! They are called per batch, never per record, and chosen once at start-up. [`kafka`] speaks to a real cluster,
//! [`memory`] is a broker inside the process. One contract suite runs against both.
//!
//! A consumer is *polled*: nothing in these traits blocks or is `async` but administration. Whoever holds a consumer
//! calls [`Consumer::poll`] when its [`Wake`] was called, and otherwise sleeps as it likes: a thread on a real
//! cluster, a task in the in-process broker.

pub mod kafka;
#[cfg(feature = "embedded")]
pub mod memory;
mod start;

use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

pub use start::{Beginning, OffsetReset};

use crate::clock::{Clock, Timestamp};
use crate::record::{Assigned, AssignmentId, Outgoing, PublishError, Record, TopicName, TopicPartition, Written};

/// A future that a port returns.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A cluster, as this crate sees it.
pub trait Broker: Send + Sync {
    /// Joins a group. `wake` is called, from any thread, whenever [`Consumer::poll`] has something to tell.
    ///
    /// # Errors
    /// The settings are wrong; what is wrong with the cluster comes later, as [`ConsumerEvent::Failed`].
    fn consumer(&self, spec: ConsumerSpec, wake: Wake) -> Result<Box<dyn Consumer>, ClientError>;

    /// The producer that writes retry and dead-letter records, and the application's own.
    ///
    /// # Errors
    /// The settings are wrong.
    fn producer(&self) -> Result<Arc<dyn ProducerPort>, ClientError>;

    /// Administration.
    ///
    /// # Errors
    /// The settings are wrong.
    fn admin(&self) -> Result<Arc<dyn Admin>, ClientError>;

    /// The clock that due times are compared with.
    fn clock(&self) -> Clock;

    /// What a consumer of this broker must be driven by.
    fn host(&self) -> Host;

    /// Where it is, for messages.
    fn address(&self) -> String;
}

/// What calls [`Consumer::poll`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Host {
    /// A thread of its own: polling may take a moment.
    Thread,
    /// A Tokio task: polling is quick, and time may be virtual.
    Task,
}

/// Wakes whoever sleeps between two polls. Must only set a flag and unpark; never block.
#[derive(Clone)]
pub struct Wake(Arc<dyn Fn() + Send + Sync>);

impl Wake {
    /// A wake-up call that does `f`.
    pub fn new(f: impl Fn() + Send + Sync + 'static) -> Self {
        Self(Arc::new(f))
    }

    /// Wakes.
    pub fn wake(&self) {
        (self.0)();
    }
}

impl fmt::Debug for Wake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Wake")
    }
}

/// What a consumer is to read, and how.
#[derive(Clone, Debug)]
pub struct ConsumerSpec {
    /// The consumer group.
    pub group: String,
    /// The topics, each with where a group without a committed offset begins.
    pub topics: Vec<(TopicName, OffsetReset)>,
    /// Client properties on top of the broker's own, by librdkafka's names.
    pub properties: BTreeMap<String, String>,
    /// The most bytes that may lie read ahead, over all partitions.
    pub read_ahead: usize,
}

/// A member of a consumer group.
///
/// It reads only by [`take`](Self::take): what is not taken stays where it is, bounded, and the membership is kept
/// however long that lasts. All of it is called by one holder.
pub trait Consumer: Send {
    /// Serves the group and tells what happened since the last call, in order. Never waits.
    fn poll(&mut self, events: &mut Vec<ConsumerEvent>);

    /// When `poll` wants to be called though nobody woke; `None` for never.
    fn wake_at(&self) -> Option<Timestamp>;

    /// Moves records of an assigned partition into `records`, in the order of their offsets, up to `room`.
    fn take(&mut self, id: AssignmentId, room: Room, records: &mut Vec<Record>) -> Taken;

    /// The offset after the last record taken, over whatever came behind it that is no record (control records of
    /// transactions). `None` if it is not known.
    fn position(&mut self, id: AssignmentId) -> Option<i64>;

    /// Commits, for each partition, the offset of the next record to be handled. Does not wait: the answer is a
    /// [`ConsumerEvent::Committed`].
    fn commit(&mut self, offsets: &[(AssignmentId, i64)]);

    /// Lets go of partitions that were [`Revoked`](ConsumerEvent::Revoked). The group waits for this.
    fn release(&mut self, ids: &[AssignmentId]);

    /// Begins to leave the group: what is assigned is revoked first, then comes [`ConsumerEvent::Closed`].
    fn close(&mut self);
}

/// The most that one [`Consumer::take`] may yield. At least one record is always allowed, however large.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    /// Records.
    pub records: usize,
    /// Bytes of keys and values.
    pub bytes: usize,
}

/// Whether there is more to take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// There may be; nobody will say so again.
    More,
    /// Nothing is left; a [`ConsumerEvent::Readable`] tells when there is.
    Drained,
}

/// What a consumer tells its holder.
#[derive(Debug)]
pub enum ConsumerEvent {
    /// These partitions are ours from now on.
    Assigned(Vec<Assigned>),
    /// These must be let go of by [`Consumer::release`], or are gone already if `lost`, and then nothing of them may
    /// be committed.
    Revoked {
        /// The assignments.
        ids: Vec<AssignmentId>,
        /// Whether somebody else may have them already.
        lost: bool,
    },
    /// There is something to take, or the position moved.
    Readable(AssignmentId),
    /// A commit was answered.
    Committed {
        /// The offsets it was about.
        offsets: Vec<(AssignmentId, i64)>,
        /// Why it failed, if it did.
        error: Option<String>,
    },
    /// Records that were never read are gone from the log (retention, truncation); reading goes on at `to`.
    Gone {
        /// The assignment.
        id: AssignmentId,
        /// The offset that was wanted.
        from: i64,
        /// The offset at which reading goes on.
        to: i64,
    },
    /// Something is wrong.
    Failed(ConsumerError),
    /// The group was left.
    Closed,
}

/// Something wrong with a consumer.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{message}")]
pub struct ConsumerError {
    /// Whether the client keeps trying by itself, or is of no more use.
    pub fatal: bool,
    /// The partition it is about, if about one.
    pub partition: Option<TopicPartition>,
    /// What happened and, where known, what to do.
    pub message: String,
}

/// Writes records. Shared by everything in the application.
pub trait ProducerPort: Send + Sync {
    /// Hands a record over to be written; `receipt` is called exactly once, from any thread, when it was
    /// acknowledged or failed. Records for one partition are written in the order of these calls.
    ///
    /// # Errors
    /// The queue is full: the record and its receipt come back, to be sent later.
    #[allow(clippy::result_large_err, reason = "the record comes back by value: no allocation on the usual way")]
    fn send(&self, record: Outgoing, receipt: Receipt) -> Result<(), Full>;

    /// Resolves when nothing is unacknowledged any more.
    fn flush(&self) -> BoxFuture<'_, ()>;
}

/// Called when a record was acknowledged or failed.
pub type Receipt = Box<dyn FnOnce(Result<Written, PublishError>) + Send>;

/// The producer's queue is full.
pub struct Full {
    /// The record that found no place.
    pub record: Outgoing,
    /// Its receipt, not called.
    pub receipt: Receipt,
}

impl fmt::Debug for Full {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Full").field("record", &self.record).finish_non_exhaustive()
    }
}

/// Looks at topics and creates them.
pub trait Admin: Send + Sync {
    /// Describes topics: for each its partitions and settings, or `None` where there is no such topic.
    ///
    /// # Errors
    /// The cluster cannot be asked.
    fn describe<'a>(&'a self, topics: &'a [TopicName]) -> BoxFuture<'a, Result<Vec<Option<TopicInfo>>, ClientError>>;

    /// Creates topics and waits until each can be used; one that is there already is a success, whatever it is like.
    /// Answers in the order of `topics`.
    ///
    /// # Errors
    /// The cluster cannot be asked.
    fn create<'a>(&'a self, topics: &'a [NewTopic])
    -> BoxFuture<'a, Result<Vec<Result<(), CreateError>>, ClientError>>;

    /// The offsets that a group has committed for these partitions, and the partitions' ends: how many records wait.
    ///
    /// # Errors
    /// The cluster cannot be asked.
    fn offsets<'a>(
        &'a self,
        group: &'a str,
        partitions: &'a [TopicPartition],
    ) -> BoxFuture<'a, Result<Vec<PartitionOffsets>, ClientError>>;
}

/// What is committed of a partition, and what there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PartitionOffsets {
    /// The group's committed offset, if it has one.
    pub committed: Option<i64>,
    /// The first offset in the log.
    pub low: i64,
    /// The offset after the last record.
    pub high: i64,
}

/// A topic as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicInfo {
    /// How many partitions it has.
    pub partitions: i32,
    /// Its settings by Kafka's names; only those that this crate looks at need be there: `cleanup.policy`,
    /// `max.message.bytes`, `min.insync.replicas`, `retention.ms`, `retention.bytes`.
    pub config: BTreeMap<String, String>,
}

/// A topic to be created.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewTopic {
    /// Its name.
    pub name: TopicName,
    /// How many partitions.
    pub partitions: i32,
    /// How many replicas; `None` leaves it to the broker.
    pub replication: Option<i32>,
    /// Settings that differ from the broker's.
    pub config: BTreeMap<String, String>,
}

/// A topic could not be created.
#[derive(Clone, Debug, thiserror::Error)]
#[error("the topic `{topic}` could not be created: {message}")]
pub struct CreateError {
    /// Which.
    pub topic: TopicName,
    /// Why, and what to do about it.
    pub message: String,
}

/// A client could not be made, or its cluster could not be asked.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{0}")]
pub struct ClientError(pub String);
