//! A record as it was read.

use std::sync::Arc;

use bytes::Bytes;

use super::{HeaderBuf, HeaderIter, Headers, Packed};
use crate::clock::Timestamp;

/// Who set a record's timestamp.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimestampType {
    /// The record carries none.
    NotAvailable,
    /// The producer.
    CreateTime,
    /// The broker, when it appended the record.
    LogAppendTime,
}

/// A record's timestamp and who set it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordTime {
    /// Who set it.
    pub kind: TimestampType,
    /// The time; -1 ms where [`kind`](Self::kind) is [`TimestampType::NotAvailable`], as in Kafka's own protocol.
    pub at: Timestamp,
}

/// The bytes of a record. A broker implements it over its own memory, so that a record is read without a copy.
#[doc(hidden)]
pub trait Body: Send + Sync {
    /// The key; `None` is null.
    fn key(&self) -> Option<&[u8]>;
    /// The value; `None` is null.
    fn value(&self) -> Option<&[u8]>;
    /// The headers, in order.
    fn headers(&self) -> HeaderIter<'_>;

    /// Bytes of memory that it takes as long as it is held, near enough.
    fn memory(&self) -> usize {
        self.key().map_or(0, <[u8]>::len) + self.value().map_or(0, <[u8]>::len)
    }
}

/// The bytes of records that were read together: one allocation for all of them, which goes with the last. So whoever
/// makes one keeps it small.
#[doc(hidden)]
pub trait Batch: Send + Sync {
    /// The bytes of the record at this place.
    fn body(&self, place: usize) -> &dyn Body;
}

/// A record that was read alone.
impl<B: Body> Batch for B {
    fn body(&self, _: usize) -> &dyn Body {
        self
    }
}

/// A record as it was read from a partition that its holder knows.
#[doc(hidden)]
pub struct Record {
    /// Its offset.
    pub offset: i64,
    /// Its timestamp.
    pub time: RecordTime,
    batch: Arc<dyn Batch>,
    place: usize,
}

impl Record {
    /// A record of its own.
    pub fn new(offset: i64, time: RecordTime, body: impl Body + 'static) -> Self {
        Self::of(Arc::new(body), 0, offset, time)
    }

    /// The record at this place of `batch`.
    pub fn of(batch: Arc<dyn Batch>, place: usize, offset: i64, time: RecordTime) -> Self {
        Self { offset, time, batch, place }
    }

    fn body(&self) -> &dyn Body {
        self.batch.body(self.place)
    }

    /// The key; `None` is null.
    pub fn key(&self) -> Option<&[u8]> {
        self.body().key()
    }

    /// The value; `None` is null, a tombstone.
    pub fn value(&self) -> Option<&[u8]> {
        self.body().value()
    }

    /// The headers.
    pub fn headers(&self) -> Headers<'_> {
        Headers::of(self.body())
    }

    /// Bytes of memory that it takes, near enough: for limits on what is held.
    pub fn memory(&self) -> usize {
        self.body().memory()
    }

    /// Bytes of key and value.
    pub fn size(&self) -> usize {
        let body = self.body();
        body.key().map_or(0, <[u8]>::len) + body.value().map_or(0, <[u8]>::len)
    }

    /// The same record in memory of its own: as it was read it may hold its batch, and a whole fetch, alive.
    pub fn detach(self) -> Self {
        Self::new(self.offset, self.time, self.pack())
    }

    /// Its bytes, copied.
    pub fn pack(&self) -> Packed {
        Packed::copy(self.body())
    }
}

impl std::fmt::Debug for Record {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Record").field("offset", &self.offset).field("size", &self.size()).finish_non_exhaustive()
    }
}

/// A body in its parts, which may be changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OwnedBody {
    /// The key; `None` is null.
    pub key: Option<Bytes>,
    /// The value; `None` is null.
    pub value: Option<Bytes>,
    /// The headers, in order.
    pub headers: Vec<HeaderBuf>,
}

impl Body for OwnedBody {
    fn key(&self) -> Option<&[u8]> {
        self.key.as_deref()
    }

    fn value(&self) -> Option<&[u8]> {
        self.value.as_deref()
    }

    fn headers(&self) -> HeaderIter<'_> {
        HeaderIter::of(&self.headers)
    }
}
