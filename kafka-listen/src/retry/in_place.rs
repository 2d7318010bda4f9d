//! Tries in place: the record is handed to the handler again before it moves on to another topic.

use std::time::Duration;

use super::delays::Delays;
use super::policy::{MAX_ATTEMPTS, PolicyError};

/// How often a record is tried in place within one delivery, and after which delays. The lane waits meanwhile, so the
/// order of records is kept.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct InPlace {
    attempts: u32,
    delays: Delays,
}

impl InPlace {
    /// One try: the listener's retries go through topics.
    pub const NONE: Self = Self { attempts: 1, delays: Delays::NONE };

    /// Ten tries without a pause: of a listener that declares neither `attempts` nor `blocking`.
    pub const DEFAULT: Self = Self { attempts: 10, delays: Delays::NONE };

    /// Tries without end, after a second, then twice as long each time, up to a minute: where a failing record has
    /// nowhere to go.
    pub const PATIENT: Self = Self { attempts: u32::MAX, delays: Delays::PATIENT };

    /// `attempts` tries at most, the first one counted: 1 to [`MAX_ATTEMPTS`]. The first delay is `delay`, each further one
    /// `min(trunc(previous × multiplier), max_delay)`.
    ///
    /// # Errors
    /// [`PolicyError`] says which value makes no sense.
    pub fn new(
        attempts: u32,
        delay: Duration,
        multiplier: f64,
        max_delay: Option<Duration>,
    ) -> Result<Self, PolicyError> {
        if !(1..=MAX_ATTEMPTS).contains(&attempts) {
            return Err(PolicyError::Attempts(attempts));
        }
        let rule = Self { attempts, delays: Delays::new(delay, multiplier, max_delay)? };
        match rule.delays.iter().take(attempts as usize - 1).position(|delay| delay > Delays::LONGEST) {
            Some(place) => Err(PolicyError::TooLong { number: place + 1 }),
            None => Ok(rule),
        }
    }

    /// The most tries within one delivery.
    pub fn attempts(&self) -> u32 {
        self.attempts
    }

    /// The delay before this try, counted from 1; the first has none.
    pub fn delay_before(&self, number: u32) -> Duration {
        number.checked_sub(2).map_or(Duration::ZERO, |place| self.delays.nth(place))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_try_never_waits() {
        let seconds = |rule: InPlace| [0, 1, 2, 3, 4, 99].map(|number| rule.delay_before(number).as_secs());
        assert_eq!(seconds(InPlace::PATIENT), [0, 0, 1, 2, 4, 60]);
        assert_eq!(seconds(InPlace::DEFAULT), [0; 6]);
        assert_eq!(InPlace::PATIENT.delay_before(u32::MAX).as_secs(), 60, "answered at once");
    }

    #[test]
    fn no_try_at_all_is_refused() {
        assert_eq!(InPlace::new(0, Duration::ZERO, 1.0, None), Err(PolicyError::Attempts(0)));
        assert!(InPlace::new(MAX_ATTEMPTS + 1, Duration::ZERO, 1.0, None).is_err());
        let endless = InPlace::new(40, Duration::from_secs(1), 2.0, None);
        assert_eq!(endless, Err(PolicyError::TooLong { number: 30 }));
        let rule = InPlace::new(4, Duration::from_secs(1), 1.0, None).unwrap();
        assert_eq!((rule.attempts(), rule.delay_before(4)), (4, Duration::from_secs(1)));
    }
}
