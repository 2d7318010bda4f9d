//! How often a record is delivered through topics, and after which delays.
//!
//! What a listener declares comes in; a policy that makes sense goes out, or an error that says what to write.

use std::time::Duration;

use super::delays::{Delays, lengthen};

/// The most deliveries of one record: a larger number in a header is not believed, by Spring neither.
pub const MAX_ATTEMPTS: u32 = 32_767;

/// A retry policy that makes no sense.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum PolicyError {
    /// `attempts` out of range.
    #[error("`attempts = {0}` counts the first delivery too: write 1 to {MAX_ATTEMPTS}")]
    Attempts(u32),
    /// `multiplier` below 1, or no number.
    #[error("`multiplier = {0}` would make delays shorter: write 1 or more")]
    Multiplier(f64),
    /// `jitter` out of range, or no number.
    #[error("`jitter = {0}` is a share of the delay: write 0.0 to 1.0")]
    Jitter(f64),
    /// `delay` over `max_delay`.
    #[error("`delay = {delay:?}` is over `max_delay = {max_delay:?}`: write a smaller delay or a larger maximum")]
    OverMaxDelay {
        /// The first delay.
        delay: Duration,
        /// The limit of all.
        max_delay: Duration,
    },
    /// A delay that Kafka's clock cannot express.
    #[error("the delay `{0:?}` has parts of a millisecond: write whole milliseconds")]
    PartOfMillisecond(Duration),
    /// A delay over ten years.
    #[error(
        "delay number {number} would be over ten years: write `max_delay`, a smaller `multiplier` or fewer `attempts`"
    )]
    TooLong {
        /// Which delay, counted from 1.
        number: usize,
    },
}

/// The delays between deliveries through topics.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Backoff {
    delays: Delays,
    jitter: f64,
}

impl Backoff {
    /// No delay, however often.
    pub const NONE: Self = Self { delays: Delays::NONE, jitter: 0.0 };

    /// The first delay is `delay`, each further one `min(trunc(previous × multiplier), max_delay)`. `jitter`, 0.0 to
    /// 1.0, is the share by which a delay may get longer, drawn for each record; it never gets shorter.
    ///
    /// # Errors
    /// [`PolicyError`] says which value makes no sense.
    pub fn new(
        delay: Duration,
        multiplier: f64,
        max_delay: Option<Duration>,
        jitter: f64,
    ) -> Result<Self, PolicyError> {
        let delays = Delays::new(delay, multiplier, max_delay)?;
        if !(0.0..=1.0).contains(&jitter) {
            return Err(PolicyError::Jitter(jitter));
        }
        Ok(Self { delays, jitter })
    }
}

/// How often a record is delivered through topics, and after which delays.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Policy {
    attempts: u32,
    backoff: Backoff,
}

impl Policy {
    /// `attempts` deliveries at most, the first one counted: 1 to [`MAX_ATTEMPTS`].
    ///
    /// # Errors
    /// [`PolicyError`] says which value makes no sense.
    pub fn new(attempts: u32, backoff: Backoff) -> Result<Self, PolicyError> {
        if !(1..=MAX_ATTEMPTS).contains(&attempts) {
            return Err(PolicyError::Attempts(attempts));
        }
        let policy = Self { attempts, backoff };
        match policy.delays().iter().position(|&delay| delay > Delays::LONGEST) {
            Some(place) => Err(PolicyError::TooLong { number: place + 1 }),
            None => Ok(policy),
        }
    }

    /// One delivery and no retry.
    pub const fn once() -> Self {
        Self { attempts: 1, backoff: Backoff::NONE }
    }

    /// The largest share by which a delay may get longer.
    pub fn jitter(&self) -> f64 {
        self.backoff.jitter
    }

    /// The longest delay with all of its jitter.
    pub fn longest_wait(&self) -> Duration {
        let longest = self.delays().last().copied().unwrap_or_default();
        lengthen(longest, self.jitter())
    }

    /// The delay before each delivery but the first, without jitter.
    pub fn delays(&self) -> Vec<Duration> {
        self.backoff.delays.iter().take(self.attempts as usize - 1).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn backoff(delay: u64, multiplier: f64, max: Option<u64>, jitter: f64) -> Result<Backoff, PolicyError> {
        Backoff::new(Duration::from_millis(delay), multiplier, max.map(Duration::from_millis), jitter)
    }

    #[test]
    fn there_is_one_delay_fewer_than_attempts() {
        let backoff = backoff(1000, 2.0, None, 0.0).unwrap();
        let delays = |attempts| Policy::new(attempts, backoff).unwrap().delays();
        assert_eq!(delays(5), [1000, 2000, 4000, 8000].map(Duration::from_millis));
        assert_eq!(delays(1), []);
        assert_eq!(Policy::once().delays(), []);
    }

    #[test]
    fn the_longest_wait_is_the_last_delay_with_all_its_jitter() {
        let backoff = backoff(1000, 2.0, None, 0.5).unwrap();
        let longest = |attempts| Policy::new(attempts, backoff).unwrap().longest_wait();
        assert_eq!([1, 2, 4].map(longest), [0, 1500, 6000].map(Duration::from_millis));
    }

    #[test]
    fn nonsense_is_refused_with_what_to_write() {
        let message = |error: PolicyError| error.to_string();
        for wrong in [0.5, f64::NAN, f64::INFINITY, -2.0] {
            assert!(message(backoff(1000, wrong, None, 0.0).unwrap_err()).ends_with("write 1 or more"));
        }
        for wrong in [-0.1, 1.1, f64::NAN] {
            assert!(message(backoff(1000, 1.0, None, wrong).unwrap_err()).ends_with("write 0.0 to 1.0"));
        }
        assert_eq!(
            message(backoff(5000, 1.0, Some(3000), 0.0).unwrap_err()),
            "`delay = 5s` is over `max_delay = 3s`: write a smaller delay or a larger maximum"
        );
        assert_eq!(
            Backoff::new(Duration::from_micros(1500), 1.0, None, 0.0),
            Err(PolicyError::PartOfMillisecond(Duration::from_micros(1500)))
        );
        let fine = backoff(1000, 2.0, None, 0.0).unwrap();
        for wrong in [0, 32_768] {
            assert_eq!(Policy::new(wrong, fine), Err(PolicyError::Attempts(wrong)));
        }
    }

    #[test]
    fn delays_that_only_a_mistake_can_explain_are_refused() {
        let doubling = backoff(1000, 2.0, None, 0.0).unwrap();
        assert_eq!(Policy::new(40, doubling), Err(PolicyError::TooLong { number: 30 }));
        assert!(Policy::new(40, backoff(1000, 2.0, Some(60_000), 0.0).unwrap()).is_ok());
        assert!(backoff(u64::MAX, 1.0, None, 0.0).is_err());
    }
}
