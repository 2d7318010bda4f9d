//! The rules of retrying: after which delays, through which topics, in which headers.
//!
//! In comes what a listener declares and what became of a delivery; out come names of topics, decisions and bytes.
//! Nothing here does I/O, reads a clock or draws a random number: time and jitter are arguments.

mod chain;
#[cfg(test)]
mod chain_as_spring;
mod decide;
mod delays;
#[cfg(test)]
mod fates;
#[cfg(test)]
mod golden;
mod groups;
mod headers;
mod in_place;
mod links;
mod naming;
mod next;
mod policy;
mod rules;

pub use chain::{Chain, ChainError};
pub use decide::{Tried, decide};
pub use groups::GroupNaming;
#[cfg(test)]
pub(crate) use headers::any_header;
pub use headers::{Hop, LastError, Origin, RetryHeaders, Shrink, again, first_timestamp, forward, is_ours};
pub use in_place::InPlace;
pub use links::{End, EndKind};
pub use naming::{Naming, SameDelay, Suffix, wait_told_by};
pub use next::Next;
pub use policy::{Backoff, MAX_ATTEMPTS, Policy, PolicyError};
pub use rules::Rules;
