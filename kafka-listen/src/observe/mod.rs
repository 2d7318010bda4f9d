//! The one list of things that happen, and those who read it.

mod event;
mod observer;
mod pause;
mod place;
mod trace;

pub use event::Event;
pub use observer::Observer;
pub use pause::PauseReason;
pub use place::RecordPlace;

pub(crate) use observer::Observers;
pub(crate) use trace::Trace;
