//! One partition while it is assigned: its queue, and what was read from it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rdkafka::error::RDKafkaErrorCode as Code;

use super::native::client::GroupClient;
use super::native::message::Messages;
use super::native::queue::PartitionQueue;
use crate::broker::{Room, Taken};
use crate::record::{AssignmentId, Record, TopicPartition};

/// How far a partition is on its way out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stay {
    /// It is read.
    Owned,
    /// It is read no longer; what is in flight is finished and committed.
    Revoked,
    /// Its holder let go of it, or it was lost; it waits for librdkafka to be told.
    Released,
}

/// A partition that is assigned to us.
pub(super) struct Partition {
    pub(super) place: TopicPartition,
    pub(super) stay: Stay,
    queue: PartitionQueue,
    /// What was read last from the queue.
    batch: Arc<Messages>,
    /// How much of it was taken: for the rest there was no room.
    taken: usize,
    /// All below was taken, or is gone.
    next: i64,
    /// librdkafka has stopped at an offset that the log does not have.
    stopped: bool,
    /// An error was read after the last record: librdkafka's own position may be one too far.
    position_lies: bool,
    /// It is not fetched, and nothing is read ahead of it.
    rests: bool,
}

/// What stood among the records.
#[derive(Debug)]
pub(super) enum Trouble {
    /// The log does not have the next offset; reading has stopped.
    OffsetGone,
    /// Fetching fails; librdkafka goes on trying.
    Fetch(Code, String),
}

/// An id that no other assignment in this process has.
pub(super) fn new_id() -> AssignmentId {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    AssignmentId(NEXT.fetch_add(1, Ordering::Relaxed))
}

impl Partition {
    pub(super) fn new(place: TopicPartition, queue: PartitionQueue, start: i64) -> Self {
        let (batch, taken) = (Arc::default(), 0);
        let (stopped, position_lies, rests) = (false, false, false);
        Self { place, stay: Stay::Owned, queue, batch, taken, next: start, stopped, position_lies, rests }
    }

    /// Whether it rests.
    pub(super) fn rests(&self) -> bool {
        self.rests
    }

    /// It is not fetched any more, to go on behind what was taken: the rest of what was read comes again. What is in the queue is
    /// outdated, but librdkafka keeps it until somebody reads, who is given none of it.
    pub(super) fn rest(&mut self) {
        (self.batch, self.taken, self.rests) = (Arc::new(self.queue.read(Messages::MOST)), 0, true);
    }

    /// It is fetched again.
    pub(super) fn wake(&mut self) {
        self.rests = false;
    }

    /// The offset from which nothing was taken yet.
    pub(super) fn next(&self) -> i64 {
        self.next
    }

    /// Moves records out, up to `room`.
    pub(super) fn take(
        &mut self,
        client: &GroupClient,
        room: Room,
        records: &mut Vec<Record>,
        troubles: &mut Vec<Trouble>,
    ) -> Taken {
        let (mut left, mut first) = (room, true);
        loop {
            while let Some(message) = self.batch.get(self.taken) {
                if let Some((code, text)) = message.error() {
                    self.taken += 1;
                    self.trouble(code, text, troubles);
                    continue;
                }
                let (offset, time, size) = (message.offset(), message.time(), message.size());
                // A rebalance between a read and librdkafka's note of it reads the same again.
                if offset < self.next {
                    self.taken += 1;
                    continue;
                }
                if !first && (left.records == 0 || left.bytes < size) {
                    return Taken::More;
                }
                first = false;
                left = Room { records: left.records.saturating_sub(1), bytes: left.bytes.saturating_sub(size) };
                records.push(Record::of(self.batch.clone(), self.taken, offset, time));
                self.taken += 1;
                self.next = offset + 1;
                self.position_lies = false;
            }
            if self.stopped {
                return Taken::Drained;
            }
            if !first && (left.records == 0 || left.bytes == 0) {
                return Taken::More;
            }
            let wanted = left.records.clamp(1, self.batch.alike());
            let read = self.read(client, wanted);
            if read == 0 && self.queue.is_empty() {
                return Taken::Drained;
            }
            records.reserve(read);
        }
    }

    fn read(&mut self, client: &GroupClient, most: usize) -> usize {
        (self.batch, self.taken) = (Arc::new(self.queue.read(most)), 0);
        // librdkafka's position is now one behind this last entry. If that is an error in the place of a record, the
        // record would be skipped for good at the next pause or rebalance.
        if let Some(last) = self.batch.last().filter(|last| last.error().is_some() && last.offset() >= 0)
            && let Err(error) = client.seek(&self.place, last.offset())
        {
            tracing::debug!(partition = %self.place, offset = last.offset(), error, "no seek after an error");
        }
        self.batch.len()
    }

    fn trouble(&mut self, code: Code, text: String, troubles: &mut Vec<Trouble>) {
        self.position_lies = true;
        match code {
            Code::AutoOffsetReset | Code::OffsetOutOfRange | Code::LogTruncation => {
                // What was read behind the error belongs to a reading that is over.
                self.taken = self.batch.len();
                if !self.stopped {
                    self.stopped = true;
                    troubles.push(Trouble::OffsetGone);
                }
            }
            _ => troubles.push(Trouble::Fetch(code, text)),
        }
    }

    /// The offset after the last record taken and what lies behind it that is no record.
    pub(super) fn position(&self, client: &GroupClient) -> i64 {
        let waiting = &self.batch[self.taken..];
        if let Some(record) = waiting.iter().find(|message| message.error().is_none()) {
            return record.offset().max(self.next);
        }
        if self.stopped || self.rests || self.position_lies || !waiting.is_empty() {
            return self.next;
        }
        client.position(&self.place).map_or(self.next, |position| position.max(self.next))
    }

    /// Frees all that was read ahead. To be called when librdkafka reads the partition no longer.
    pub(super) fn discard(self) {
        self.queue.discard();
    }
}
