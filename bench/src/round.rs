//! What one measurement yields.

use std::time::Duration;

/// What it took to read a topic, from the first record to the last.
#[derive(Clone, Copy, Debug)]
pub struct Round {
    /// Time on the wall.
    pub time: Duration,
    /// CPU time of this process.
    pub cpu: Duration,
}

impl Round {
    /// Records a second.
    pub fn per_second(self, records: usize) -> f64 {
        records as f64 / self.time.as_secs_f64()
    }

    /// Microseconds of CPU time for each record.
    pub fn cpu_micros(self, records: usize) -> f64 {
        self.cpu.as_secs_f64() * 1e6 / records as f64
    }
}
