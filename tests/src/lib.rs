//! Support for the tests of this workspace.

pub mod history;
pub mod proxy;
pub mod real_kafka;
#[cfg(feature = "simulation")]
pub mod simulation;
pub mod spring;

mod kept;
mod process;
