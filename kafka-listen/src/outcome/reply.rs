//! A record that a handler sends on: made by it, written once it has returned.

use std::error::Error;
use std::fmt;

use bytes::Bytes;
use serde::Serialize;

use super::{Failure, Outcome};
use crate::record::{HeaderBuf, Outgoing, OwnedBody, TopicName, Wanted};

/// A record that a handler sends on, with `T` as JSON for its value. The handler returns it, alone, in a `Result`, or several of
/// them in a `Vec`; an `Option` that is `None` sends nothing.
///
/// It is written when the handler has returned, and **the delivery ends when the broker has acknowledged it**: no offset is
/// committed before. If it cannot be written, the delivery has failed with that [`SendError`](crate::SendError), and the record
/// that was handled is tried again or dead-lettered like any other. So a reply is written at least once: a crash before the commit
/// repeats the handler, and with it the reply. While the cluster is away the reply waits, and its lane with it.
///
/// The headers `traceparent`, `tracestate` and `baggage` of the record that is handled go with it, as with
/// [`Producer`](crate::Producer), and `kafka_correlationId`, by which Spring's `ReplyingKafkaTemplate` knows its answer.
///
/// ```
/// use kafka_listen::prelude::*;
///
/// #[derive(serde::Deserialize)]
/// struct Order { id: u64, articles: Vec<String> }
///
/// #[derive(Debug, PartialEq, serde::Serialize)]
/// struct Parcel { order: u64, weight: usize }
///
/// #[kafka_listener(topic = "orders", group = "packing", attempts = 3)]
/// async fn pack(Json(order): Json<Order>) -> Result<Reply<Parcel>, String> {
///     if order.articles.is_empty() {
///         return Err("nothing to pack".to_owned());
///     }
///     let parcel = Parcel { order: order.id, weight: order.articles.len() };
///     Ok(Reply::to("parcels", parcel).key(order.id.to_string()).header("packed-by", "robot"))
/// }
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// // As in a unit test:
/// let order = Order { id: 7, articles: vec!["lamp".to_owned()] };
/// let expected = Reply::to("parcels", Parcel { order: 7, weight: 1 }).key("7").header("packed-by", "robot");
/// assert_eq!(pack(Json(order)).await, Ok(expected));
/// # });
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "a reply that is not returned is not written"]
pub struct Reply<T> {
    topic: String,
    key: Option<Bytes>,
    headers: Vec<HeaderBuf>,
    value: T,
}

/// A reply that there is no record for.
#[derive(Debug)]
struct ReplyError {
    topic: String,
    source: Box<dyn Error + Send + Sync>,
}

impl<T> Reply<T> {
    /// `value` goes to `topic`. A name that Kafka does not take fails the delivery.
    pub fn to(topic: impl Into<String>, value: T) -> Self {
        Self { topic: topic.into(), key: None, headers: Vec::new(), value }
    }

    /// The key: records of one key go to one partition. Without it the reply goes to any.
    pub fn key(mut self, key: impl AsRef<[u8]>) -> Self {
        self.key = Some(Bytes::copy_from_slice(key.as_ref()));
        self
    }

    /// Adds a header. One that would go with the reply by itself does not, if it is set here.
    pub fn header(mut self, name: impl AsRef<str>, value: impl AsRef<[u8]>) -> Self {
        let (name, value) = (name.as_ref().as_bytes(), value.as_ref());
        self.headers.push(HeaderBuf::new(Bytes::copy_from_slice(name), Bytes::copy_from_slice(value)));
        self
    }

    /// What is sent on.
    pub fn value(&self) -> &T {
        &self.value
    }
}

impl<T: Serialize> Reply<T> {
    fn into_record(self) -> Result<Outgoing, ReplyError> {
        let Self { topic, key, headers, value } = self;
        let failed = |source: Box<dyn Error + Send + Sync>| ReplyError { topic: topic.clone(), source };
        let name = TopicName::new(topic.as_str()).map_err(|error| failed(error.into()))?;
        let json = serde_json::to_vec(&value).map_err(|error| failed(error.into()))?;
        let body = OwnedBody { key, value: Some(json.into()), headers };
        let body = body.pack().map_err(|error| failed(error.into()))?;
        Ok(Outgoing { topic: name, partition: Wanted::Any, body, timestamp: None })
    }
}

/// The outcome of a handler that sends these on.
pub(super) fn replied<T: Serialize>(replies: impl IntoIterator<Item = Reply<T>>) -> Outcome {
    let records: Result<Vec<_>, _> = replies.into_iter().map(Reply::into_record).collect();
    match records {
        Ok(records) if records.is_empty() => Outcome::Done,
        Ok(records) => Outcome::Replied(records),
        Err(error) => Outcome::Failed(Box::new(Failure::of(error))),
    }
}

impl fmt::Display for ReplyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the reply to `{}` cannot be written: {}", self.topic, self.source)
    }
}

impl Error for ReplyError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&*self.source)
    }
}
