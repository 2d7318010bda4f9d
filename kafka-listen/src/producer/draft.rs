//! A record in the making, and its way to the broker.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use serde::Serialize;

use super::SendError;
use super::carried::Carried;
use super::write::Gate;
use crate::clock::Timestamp;
use crate::record::{HeaderBuf, Outgoing, OwnedBody, TopicName, Wanted, Written};

/// A record that has no value yet: [`json`](Self::json), [`text`](Self::text), [`bytes`](Self::bytes) or
/// [`tombstone`](Self::tombstone) gives it one, and then it can be sent.
#[must_use = "a record is written when it has a value and is sent"]
pub struct Draft {
    gate: Arc<Gate>,
    topic: String,
    partition: Wanted,
    timestamp: Option<Timestamp>,
    body: OwnedBody,
    carried: Carried,
}

impl Draft {
    pub(super) fn new(gate: Arc<Gate>, topic: String, carried: Carried) -> Self {
        Self { gate, topic, partition: Wanted::Any, timestamp: None, body: OwnedBody::default(), carried }
    }

    /// The key: records of one key go to one partition, the one that Java's client would choose. Without a key the
    /// record goes to any.
    pub fn key(mut self, key: impl AsRef<[u8]>) -> Self {
        self.body.key = Some(Bytes::copy_from_slice(key.as_ref()));
        self
    }

    /// Adds a header. A name may stand several times; most readers take the last one.
    pub fn header(mut self, name: impl AsRef<str>, value: impl AsRef<[u8]>) -> Self {
        let (name, value) = (name.as_ref().as_bytes(), value.as_ref());
        self.body.headers.push(HeaderBuf::new(Bytes::copy_from_slice(name), Bytes::copy_from_slice(value)));
        self
    }

    /// The partition, from 0, instead of the one that the key chooses. If the topic does not have it, sending fails.
    pub fn partition(mut self, partition: i32) -> Self {
        self.partition = Wanted::Exactly(partition);
        self
    }

    /// The record's timestamp; without it the time of sending.
    pub fn timestamp(mut self, timestamp: Timestamp) -> Self {
        self.timestamp = Some(timestamp);
        self
    }

    /// `value` as JSON is the record's value.
    ///
    /// # Errors
    /// `value` has no JSON, a map whose keys are no text for example.
    pub fn json<T: Serialize + ?Sized>(self, value: &T) -> Result<Unsent, SendError> {
        let json = serde_json::to_vec(value).map_err(|error| SendError::encode(&self.topic, error))?;
        Ok(self.bytes(json))
    }

    /// This text is the record's value.
    pub fn text(self, value: impl Into<String>) -> Unsent {
        self.bytes(value.into())
    }

    /// These bytes are the record's value.
    pub fn bytes(mut self, value: impl Into<Bytes>) -> Unsent {
        self.body.value = Some(value.into());
        Unsent(self)
    }

    /// The record's value is null: in a compacted topic this deletes what has the same key.
    pub fn tombstone(mut self) -> Unsent {
        self.body.value = None;
        Unsent(self)
    }

    fn into_record(self) -> Result<(Arc<Gate>, Outgoing), SendError> {
        let Self { gate, topic, partition, timestamp, mut body, carried } = self;
        let topic = TopicName::new(topic.as_str()).map_err(|error| SendError::invalid(&topic, error))?;
        if let Wanted::Exactly(number @ ..0) = partition {
            return Err(SendError::invalid(&topic, format!("there is no partition {number}, they count from 0")));
        }
        if let Some(time) = timestamp.filter(|time| time.as_millis() < 0) {
            return Err(SendError::invalid(&topic, format!("the timestamp {time} is before 1970")));
        }
        carried.add_to(&mut body.headers);
        let body = body.pack().map_err(|error| SendError::invalid(&topic, error))?;
        Ok((gate, Outgoing { topic, partition, body, timestamp }))
    }
}

/// A record that can be sent.
#[must_use = "a record is written when it is sent"]
pub struct Unsent(Draft);

impl Unsent {
    /// Sends the record and waits until the broker has acknowledged it.
    ///
    /// It is handed over when the future is first polled, or, if there is no place for it then, as soon as there is one; dropping
    /// the future later does not take it back. Several futures that are polled together have their records on the way together, and
    /// records for one partition are written in the order in which they were first polled.
    ///
    /// There is no limit to the waiting, neither for a place in the producer's queue nor for the broker: while the cluster is
    /// away, this waits until it is back. Whoever cannot wait so long puts `tokio::time::timeout` around it; once handed over,
    /// the record is written all the same.
    ///
    /// # Errors
    /// [`SendError`] says what happened and whether sending it again is safe.
    pub async fn send(self) -> Result<Written, SendError> {
        let (gate, record) = self.0.into_record()?;
        gate.hand_over(record).await.written().await
    }
}

impl fmt::Debug for Draft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Draft").field("topic", &self.topic).finish_non_exhaustive()
    }
}

impl fmt::Debug for Unsent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unsent").field("topic", &self.0.topic).finish_non_exhaustive()
    }
}
