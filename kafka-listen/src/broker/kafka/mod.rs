//! A real cluster, through librdkafka. The only folder that names `rdkafka`.
//!
//! What comes in are client properties by librdkafka's names; what goes out are the ports of [`super`]. It decides
//! nothing about records: where a partition begins is [`Beginning`](super::Beginning)'s rule, everything else is for
//! whoever holds the ports.
//!
//! - [`config`], [`property`]: properties; [`defaults`] are this crate's, [`refused`] and [`together`] what is refused, [`features`]
//!   what a build is without
//! - [`consumer`], [`answers`]: a member of a group; [`assignments`] and [`partition`] are what it reads, [`resting`] what it does
//!   not read ahead,
//!   [`subscription`] which topics it reads, [`rebalance`], [`starts`], [`commits`] what it answers, asks and sends, [`leaving`] and [`leave`] how it ends
//! - [`producer`], [`report`]: writing; [`serving`] is its thread, [`writing`] and [`alone`] its clients, [`open`] what it has
//!   under way
//! - [`admin`], [`reach`]: asking the cluster
//! - [`elsewhere`]: clients that are destroyed on threads of their own
//! - [`native`]: what `rdkafka` does not wrap, and the only `unsafe`

mod admin;
mod alone;
mod answers;
mod assignments;
mod cluster;
mod commits;
mod config;
mod consumer;
mod contents;
mod defaults;
mod elsewhere;
mod features;
mod late;
mod leave;
mod leaving;
mod logging;
#[expect(unsafe_code, reason = "librdkafka is C")]
mod native;
mod open;
mod partition;
mod producer;
mod property;
mod reach;
mod rebalance;
mod refused;
mod repeats;
mod report;
mod resting;
mod serving;
mod starts;
mod subscription;
mod together;
mod wording;
mod writing;

pub use cluster::KafkaBroker;
pub use property::{canonical, is_of_consumers, is_property, is_secret, nearest_property, property_of_env};
pub use refused::property_problem;
pub use together::contradictions;
