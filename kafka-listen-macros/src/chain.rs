//! The names that a listener's retry topics and dead-letter topic will have, as far as literals tell them, so that a
//! name that Kafka would not take is found while compiling. Start-up names them again, from the final settings.
//!
//! Delays cannot be equal in the middle of a chain: each is a fixed function of the one before, so that the first that
//! repeats its predecessor is followed by nothing else.

/// What names a chain.
#[derive(Clone, Debug)]
pub(crate) struct Chain {
    /// Deliveries, the first included; 1 if there are no retry topics.
    pub(crate) attempts: u64,
    /// The first delay, in milliseconds.
    pub(crate) delay: u64,
    /// What a delay is multiplied by to get the next.
    pub(crate) multiplier: f64,
    /// The longest delay, in milliseconds.
    pub(crate) max_delay: u64,
    /// What the names of retry topics begin with, after the topic's.
    pub(crate) retry_suffix: String,
    /// Whether retry topics are numbered.
    pub(crate) by_index: bool,
    /// Whether equal delays have a topic each.
    pub(crate) multiple: bool,
}

impl Chain {
    /// The delay before each delivery but the first.
    pub(crate) fn delays(&self) -> Vec<u64> {
        let first = self.delay.min(self.max_delay);
        std::iter::successors(Some(first), |delay| Some(next_delay(*delay, self.multiplier).min(self.max_delay)))
            .take(usize::try_from(self.attempts.saturating_sub(1)).unwrap_or(usize::MAX))
            .collect()
    }

    /// What each retry topic's name has after the source topic's.
    pub(crate) fn suffixes(&self) -> Vec<String> {
        let mut delays = self.delays();
        let equal = delays.len() > 1 && delays.iter().all(|delay| *delay == delays[0]);
        if !self.multiple {
            delays.dedup();
            if delays.len() == 1 {
                return vec![self.retry_suffix.clone()];
            }
        }
        let suffix = |(index, delay): (usize, &u64)| {
            let first = delays.partition_point(|earlier| earlier < delay);
            let repeated = delays.get(first + 1) == Some(delay);
            match (self.by_index || equal, repeated) {
                (true, _) => format!("{}-{index}", self.retry_suffix),
                (false, false) => format!("{}-{delay}", self.retry_suffix),
                (false, true) => format!("{}-{delay}-{}", self.retry_suffix, index - first),
            }
        };
        delays.iter().enumerate().map(suffix).collect()
    }
}

/// The delay after `delay`: parts of a millisecond are cut off.
pub(crate) fn next_delay(delay: u64, multiplier: f64) -> u64 {
    // Saturates, which is the longest delay there is.
    (delay as f64 * multiplier) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chain(attempts: u64, delay: u64, multiplier: f64) -> Chain {
        let (max_delay, retry_suffix) = (u64::MAX, "-retry".to_owned());
        Chain { attempts, delay, multiplier, max_delay, retry_suffix, by_index: false, multiple: false }
    }

    fn names(chain: &Chain) -> String {
        chain.suffixes().join(" ")
    }

    /// Each shape of a chain, single and multiple, by delay and by index.
    #[test]
    fn names_are_those_of_spring() {
        let capped = Chain { max_delay: 3000, ..chain(5, 1000, 2.0) };
        for (chain, single, single_index, multiple, multiple_index) in [
            (
                chain(5, 1000, 2.0),
                "-retry-1000 -retry-2000 -retry-4000 -retry-8000",
                "-retry-0 -retry-1 -retry-2 -retry-3",
                "-retry-1000 -retry-2000 -retry-4000 -retry-8000",
                "-retry-0 -retry-1 -retry-2 -retry-3",
            ),
            (
                chain(5, 1000, 1.0),
                "-retry",
                "-retry",
                "-retry-0 -retry-1 -retry-2 -retry-3",
                "-retry-0 -retry-1 -retry-2 -retry-3",
            ),
            (chain(2, 1000, 2.0), "-retry", "-retry", "-retry-1000", "-retry-0"),
            (
                capped,
                "-retry-1000 -retry-2000 -retry-3000",
                "-retry-0 -retry-1 -retry-2",
                "-retry-1000 -retry-2000 -retry-3000-0 -retry-3000-1",
                "-retry-0 -retry-1 -retry-2 -retry-3",
            ),
            (chain(1, 1000, 2.0), "", "", "", ""),
        ] {
            let indexed = Chain { by_index: true, ..chain.clone() };
            assert_eq!(names(&chain), single);
            assert_eq!(names(&indexed), single_index);
            assert_eq!(names(&Chain { multiple: true, ..chain }), multiple);
            assert_eq!(names(&Chain { multiple: true, ..indexed }), multiple_index);
        }
    }

    #[test]
    fn delays_are_truncated_and_capped() {
        assert_eq!(chain(5, 500, 1.5).delays(), [500, 750, 1125, 1687]);
        assert_eq!(Chain { max_delay: 1000, ..chain(5, 500, 1.5) }.delays(), [500, 750, 1000, 1000]);
        assert_eq!(chain(3, 1 << 63, 4.0).delays(), [1 << 63, u64::MAX]);
    }

    #[test]
    fn a_delay_that_is_repeated_is_never_left_again() {
        for delay in [0, 1, 2, 3, 7, 999, 1000] {
            for multiplier in [1.0, 1.0001, 1.1, 1.5, 1.999, 2.0, 10.0] {
                let delays = Chain { max_delay: 5000, ..chain(60, delay, multiplier) }.delays();
                let rising = delays.windows(2).take_while(|pair| pair[0] < pair[1]).count();
                assert!(delays[rising..].iter().all(|delay| *delay == delays[rising]), "{delays:?}");
            }
        }
    }
}
