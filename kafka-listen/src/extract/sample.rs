//! Deliveries for the tests of extractors.

use std::sync::Arc;

use bytes::Bytes;

use super::{Attempt, Cancel, Context, Delivery, Place, States};
use crate::broker::{BoxFuture, Full, ProducerPort, Receipt};
use crate::clock::Timestamp;
use crate::producer::Producer;
use crate::record::{HeaderBuf, Outgoing, OwnedBody, Record, RecordTime, TimestampType, TopicName, TopicPartition};

/// A record of `orders/3` at offset 17, in its second delivery of five, and what surrounds it.
pub(crate) struct Sample {
    record: Record,
    place: Place,
    context: Context,
}

impl Sample {
    pub(crate) fn value(value: impl AsRef<[u8]>) -> Self {
        Self::of(OwnedBody { value: Some(Bytes::copy_from_slice(value.as_ref())), ..OwnedBody::default() })
    }

    pub(crate) fn key(key: impl AsRef<[u8]>) -> Self {
        Self::of(OwnedBody { key: Some(Bytes::copy_from_slice(key.as_ref())), ..OwnedBody::default() })
    }

    pub(crate) fn headers(headers: Vec<HeaderBuf>) -> Self {
        Self::of(OwnedBody { headers, ..OwnedBody::default() })
    }

    pub(crate) fn tombstone() -> Self {
        Self::of(OwnedBody::default())
    }

    /// In a topic where headers about a record's past are believed.
    pub(crate) fn believed(mut self) -> Self {
        self.place.believed = true;
        self
    }

    pub(crate) fn at(mut self, time: RecordTime) -> Self {
        self.record.time = time;
        self
    }

    pub(crate) fn state<T: Send + Sync + 'static>(mut self, state: T) -> Self {
        self.context.states.insert(state);
        self
    }

    pub(crate) fn delivery(&self) -> Delivery<'_> {
        Delivery::new(&self.record, &self.place, Attempt::new(2, 5, 1, 1), &self.context)
    }

    fn of(body: OwnedBody) -> Self {
        let time = RecordTime { kind: TimestampType::CreateTime, at: Timestamp::from_millis(1_700_000_000_000) };
        let topic = TopicName::new("orders").unwrap();
        Self {
            record: Record::new(17, time, body),
            place: Place {
                partition: TopicPartition { topic, partition: 3 },
                group: "orders-group".into(),
                believed: false,
                cancel: Cancel::default(),
            },
            context: Context { states: States::default(), producer: Producer::new(Arc::new(NoProducer)) },
        }
    }
}

struct NoProducer;

impl ProducerPort for NoProducer {
    fn send(&self, record: Outgoing, receipt: Receipt) -> Result<(), Full> {
        Err(Full { record, receipt })
    }

    fn flush(&self) -> BoxFuture<'_, ()> {
        Box::pin(std::future::ready(()))
    }
}
