//! Everything that can happen to a record or a partition, told once; logs, tests and whatever counts read it.
//!
//! It is one list on purpose, however long: who watches a service matches on one type, and the compiler shows him what is new.

use std::sync::Arc;
use std::time::Duration;

use super::{PauseReason, RecordPlace};
use crate::clock::Timestamp;
use crate::outcome::Failure;
use crate::record::{TopicName, TopicPartition};

/// Something that happened. `listener` is the listener's id.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Event {
    /// A topic appeared that a listener's `topic_pattern` matches; it is read from its beginning. Told at start-up of one that
    /// appeared while no process ran and would have begun at its end, by `offset_reset = "latest"`.
    TopicFound {
        /// The listener.
        listener: Arc<str>,
        /// The topic.
        topic: TopicName,
    },
    /// A topic that was read for a listener's `topic_pattern` is not there any more.
    TopicGone {
        /// The listener.
        listener: Arc<str>,
        /// The topic.
        topic: TopicName,
    },
    /// A topic appeared that the `topic_pattern` of these listeners matches, and it cannot be read for any of them. Told
    /// again only if the reason changes.
    TopicRefused {
        /// The listeners.
        listeners: Vec<Arc<str>>,
        /// The topic.
        topic: TopicName,
        /// Why, and what to do.
        message: String,
    },
    /// A chain topic that was there already is not as its listener wants it. Told at start-up, once for each thing.
    TopicDrift {
        /// The topic.
        topic: TopicName,
        /// Whether a record can be lost by it.
        may_lose: bool,
        /// What it is like, and what to do.
        message: String,
    },
    /// A retry topic, or a DLT that has a handler, is no longer in the chain of its listener, whose `attempts`, delays or suffixes
    /// were others once. It is read all the same, and its records go on in today's chain. Told at start-up; of topics that a
    /// `topic_pattern` finds, when it is found.
    LeftOver {
        /// The listener.
        listener: Arc<str>,
        /// The topic.
        topic: TopicName,
        /// The consumer group that reads it.
        group: String,
        /// How many records wait there, at most.
        records: u64,
    },
    /// A retry topic or DLT holds records, and its consumer group has committed nothing there: because it is new, or because what
    /// it had committed has expired. All of them are read, those that were handled before as well. Told at start-up.
    FromTheBeginning {
        /// The listener.
        listener: Arc<str>,
        /// The topic.
        topic: TopicName,
        /// The consumer group that reads it.
        group: String,
        /// How many records there are, at most.
        records: u64,
    },
    /// A listener's group is new, and its chain holds unfinished records that name another group, which they wait for: that of another
    /// service, or this one's before it was renamed. Told at start-up.
    OtherGroupsRecords {
        /// The listener.
        listener: Arc<str>,
        /// Its group.
        group: Arc<str>,
        /// The group that the records name.
        named: String,
        /// The retry topics and DLTs that hold them.
        topics: Vec<TopicName>,
        /// How many there are, at most.
        records: u64,
    },
    /// Partitions of a retry topic or DLT did not show in time whose records they hold, so what start-up tells of the topic may be
    /// wrong. Told at start-up; of topics that a `topic_pattern` finds, when it is found.
    NotSeen {
        /// The listener.
        listener: Arc<str>,
        /// The topic.
        topic: TopicName,
        /// The partitions.
        partitions: Vec<i32>,
        /// Whether the topic is read all the same. If not, and if it is [left over](Self::LeftOver), its records wait until a start
        /// that sees them.
        is_read: bool,
    },
    /// A partition came to this process.
    Assigned {
        /// The listener.
        listener: Arc<str>,
        /// The partition.
        partition: TopicPartition,
        /// Where reading begins.
        start: i64,
    },
    /// A partition was taken away, or let go of.
    Revoked {
        /// The listener.
        listener: Arc<str>,
        /// The partition.
        partition: TopicPartition,
        /// Whether another process may have it already.
        lost: bool,
        /// Whether handlers had to be cancelled because they did not end in time; their records are delivered again.
        cancelled: bool,
    },
    /// A listener is paused: nothing more of its source topics, retry topics and DLT starts in this process.
    Paused {
        /// The listener.
        listener: Arc<str>,
        /// Why.
        reason: PauseReason,
    },
    /// A listener that was paused goes on.
    Resumed {
        /// The listener.
        listener: Arc<str>,
    },
    /// The listener's `filter` does not want a record of its source topic, which has ended with that.
    Skipped {
        /// The listener.
        listener: Arc<str>,
        /// The record.
        record: RecordPlace,
    },
    /// A delivery ended. Told only where an observer [wants it](super::Observer::wants_deliveries).
    Delivered {
        /// The listener.
        listener: Arc<str>,
        /// The record.
        record: RecordPlace,
        /// The number of the delivery.
        attempt: u32,
        /// The number of the try in place.
        in_place: u32,
        /// When it ended.
        at: Timestamp,
        /// Why it failed, if it did.
        failure: Option<Failure>,
    },
    /// A handler failed after its [`Ack`](crate::Ack) was called, which counts.
    FailedAfterAck {
        /// The listener.
        listener: Arc<str>,
        /// The record.
        record: RecordPlace,
        /// Why it failed.
        failure: Failure,
    },
    /// A delivery failed, and its record goes to a retry topic.
    Retried {
        /// The listener.
        listener: Arc<str>,
        /// The record that failed.
        record: RecordPlace,
        /// The retry topic.
        topic: TopicName,
        /// The number of the next delivery.
        attempt: u32,
        /// When it may run.
        due: Timestamp,
        /// Why.
        failure: Arc<Failure>,
    },
    /// A delivery failed, and will be tried again in place.
    TriedAgain {
        /// The listener.
        listener: Arc<str>,
        /// The record that failed.
        record: RecordPlace,
        /// The number of the next try in place.
        in_place: u32,
        /// When it may run.
        at: Timestamp,
        /// Why.
        failure: Arc<Failure>,
    },
    /// A handler asked for another delivery after a longer time than `max_retry_after`, which it gets instead.
    RetryAfterCut {
        /// The listener.
        listener: Arc<str>,
        /// The record.
        record: RecordPlace,
        /// What it asked for.
        asked: Duration,
        /// What it gets.
        limit: Duration,
    },
    /// A delivery failed for good, or the copy for another one is [too large](crate::FailureKind::TooLarge) for its topic: the record
    /// goes to a dead-letter topic.
    DeadLettered {
        /// The listener.
        listener: Arc<str>,
        /// The record that failed.
        record: RecordPlace,
        /// The dead-letter topic.
        topic: TopicName,
        /// Why.
        failure: Arc<Failure>,
    },
    /// A handler asked for a dead-letter topic by a route that its listener has not; the record goes to the one for all.
    UnknownRoute {
        /// The listener.
        listener: Arc<str>,
        /// The record.
        record: RecordPlace,
        /// What it asked for.
        route: String,
        /// The dead-letter topic that it gets.
        topic: TopicName,
    },
    /// A record is discarded: it failed for good and `dlt = false`, or its handler asked for it, by
    /// [`Decision::Discard`](crate::Decision::Discard).
    Discarded {
        /// The listener.
        listener: Arc<str>,
        /// The record.
        record: RecordPlace,
        /// By which rule: the attempts are used up, its `timeout` has passed, a parameter rejected it, or the handler's own
        /// reason.
        reason: String,
        /// Why.
        failure: Arc<Failure>,
    },
    /// A dead letter stays where it is and is passed over: its handler can never read it, gave it up, or failed and
    /// `dlt_on_error = "skip"`.
    PassedOver {
        /// The listener.
        listener: Arc<str>,
        /// The record.
        record: RecordPlace,
        /// Why.
        failure: Arc<Failure>,
    },
    /// A record in a retry topic or DLT names another consumer group, whose it is; passed over.
    OtherGroup {
        /// The listener.
        listener: Arc<str>,
        /// The record.
        record: RecordPlace,
    },
    /// A record claimed a due time further ahead than its chain can mean; it runs at `due` instead.
    DueClamped {
        /// The listener.
        listener: Arc<str>,
        /// The record.
        record: RecordPlace,
        /// When it will run.
        due: Timestamp,
    },
    /// A record with a long wait in front of it kept others of its retry topic from being read: it is written once more, at the
    /// end of the topic, as it is but for a due time that was cut. That is no delivery.
    MovedBack {
        /// The listener.
        listener: Arc<str>,
        /// The record.
        record: RecordPlace,
        /// When it will run.
        due: Timestamp,
    },
    /// A partition of a retry topic holds as many records that wait as it may, some of them longer than the topic's delay. What lies
    /// behind them is not read before `until`, and runs late if it is due earlier. Told again after a minute at the earliest.
    TooManyWaits {
        /// The listener.
        listener: Arc<str>,
        /// The partition.
        partition: TopicPartition,
        /// How many records wait.
        count: usize,
        /// When the first of them is due.
        until: Timestamp,
    },
    /// Records that were never read are gone from the log, or the log itself is no longer the one that was read.
    Gone {
        /// The listener.
        listener: Arc<str>,
        /// The partition.
        partition: TopicPartition,
        /// The offset that was wanted.
        from: i64,
        /// The offset at which reading goes on; below `from` where the log was truncated, or its topic made anew.
        to: i64,
    },
    /// A retry or dead-letter record could not be written, and will be written again; its source waits.
    PublishFailed {
        /// The listener.
        listener: Arc<str>,
        /// The record whose copy it is.
        record: RecordPlace,
        /// The topic that it should be written to.
        topic: TopicName,
        /// How often it was tried.
        tries: u32,
        /// Whether it is because the topic is not there. Unless `auto_create = false`, it is created again.
        missing: bool,
        /// What happened.
        message: String,
    },
    /// Retry or dead-letter records are not acknowledged for so long: their topic may be unavailable. They are being written
    /// all the time, and their partition waits. Told after ten seconds, then each minute.
    PublishSlow {
        /// The listener.
        listener: Arc<str>,
        /// The partition whose records failed.
        partition: TopicPartition,
        /// How many are unacknowledged.
        count: usize,
        /// How long the oldest has been.
        age: Duration,
    },
    /// Handlers have neither ended nor given way for a minute, told again each minute: they wait for something that does not come,
    /// or keep their thread busy. Their records wait, and those behind them in their order; others go on. What is too long is for
    /// `handler_timeout` to say.
    HandlerSilent {
        /// The listener.
        listener: Arc<str>,
        /// The partition of their records.
        partition: TopicPartition,
        /// How many handlers.
        count: usize,
        /// How long the one that has been silent longest.
        age: Duration,
    },
    /// A retry or dead-letter record was too large for its topic, and is written with less: see `what`. If that is for a DLT instead,
    /// [`DeadLettered`](Self::DeadLettered) is told as well.
    Shrunk {
        /// The listener.
        listener: Arc<str>,
        /// The record whose copy it is.
        record: RecordPlace,
        /// The topic that it is written to.
        topic: TopicName,
        /// What was left out.
        what: &'static str,
    },
    /// A commit failed, and will be sent again.
    CommitFailed {
        /// What happened.
        message: String,
    },
    /// A quota of the cluster holds a consumer's requests up: it reads more slowly, and nothing else. Told each half a minute as long as
    /// it does. Where a quota holds up what is written, [`PublishSlow`](Self::PublishSlow) tells of it.
    Throttled {
        /// Its group.
        group: String,
        /// How long a broker has held one of its requests up.
        time: Duration,
    },
    /// Something is wrong with a consumer.
    ConsumerFailed {
        /// Its group.
        group: String,
        /// Whether it is of no more use.
        fatal: bool,
        /// What happened, and what to do.
        message: String,
    },
}
