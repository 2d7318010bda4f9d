//! The port that reads: a member of a consumer group.

use std::collections::BTreeMap;
use std::time::Duration;

use super::OffsetReset;
use crate::clock::Timestamp;
use crate::record::{Assigned, AssignmentId, Record, TopicName, TopicPartition};

/// What a consumer is to read, and how.
#[derive(Clone, Debug)]
pub struct ConsumerSpec {
    /// The consumer group.
    pub group: String,
    /// The topics, each with where a group without a committed offset begins. A consumer without topics is in no group
    /// until it [gets some](Consumer::subscribe), and is told at once that it has nothing.
    pub topics: Vec<(TopicName, OffsetReset)>,
    /// Client properties on top of the broker's own, by librdkafka's names.
    pub properties: BTreeMap<String, String>,
    /// The most bytes that may lie read ahead, over all partitions.
    pub read_ahead: usize,
    /// Whether its records wait until they are due: then they are held, and little of what lies behind them is read ahead.
    pub waits: bool,
    /// Whether more topics will come, by [`Consumer::subscribe`]: then what is read ahead is shared with them.
    pub grows: bool,
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

    /// Nothing will be taken of a partition for a while, though there is more: what was read ahead of it may be let go of. The
    /// next `take` ends that, and may come back empty-handed until it is [readable](ConsumerEvent::Readable) again.
    fn rest(&mut self, id: AssignmentId);

    /// The offset after the last record taken, over whatever came behind it that is no record (control records of
    /// transactions). `None` if it is not known.
    fn position(&mut self, id: AssignmentId) -> Option<i64>;

    /// Commits, for each partition, the offset of the next record to be handled. Does not wait: the answer is a
    /// [`ConsumerEvent::Committed`].
    fn commit(&mut self, offsets: &[(AssignmentId, i64)]);

    /// Lets go of partitions that were [`Revoked`](ConsumerEvent::Revoked). The group waits for this.
    fn release(&mut self, ids: &[AssignmentId]);

    /// Reads these topics from now on and no others, each with where a group without a committed offset begins. Of topics
    /// that stay nothing is disturbed; what is left out is revoked. It takes effect when the group allows.
    fn subscribe(&mut self, topics: &[(TopicName, OffsetReset)]);

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
    /// These partitions are ours from now on. Empty where a member that has just joined gets none for now: it is told
    /// so, too.
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
    /// A quota holds requests up, one of them so long. Told now and then as long as it does.
    Throttled(Duration),
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
