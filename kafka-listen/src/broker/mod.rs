//! The ports: all that this crate asks of a broker, in three small traits.
//!
//! They are called per batch, never per record, and chosen once at start-up. [`kafka`] speaks to a real cluster,
//! [`memory`] is a broker inside the process. One contract suite runs against both.
//!
//! A consumer is *polled*: nothing in these traits blocks or is `async` but administration. Whoever holds a consumer
//! calls [`Consumer::poll`] when its [`Wake`] was called, and otherwise sleeps as it likes: a thread on a real
//! cluster, a task in the in-process broker.

mod admin;
mod cluster;
mod consumer;
pub mod kafka;
#[cfg(feature = "embedded")]
#[cfg_attr(
    not(feature = "testing"),
    allow(dead_code, unused_imports, reason = "tests alone break the broker and look into it")
)]
pub mod memory;
mod producer;
mod shares;
mod start;

pub use admin::{Admin, ClientError, CreateError, Ends, NewTopic, Peeked, TopicInfo};
pub use cluster::{BoxFuture, Broker, Host, Wake};
pub use consumer::{Consumer, ConsumerError, ConsumerEvent, ConsumerSpec, Room, Taken};
pub use producer::{Full, ProducerPort, Receipt};
pub use shares::{Capacity, Place, Shares};
pub use start::{Beginning, FirstReads, OffsetReset};
