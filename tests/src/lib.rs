//! Support for the tests of this workspace.

pub mod real_kafka;
pub mod simulation;
