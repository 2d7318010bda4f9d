//! Drives the engine: polls a consumer, calls handlers, writes records. It has no rule of its own.

mod batch;
mod blocking;
mod call;
mod driver;
mod filter;
#[expect(clippy::disallowed_methods, reason = "how long a handler has run is nobody's due time")]
mod guard;
mod halt;
mod handler;
mod host;
mod inbox;
mod line;
mod publish;
mod reply;
mod report;
#[expect(clippy::disallowed_methods, reason = "how long a task has run is nobody's due time")]
mod slice;

pub(crate) use driver::{Driver, DriverParts, Status};
pub(crate) use handler::{Handler, blocking_calls};
pub(crate) use host::{Ended, Seat};
pub(crate) use inbox::Inbox;
