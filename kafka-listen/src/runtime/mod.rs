//! Drives the engine: polls a consumer, calls handlers, writes records. It has no rule of its own.

mod call;
mod driver;
mod host;
mod inbox;
mod panics;
mod publish;
