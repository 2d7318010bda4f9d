//! A sequence of delays: the first, then each one longer by a factor, up to a limit.
//!
//! Spring's arithmetic, since the delays stand in the names of topics: a product is cut to whole milliseconds before
//! the limit is applied, and the next one is made of what is left.

use std::iter;
use std::time::Duration;

use super::policy::PolicyError;

/// Delays that follow one another without end; each is as long as the one before it, or longer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Delays {
    first: Duration,
    multiplier: f64,
    max: Option<Duration>,
}

impl Delays {
    /// No delay, however often.
    pub(super) const NONE: Self = Self { first: Duration::ZERO, multiplier: 1.0, max: None };

    /// One second, doubling up to a minute.
    pub(super) const PATIENT: Self =
        Self { first: Duration::from_secs(1), multiplier: 2.0, max: Some(Duration::from_secs(60)) };

    /// The longest delay: ten years. Further away, only a mistake can lie.
    pub(super) const LONGEST: Duration = Duration::from_secs(10 * 365 * 24 * 60 * 60);

    pub(super) fn new(first: Duration, multiplier: f64, max: Option<Duration>) -> Result<Self, PolicyError> {
        let whole = |delay: Duration| delay.subsec_nanos().is_multiple_of(1_000_000);
        if let Some(delay) = iter::once(first).chain(max).find(|&delay| !whole(delay)) {
            Err(PolicyError::PartOfMillisecond(delay))
        } else if !(1.0..f64::INFINITY).contains(&multiplier) {
            Err(PolicyError::Multiplier(multiplier))
        } else if let Some(max_delay) = max.filter(|&max| max < first) {
            Err(PolicyError::OverMaxDelay { delay: first, max_delay })
        } else if first > Self::LONGEST {
            Err(PolicyError::TooLong { number: 1 })
        } else {
            Ok(Self { first, multiplier, max })
        }
    }

    pub(super) fn iter(self) -> impl Iterator<Item = Duration> {
        iter::successors(Some(self.first), move |&previous| Some(self.next(previous)))
    }

    /// The delay at this place, counted from 0.
    pub(super) fn nth(self, place: u32) -> Duration {
        let mut delay = self.first;
        for _ in 0..place {
            let next = self.next(delay);
            // A delay that did not grow never will.
            if next == delay {
                break;
            }
            delay = next;
        }
        delay
    }

    fn next(self, previous: Duration) -> Duration {
        // Exact up to 2^53 ms; a float beyond u64 becomes its largest value.
        let product = (previous.as_millis() as f64 * self.multiplier) as u64;
        let next = Duration::from_millis(product);
        self.max.map_or(next, |max| next.min(max))
    }
}

/// A delay that gets longer by this share of it, cut to whole milliseconds.
pub(super) fn lengthen(delay: Duration, share: f64) -> Duration {
    delay.saturating_add(Duration::from_millis((delay.as_millis() as f64 * share) as u64))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn millis(delay: u64, multiplier: f64, max: Option<u64>, count: usize) -> Vec<u128> {
        let delays = Delays::new(Duration::from_millis(delay), multiplier, max.map(Duration::from_millis)).unwrap();
        delays.iter().take(count).map(|delay| delay.as_millis()).collect()
    }

    #[test]
    fn products_are_cut_to_whole_milliseconds_as_spring_does() {
        assert_eq!(millis(1000, 2.0, None, 4), [1000, 2000, 4000, 8000]);
        assert_eq!(millis(500, 1.5, None, 4), [500, 750, 1125, 1687]);
        assert_eq!(millis(1000, 2.0, Some(3000), 4), [1000, 2000, 3000, 3000]);
        assert_eq!(millis(1, 1.5, None, 3), [1, 1, 1], "1.5 is cut to 1, again and again");
    }

    #[test]
    fn a_product_beyond_all_numbers_stops_at_the_largest() {
        let delays = Delays::new(Duration::from_millis(1000), 1e300, None).unwrap();
        assert_eq!(delays.nth(3), Duration::from_millis(u64::MAX));
    }

    proptest! {
        #[test]
        fn delays_never_get_shorter_and_equal_ones_stand_at_the_end(
            first in 0u64..10_000, multiplier in 1.0f64..5.0, max in prop::option::of(10_000u64..60_000),
        ) {
            let delays = millis(first, multiplier, max, 30);
            prop_assert!(delays.is_sorted());
            if let Some(place) = delays.windows(2).position(|pair| pair[0] == pair[1]) {
                prop_assert!(delays[place..].iter().all(|&delay| delay == delays[place]));
            }
        }

        #[test]
        fn the_place_and_the_sequence_agree(first in 0u64..5000, multiplier in 1.0f64..3.0, place in 0u32..40) {
            let delays = Delays::new(Duration::from_millis(first), multiplier, None).unwrap();
            prop_assert_eq!(Some(delays.nth(place)), delays.iter().nth(place as usize));
        }
    }
}
