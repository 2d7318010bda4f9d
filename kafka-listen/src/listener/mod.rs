//! Listeners: what the attributes register, how an application finds them, and the checked plan of all of them.

mod acls;
mod collisions;
mod conflicts;
#[cfg(test)]
mod constants_tests;
mod dead_letter_names;
mod definition;
mod effects;
mod ends;
mod filler;
mod keys;
mod left_over;
mod matching;
mod needs;
mod origins;
mod patience;
mod plan;
mod planned;
mod registry;
mod settings;
mod shared;
mod site;
mod source_topics;
mod summary;
#[cfg(test)]
mod tests;
mod words;

pub use crate::engine::Order;
pub use crate::retry::{GroupNaming, SameDelay, Suffix};
pub use acls::{AclOperation, AclResource, Acls};
pub use definition::{BatchFuture, Call, DltHandler, DltOnError, Filter, HandlerFuture, Listener};
pub use keys::judge;
pub(crate) use left_over::{Candidate, LeftOver};
pub(crate) use matching::{Found, Refused};
pub use plan::Plan;
pub(crate) use plan::{ConsumerKey, PlannedConsumer};
pub(crate) use planned::{PlannedDltHandler, PlannedListener};
pub(crate) use registry::{Named, registered};
pub use shared::Settings;
