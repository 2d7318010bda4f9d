//! Annotate an async function and it listens to Kafka. What fails is tried again through retry topics, after exact
//! delays, and what cannot be handled ends in a dead-letter topic (DLT). Nothing is committed before it has ended.
//!
//! ```no_run
//! use kafka_listen::prelude::*;
//!
//! #[derive(serde::Deserialize)]
//! struct Email { to: String }
//!
//! #[kafka_listener(topic = "email.send", group = "email", attempts = 5, backoff(delay = "1s", multiplier = 2))]
//! async fn send_email(Json(email): Json<Email>, attempt: Attempt) -> Result<(), std::io::Error> {
//!     println!("delivery {} of {}, to {}", attempt.number, attempt.of, email.to);
//!     Ok(())
//! }
//!
//! #[dlt_handler(send_email)]
//! async fn email_is_dead(origin: Origin, error: LastError) {
//!     eprintln!("{origin} is dead: {error}");
//! }
//!
//! #[tokio::main]
//! async fn main() -> Result<(), kafka_listen::Error> {
//!     App::from_env().run().await
//! }
//! ```
//!
//! # The way of a record
//!
//! 1. [`App`] finds the listeners, checks all of them at once, creates the topics of their chains, and joins one consumer
//!    group for each role. Its [`Plan`] says what is read and where failures go.
//! 2. A record waits in its lane, for its order, and in a retry topic until it is due.
//! 3. Each parameter is built from the [`Delivery`] by [`FromDelivery`]. What cannot be built is a [`Rejection`].
//! 4. The function runs, and what it returns, a [`HandlerReturn`], says whether the record is handled.
//! 5. A failure is decided about: the next retry topic, or the DLT. The copy carries the record's bytes unchanged, and
//!    headers that tell its [`Origin`], its [`LastError`] and its next [`Attempt`].
//! 6. When that copy is acknowledged the record has ended, and its offset may be committed.
//!
//! Each step is told to every [`Observer`] as an [`Event`]; one of them writes the log.
//! Guides: [the attributes](docs::attribute), [parameters](docs::extractors), [what a listener returns](docs::returns).
//!
//! # Features
//! | feature | default | |
//! |---|---|---|
//! | `embedded` | no | the in-process broker, reached by `bootstrap.servers=embedded` |
//! | `toml` | no | the file `kafka-listen.toml`: see [`App`](App#configuration) |
//! | `ssl`, `gssapi`, `zstd` | no | TLS, Kerberos, Zstandard; `ssl-vendored`, `gssapi-vendored`: with libraries that are compiled along |
//! | `testing` | no | the module `testing`: listeners in a plain test, in virtual time; turns `embedded` on |
#![warn(clippy::allow_attributes_without_reason, clippy::expect_used, clippy::unwrap_used)]
#![cfg_attr(
    feature = "__internals",
    allow(rustdoc::private_intra_doc_links, reason = "the ports' docs are for readers of the code")
)]

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
mod app;
mod broker;
#[expect(clippy::disallowed_methods, reason = "the one place that reads the time")]
mod clock;
mod config;
pub mod docs;
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
mod sabotage;
#[cfg(feature = "testing")]
pub mod testing;
mod topics;

// The attributes and the application.
pub use app::{App, Error, Handle, Paused};
pub use broker::OffsetReset;
#[doc = include_str!("docs/dlt_handler.md")]
pub use kafka_listen_macros::dlt_handler;
#[doc = include_str!("docs/kafka_listener.md")]
pub use kafka_listen_macros::kafka_listener;
#[doc = include_str!("docs/settings.md")]
pub use kafka_listen_macros::settings;
pub use listener::{AclOperation, AclResource, Acls, Plan, Settings};
pub use problem::Problems;

// Handlers: what they take, how to make more of that, what they return.
pub use extract::{
    Ack, Attempt, Cancel, Delivery, FromDelivery, FromHeader, Json, Key, Needs, Offset, Partition, Rejection,
    RejectionKind, State, Topic,
};
pub use outcome::{Decision, Failure, FailureKind, HandlerReturn, Outcome, Reply};
pub use retry::{LastError, Origin};

// Writing records; what happens, told; words for all of it.
pub use clock::Timestamp;
pub use observe::{Event, Observer, PauseReason, RecordPlace};
pub use producer::{Draft, Producer, SendError, SendErrorKind, Unsent};
pub use record::{
    Header, HeaderBuf, Headers, InvalidTopicName, RecordTime, TimestampType, TopicName, TopicPartition, Written,
};

/// What nearly every listener needs: `use kafka_listen::prelude::*;`.
pub mod prelude {
    pub use bytes::Bytes;

    pub use crate::{
        Ack, App, Attempt, Cancel, Decision, Delivery, FromDelivery, FromHeader, Headers, Json, Key, LastError, Offset,
        Origin, Outcome, Partition, Producer, Rejection, Reply, Settings, State, Timestamp, Topic, dlt_handler,
        kafka_listener, settings,
    };
}

#[cfg(feature = "__internals")]
#[doc(hidden)]
#[path = "internals.rs"]
pub mod __internals;
