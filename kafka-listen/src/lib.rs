//! The best way to listen to Kafka in Rust.
#![allow(dead_code, unused_imports)]

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
mod app;
mod broker;
mod clock;
mod config;
mod engine;
mod extract;
mod listener;
mod observe;
mod outcome;
mod problem;
mod producer;
mod record;
mod retry;
mod runtime;
#[cfg(feature = "testing")]
pub mod testing;
mod topics;

pub use app::{App, Error, Handle};
pub use broker::OffsetReset;
pub use clock::Timestamp;
pub use extract::{
    Attempt, Delivery, FromDelivery, FromHeader, Json, Key, Needs, Offset, Partition, Rejection, RejectionKind, State,
    Topic,
};
#[doc = include_str!("docs/dlt_handler.md")]
pub use kafka_listen_macros::dlt_handler;
#[doc = include_str!("docs/kafka_listener.md")]
pub use kafka_listen_macros::kafka_listener;
pub use listener::Plan;
pub use observe::{Event, Observer, RecordPlace};
pub use outcome::{Failure, FailureKind, HandlerReturn};
pub use problem::Problems;
pub use producer::{Draft, Producer, SendError, SendErrorKind, Unsent};
pub use record::{
    Header, HeaderBuf, Headers, InvalidTopicName, RecordTime, TimestampType, TopicName, TopicPartition, Written,
};
pub use retry::{LastError, Origin};

/// What nearly every listener needs: `use kafka_listen::prelude::*;`.
pub mod prelude {
    pub use bytes::Bytes;

    pub use crate::{
        App, Attempt, Delivery, FromDelivery, FromHeader, Headers, Json, Key, LastError, Offset, Origin, Partition,
        Producer, Rejection, State, Timestamp, Topic, dlt_handler, kafka_listener,
    };
}

/// The inner ports, for this workspace's own tests.
#[cfg(feature = "__internals")]
#[doc(hidden)]
pub mod __internals {
    /// The ports and both brokers.
    pub mod broker {
        pub use crate::broker::*;
    }
    /// Time.
    pub mod clock {
        pub use crate::clock::*;
    }
    /// The vocabulary.
    pub mod record {
        pub use crate::record::*;
    }
}
