//! Listeners: what the attributes register, how an application finds them, and the checked plan of all of them.

mod conflicts;
mod definition;
mod effects;
mod ends;
mod filler;
mod needs;
mod origins;
mod plan;
mod registry;
mod settings;
mod site;
#[cfg(test)]
mod tests;
mod words;

pub use crate::engine::Order;
pub use crate::retry::{SameDelay, Suffix};
pub use definition::{BatchFuture, Call, DltHandler, DltOnError, Filter, HandlerFuture, Listener, judge};
pub use plan::Plan;
pub(crate) use plan::{PlannedConsumer, PlannedDltHandler, PlannedListener};
pub(crate) use registry::{Named, registered};
