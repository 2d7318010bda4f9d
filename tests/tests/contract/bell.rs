//! Sleeping between two polls: any consumer's wake-up call ends the sleep of whoever drives a check.

use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use kafka_listen::__internals::broker::Wake;

/// Rings when a consumer has something to tell, and keeps that until it is heard.
#[derive(Clone, Default)]
pub struct Bell(Arc<(Mutex<bool>, Condvar)>);

impl Bell {
    pub fn wake(&self) -> Wake {
        let Self(bell) = self.clone();
        Wake::new(move || {
            *bell.0.lock().unwrap() = true;
            bell.1.notify_all();
        })
    }

    /// Forgets that it rang: to be done before the polls, so that what rings during them is heard after them.
    pub fn forget(&self) {
        *self.0.0.lock().unwrap() = false;
    }

    /// Waits until it rings, at most this long.
    pub fn wait(&self, most: Duration) {
        let rang = self.0.0.lock().unwrap();
        drop(self.0.1.wait_timeout_while(rang, most, |rang| !*rang).unwrap());
    }
}
