//! A record as it was read.

use bytes::Bytes;

use super::{Header, HeaderBuf, Headers, Packing};
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

/// The bytes of a record. A broker implements it over its own memory, so that a record is read without a copy and
/// its memory goes when the record is dropped.
#[doc(hidden)]
pub trait Body: Send + Sync {
    /// The key; `None` is null.
    fn key(&self) -> Option<&[u8]>;
    /// The value; `None` is null.
    fn value(&self) -> Option<&[u8]>;
    /// The header at this place, counted from 0.
    fn header(&self, index: usize) -> Option<Header<'_>>;
}

/// A record as it was read from a partition that its holder knows.
#[doc(hidden)]
pub struct Record {
    /// Its offset.
    pub offset: i64,
    /// Its timestamp.
    pub time: RecordTime,
    body: Box<dyn Body>,
}

impl Record {
    /// A record over `body`.
    pub fn new(offset: i64, time: RecordTime, body: Box<dyn Body>) -> Self {
        Self { offset, time, body }
    }

    /// The key; `None` is null.
    pub fn key(&self) -> Option<&[u8]> {
        self.body.key()
    }

    /// The value; `None` is null, a tombstone.
    pub fn value(&self) -> Option<&[u8]> {
        self.body.value()
    }

    /// The headers.
    pub fn headers(&self) -> Headers<'_> {
        Headers::of(&*self.body)
    }

    /// Bytes of key and value, for limits on what is held.
    pub fn size(&self) -> usize {
        self.key().map_or(0, <[u8]>::len) + self.value().map_or(0, <[u8]>::len)
    }

    /// The same record in memory of its own: a client's buffer may hold a whole fetch alive for one record.
    pub fn detach(self) -> Self {
        let headers = self.headers();
        let (count, bytes) =
            headers.iter().fold((0, self.size()), |(count, bytes), header| (count + 1, bytes + header.size()));
        let mut packing = Packing::with_room(bytes);
        let mut copies = Vec::with_capacity(count);
        copies.extend(headers.iter().map(|header| packing.header(header)));
        let body = OwnedBody {
            key: self.key().map(|key| packing.add(key)),
            value: self.value().map(|value| packing.add(value)),
            headers: copies,
        };
        Self { body: Box::new(body), ..self }
    }
}

impl std::fmt::Debug for Record {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Record").field("offset", &self.offset).field("size", &self.size()).finish_non_exhaustive()
    }
}

/// A body that owns its bytes.
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

    fn header(&self, index: usize) -> Option<Header<'_>> {
        self.headers.get(index).map(HeaderBuf::as_header)
    }
}
