//! Time: points of it as Kafka writes them, and the only place that reads a clock.
//!
//! Everything below the runtime takes time as an argument. In production a [`Clock`] reads the system's wall clock,
//! which is what due times in retry topics are compared with. On the in-process broker it follows Tokio's clock, so
//! that a test which pauses Tokio's time pauses everything.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A point in time, in milliseconds since the Unix epoch: the unit of every time in a Kafka record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The point in time `millis` milliseconds after (or, if negative, before) the Unix epoch.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Milliseconds since the Unix epoch.
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// This point in time, `duration` later; stops at the end of the representable range. Parts of a millisecond
    /// are rounded up, so that nothing that waits for the result can run early.
    pub fn after(self, duration: Duration) -> Self {
        let millis = duration.as_nanos().div_ceil(1_000_000);
        Self(self.0.saturating_add(i64::try_from(millis).unwrap_or(i64::MAX)))
    }

    /// This point in time, `duration` earlier; stops at the end of the representable range.
    pub fn before(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)))
    }

    /// How long after `earlier` this is; zero if it is not after it.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0).max(0).unsigned_abs())
    }
}

/// Seconds and milliseconds since the epoch, as in `1700000000.250`.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:03}", self.0.div_euclid(1000), self.0.rem_euclid(1000))
    }
}

/// Reads the time.
#[derive(Clone, Debug)]
#[doc(hidden)]
pub enum Clock {
    /// The system's wall clock.
    System,
    #[cfg_attr(not(feature = "embedded"), allow(dead_code, reason = "the clock of the in-process broker"))]
    /// Tokio's clock, which tests may pause, counted from `epoch`.
    Tokio {
        /// The instant that stands for `epoch`.
        origin: tokio::time::Instant,
        /// The wall-clock time at `origin`.
        epoch: Timestamp,
        /// By how many milliseconds the clock was set forward since, or back.
        stepped: Arc<AtomicI64>,
    },
}

impl Clock {
    #[cfg_attr(not(feature = "embedded"), allow(dead_code, reason = "the clock of the in-process broker"))]
    /// A clock that starts at `epoch` now and advances as Tokio's time does.
    pub fn tokio(epoch: Timestamp) -> Self {
        Self::Tokio { origin: tokio::time::Instant::now(), epoch, stepped: Arc::default() }
    }

    #[cfg_attr(not(feature = "embedded"), allow(dead_code, reason = "the clock of the in-process broker"))]
    /// A clock that says the same, until either is set.
    pub fn apart(&self) -> Self {
        match self {
            Self::System => Self::System,
            Self::Tokio { origin, epoch, .. } => {
                let stepped = Arc::new(AtomicI64::new(self.stepped()));
                Self::Tokio { origin: *origin, epoch: *epoch, stepped }
            }
        }
    }

    /// Sets this clock and its clones forward, or back, as somebody does to a machine's. The system's stays as it is.
    #[cfg_attr(not(feature = "testing"), allow(dead_code, reason = "tests alone set a clock"))]
    pub fn step(&self, millis: i64) {
        if let Self::Tokio { stepped, .. } = self {
            stepped.fetch_add(millis, Ordering::Relaxed);
        }
    }

    /// By how many milliseconds it was set forward, or back.
    pub fn stepped(&self) -> i64 {
        match self {
            Self::System => 0,
            Self::Tokio { stepped, .. } => stepped.load(Ordering::Relaxed),
        }
    }

    /// The time now.
    pub fn now(&self) -> Timestamp {
        match self {
            Self::System => {
                let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
            }
            // Rounded down, as a wall clock read in milliseconds is.
            Self::Tokio { origin, epoch, .. } => {
                let millis = i64::try_from(origin.elapsed().as_millis()).unwrap_or(i64::MAX);
                Timestamp(epoch.0.saturating_add(millis).saturating_add(self.stepped()))
            }
        }
    }

    /// How long it is until `at`, exactly, so that a sleep of that length ends neither before nor a millisecond after.
    pub fn until(&self, at: Timestamp) -> Duration {
        let passed = match self {
            Self::System => SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default(),
            Self::Tokio { origin, epoch, .. } => {
                let began = epoch.0.saturating_add(self.stepped());
                Duration::from_millis(began.max(0).unsigned_abs()).saturating_add(origin.elapsed())
            }
        };
        Duration::from_millis(at.0.max(0).unsigned_abs()).saturating_sub(passed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_a_millisecond_rounds_up_so_that_nothing_runs_early() {
        let start = Timestamp::from_millis(10);
        assert_eq!(start.after(Duration::from_micros(1)), Timestamp::from_millis(11));
        assert_eq!(start.after(Duration::from_millis(1)), Timestamp::from_millis(11));
        assert_eq!(start.after(Duration::MAX), Timestamp::from_millis(i64::MAX));
    }

    #[test]
    fn since_never_goes_below_zero() {
        let (early, late) = (Timestamp::from_millis(5), Timestamp::from_millis(8));
        assert_eq!(late.since(early), Duration::from_millis(3));
        assert_eq!(early.since(late), Duration::ZERO);
    }
}
