//! Listeners: what the attributes register, how an application finds them, and the checked plan of all of them.

mod definition;

pub use crate::engine::Order;
pub use crate::retry::{SameDelay, Suffix};
pub use definition::{Call, DltHandler, HandlerFuture, Listener, Setting, Site};
