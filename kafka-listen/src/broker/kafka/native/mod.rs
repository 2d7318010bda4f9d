//! The part of librdkafka that the `rdkafka` crate does not wrap, or wraps in a way that cannot be used here: batches
//! from a partition's own queue, messages that outlive their consumer, rebalances answered later, headers as bytes.
//!
//! The only folder with `unsafe`. What goes out of it is safe to use in any order; each file says why.

pub(super) mod client;
pub(super) mod event;
pub(super) mod list;
pub(super) mod message;
pub(super) mod queue;
pub(super) mod rest;
pub(super) mod send;
pub(super) mod table;
pub(super) mod throttle;
pub(super) mod topics;
