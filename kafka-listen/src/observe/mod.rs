//! The one list of things that happen, and those who read it.

mod event;
mod observer;
mod trace;

pub use event::{Event, PauseReason, RecordPlace};
pub use observer::Observer;

pub(crate) use observer::Observers;
pub(crate) use trace::Trace;
