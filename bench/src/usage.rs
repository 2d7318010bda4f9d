//! What this process uses; the broker is another one.

use std::fs;
use std::time::Duration;

/// User and system time so far.
pub fn cpu() -> Duration {
    // SAFETY: an all-zero `rusage` is a valid one, and the pointer to it is valid for the call.
    let usage = unsafe {
        let mut usage = std::mem::zeroed();
        libc::getrusage(libc::RUSAGE_SELF, &mut usage);
        usage
    };
    let time =
        |time: libc::timeval| Duration::new(time.tv_sec.unsigned_abs(), time.tv_usec.unsigned_abs() as u32 * 1000);
    time(usage.ru_utime) + time(usage.ru_stime)
}

/// Memory of this process in bytes: what it has now, and the most it had.
pub fn memory() -> (f64, f64) {
    (status("VmRSS") * 1024.0, status("VmHWM") * 1024.0)
}

/// How many threads there are, and how many of them have a name that begins so.
pub fn threads(prefix: &str) -> (usize, usize) {
    let threads = fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    let names: Vec<_> = threads.filter_map(|thread| fs::read_to_string(thread.path().join("comm")).ok()).collect();
    (names.len(), names.iter().filter(|name| name.starts_with(prefix)).count())
}

fn status(name: &str) -> f64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(f64::NAN)
}
