//! The engine: what may run, what may be committed, what is written where, and when. It decides whether a record can be lost.
//!
//! A state machine without I/O, clock, threads or `async`: [`Event`]s go in by [`Engine::handle`], together with the time;
//! [`Action`]s come out by [`Engine::next_action`]; [`Engine::wake_at`] says when to call again though nothing happened.
//! One engine serves one consumer.
//!
//! A [`Partition`](partition::Partition) owns all that belongs to one assignment. What is late names an assignment that is
//! gone, and changes nothing.

mod assignment;
mod batches;
mod commits;
mod copies;
mod draw;
mod event;
mod flow;
mod forward;
mod holding;
mod in_the_way;
mod lanes;
mod leaving;
mod machine;
mod numbers;
mod offsets;
mod partition;
mod publishing;
mod reading;
mod run;
mod silence;
mod source;
mod stay;
mod timers;
mod wakes;

#[cfg(test)]
mod tests;

pub(crate) use batches::Batching;
pub(crate) use event::{Action, Event, FailedDelivery, Progress, Ticket};
pub(crate) use flow::Limits;
pub use lanes::Order;
pub(crate) use machine::{Engine, Settings};
pub(crate) use numbers::Numbers;
pub(crate) use run::{LaneId, Queued, Run, RunId};
pub(crate) use source::{ListenerIndex, Role, Source};
