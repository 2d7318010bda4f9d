//! A broker inside the process: what a real Kafka does, with neither threads nor files, in any clock's time.
//!
//! A client's call becomes one operation on [`Cluster`]'s state, under one lock:
//!
//! - `topic`, `log`, `config`, `partitioner`: where records lie and what a topic takes;
//! - `group`, `assignor`: who owns which partition, as a pure state machine;
//! - `coordinator`, `member`, `assigning`, `reading`: what each member is told, reads and commits;
//! - `publishing`: how a record gets into a log, and its answer back;
//! - `consumer`, `producer`, `admin`: the ports;
//! - `machine`: a clock of its own for whoever wants one;
//! - `inspect`, `faults`, `watch`: what tests do beside them.
//!
//! Nothing is ever removed from a log by time or size, and nothing is written to a disk.

mod admin;
mod after;
mod assigning;
mod assignor;
mod cluster;
mod config;
mod consumer;
mod coordinator;
mod faults;
mod group;
mod inspect;
mod log;
mod machine;
mod member;
mod partitioner;
mod producer;
mod publishing;
mod reading;
mod state;
mod topic;
mod watch;

pub use cluster::Cluster;
pub use faults::{CommitFault, PublishFault};
pub use group::MemberId;
pub use inspect::{GroupMember, StoredRecord};
pub use member::property_problem;
pub use watch::Seen;

#[cfg(test)]
mod tests;
