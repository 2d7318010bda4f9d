//! Counts deliveries, and measures from the first of them until there were as many as awaited.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use kafka_listen::App;
use serde_json::{Value, json};
use tokio::sync::Notify;

use crate::lab::Error;
use crate::usage::cpu;

/// Counts deliveries. One for each handler, as a `static`: what a handler is given would cost time of its own.
pub struct Meter {
    began: AtomicBool,
    begin: Mutex<Option<(Instant, Duration)>>,
    count: AtomicUsize,
    awaited: AtomicUsize,
    reached: Notify,
}

/// What a round took.
#[derive(Clone, Copy, Debug)]
pub struct Round {
    /// How many records were awaited.
    pub records: usize,
    /// Time on the wall.
    pub time: Duration,
    /// CPU time of this process.
    pub cpu: Duration,
}

impl Meter {
    /// One that awaits nothing yet.
    pub const fn new() -> Self {
        Self {
            began: AtomicBool::new(false),
            begin: Mutex::new(None),
            count: AtomicUsize::new(0),
            awaited: AtomicUsize::new(usize::MAX),
            reached: Notify::const_new(),
        }
    }

    /// Awaits so many from now on.
    pub fn expect(&self, records: usize) {
        self.count.store(0, Ordering::Relaxed);
        self.awaited.store(records, Ordering::Relaxed);
        self.began.store(false, Ordering::Relaxed);
    }

    /// Runs an application until so many were counted, and stops it.
    pub async fn run(&self, app: App, records: usize) -> Result<Round, Error> {
        self.expect(records);
        let running = app.start().await?;
        let round = self.reached().await;
        running.stop().await;
        round
    }

    /// A delivery began: the first one starts the clock.
    pub fn begin(&self) {
        if !self.began.load(Ordering::Relaxed) && !self.began.swap(true, Ordering::Relaxed) {
            *self.begin.lock().unwrap_or_else(PoisonError::into_inner) = Some((Instant::now(), cpu()));
        }
    }

    /// One that counts.
    pub fn count(&self) {
        if self.count.fetch_add(1, Ordering::Relaxed) + 1 == self.awaited.load(Ordering::Relaxed) {
            self.reached.notify_one();
        }
    }

    /// Waits until there were as many as awaited.
    pub async fn reached(&self) -> Result<Round, Error> {
        self.reached.notified().await;
        let begin = self.begin.lock().unwrap_or_else(PoisonError::into_inner).take();
        let (since, used) = begin.ok_or("nothing began")?;
        let records = self.awaited.load(Ordering::Relaxed);
        Ok(Round { records, time: since.elapsed(), cpu: cpu() - used })
    }
}

impl Round {
    /// Records a second.
    pub fn per_second(self) -> f64 {
        self.records as f64 / self.time.as_secs_f64()
    }

    /// Microseconds of CPU time for each record.
    pub fn cpu_micros(self) -> f64 {
        self.cpu.as_secs_f64() * 1e6 / self.records as f64
    }

    /// For the file of results.
    pub fn json(self) -> Value {
        json!({ "records": self.records, "seconds": self.time.as_secs_f64(), "cpu_seconds": self.cpu.as_secs_f64() })
    }
}
