//! Listeners: what the attributes register, how an application finds them, and the checked plan of all of them.

mod definition;
#[cfg(test)]
mod tests;

pub use definition::{Call, DltHandler, HandlerFuture, Listener, Order, SameDelay, Setting, Site, Suffix, judge};
