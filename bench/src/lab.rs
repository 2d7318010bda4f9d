//! What all scenarios share: how much is measured, and the runtime that handlers run on.

use std::future::Future;
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::Value;
use tokio::runtime::Runtime;

use crate::worker;

/// Whatever went wrong; the measurement ends with it.
pub type Error = Box<dyn std::error::Error>;

/// How much is measured.
pub struct Lab {
    /// How often each comparison is made.
    pub rounds: usize,
    /// So much of the usual number of records and time.
    pub scale: f64,
    runtime: Runtime,
}

impl Lab {
    /// The runtime is Tokio's own default, as `#[tokio::main]` gives it.
    pub fn new(rounds: usize, scale: f64) -> Result<Self, Error> {
        Ok(Self { rounds, scale, runtime: Runtime::new()? })
    }

    /// So many records, scaled.
    pub fn records(&self, usual: usize) -> usize {
        ((usual as f64 * self.scale) as usize).max(100)
    }

    /// So long, scaled.
    pub fn time(&self, usual: Duration) -> Duration {
        usual.mul_f64(self.scale).max(Duration::from_secs(1))
    }

    /// Runs a future on the runtime.
    pub fn run<T>(&self, future: impl Future<Output = T>) -> T {
        self.runtime.block_on(future)
    }

    /// Runs a worker in a process of its own, whose memory and threads are nobody else's; what it measured.
    pub fn worker(&self, words: &[&str]) -> Result<Value, Error> {
        self.worker_under(&[], words)
    }

    /// The same, under another program such as valgrind.
    pub fn worker_under(&self, program: &[&str], words: &[&str]) -> Result<Value, Error> {
        let itself = std::env::current_exe()?;
        let mut all = program.iter().map(std::ffi::OsStr::new).chain([itself.as_os_str()]);
        let mut command = Command::new(all.next().unwrap_or(itself.as_os_str()));
        command.args(all).arg(worker::WORD).args(words).stderr(Stdio::inherit());
        let output = command.output()?;
        let printed = String::from_utf8_lossy(&output.stdout);
        if !output.status.success() {
            return Err(format!("the worker {words:?} failed ({}): {printed}", output.status).into());
        }
        Ok(serde_json::from_str(printed.lines().last().unwrap_or_default())?)
    }
}

/// The middle one.
pub fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    percentile(&mut values.into_iter().collect::<Vec<_>>(), 0.5)
}

/// The value below which so large a share of all lies; sorts them.
pub fn percentile(values: &mut [f64], share: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let last = values.len().saturating_sub(1);
    values.get((last as f64 * share).round() as usize).copied().unwrap_or(f64::NAN)
}
