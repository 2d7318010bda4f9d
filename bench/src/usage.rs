//! CPU time of this process; the broker's is not in it.

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
