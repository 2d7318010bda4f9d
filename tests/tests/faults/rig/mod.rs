//! One topic on a broker, workers that listen to it, records that keep coming, and what became of it all.

mod brokers;
mod load;
mod scene;
mod worker;

use std::thread;
use std::time::{Duration, Instant};

pub use brokers::{admin, breakable, create_topic, shared};
pub use load::{Load, produce};
pub use scene::Rig;
pub use worker::Worker;

/// How long anything may take on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// A static member that was killed is let in again at once, without waiting for its old session to end.
pub const STATIC: (&str, &str) = ("WORKER_PROPERTIES", "group.instance.id=one");
/// Waits until `condition` holds.
#[track_caller]
pub fn until(what: &str, mut condition: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !condition() {
        assert!(Instant::now() < deadline, "not within {PATIENCE:?}: {what}");
        thread::sleep(Duration::from_millis(150));
    }
}
