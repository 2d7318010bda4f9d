//! Listeners in a plain test: the real engine on an in-process broker, in virtual time.
//!
//! In a test whose clock is paused, waiting costs no time: a chain of retries over 15 seconds runs in milliseconds, and
//! always alike.
//!
//! ```
//! use kafka_listen::prelude::*;
//! use kafka_listen::testing::TestKafka;
//! use std::time::Duration;
//!
//! #[kafka_listener(topic = "orders", attempts = 3, backoff(delay = 1000, multiplier = 2))]
//! async fn ship(order: &str) -> Result<(), String> {
//!     if order == "broken" { Err("cannot ship".to_owned()) } else { Ok(()) }
//! }
//!
//! # // In a test this is `#[tokio::test(start_paused = true)]`.
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! # tokio::time::pause();
//! let mut kafka = TestKafka::new();
//! kafka.create_topic("orders", 3);
//! kafka.start(kafka.app().listener(ship)).await.unwrap();
//!
//! kafka.producer().to("orders").text("broken").send().await.unwrap();
//! kafka.settle().await;
//!
//! let at: Vec<_> = kafka.deliveries().iter().map(|delivery| delivery.at.as_secs()).collect();
//! assert_eq!(at, [0, 1, 3]);
//! assert_eq!(kafka.dead_letters("orders").len(), 1);
//! kafka.stop().await;
//! # }
//! ```

mod journal;
mod kafka;

pub use crate::broker::memory::{Cluster, CommitFault, GroupMember, MemberId, PublishFault, Seen, StoredRecord};
pub use crate::record::{Outgoing, OwnedBody, PublishError, PublishErrorKind, Wanted};
pub use journal::Delivered;
pub use kafka::{Instance, TestKafka};
