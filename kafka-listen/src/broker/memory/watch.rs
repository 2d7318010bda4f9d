//! What happens on a cluster, told as it happens: the truth that a history is checked against.
//!
//! Told outside of the cluster's lock, in the order in which it happened, and before anybody is woken or answered.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::group::MemberId;
use super::inspect::StoredRecord;
use crate::record::{Outgoing, PublishErrorKind, TopicPartition, Written};

/// Something that happened on a cluster.
#[derive(Clone, Debug)]
pub enum Seen {
    /// A record came into a log, be it one whose transaction is aborted.
    Appended {
        /// Where.
        partition: TopicPartition,
        /// The record, with its offset.
        record: StoredRecord,
    },
    /// A producer is told what became of a record.
    Answered {
        /// The machine that the producer runs on, where it says so.
        machine: Option<Arc<str>>,
        /// The record as it was sent.
        record: Outgoing,
        /// Where it is, or why it is said not to be.
        answer: Result<Written, PublishErrorKind>,
    },
    /// A group's offset was set by one of its members.
    Committed {
        /// The group.
        group: Arc<str>,
        /// Who did it.
        member: MemberId,
        /// What of.
        partition: TopicPartition,
        /// The offset of the next record to be handled.
        offset: i64,
    },
    /// A partition came to a member.
    Assigned {
        /// The group.
        group: Arc<str>,
        /// To whom.
        member: MemberId,
        /// What.
        partition: TopicPartition,
        /// Where it begins to read.
        start: i64,
    },
}

type Watcher = Box<dyn FnMut(Seen) + Send>;

/// Who is told; nobody, at first.
#[derive(Default)]
pub(super) struct Watch {
    is_set: AtomicBool,
    watcher: Mutex<Option<Watcher>>,
}

impl Watch {
    pub(super) fn set(&self, watcher: Watcher) {
        *self.watcher.lock().unwrap_or_else(PoisonError::into_inner) = Some(watcher);
        self.is_set.store(true, Ordering::Release);
    }

    /// Whether it is worth while to tell.
    pub(super) fn is_set(&self) -> bool {
        self.is_set.load(Ordering::Acquire)
    }

    pub(super) fn tell(&self, seen: impl IntoIterator<Item = Seen>) {
        if let Some(watcher) = &mut *self.watcher.lock().unwrap_or_else(PoisonError::into_inner) {
            seen.into_iter().for_each(watcher);
        }
    }
}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watch").field("is_set", &self.is_set()).finish()
    }
}
