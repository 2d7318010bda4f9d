//! The names that a listener's retry topics and dead-letter topic will have, as far as literals tell them, so that a
//! name that Kafka would not take is found while compiling. Start-up names them again, from the final settings.
//!
//! Delays cannot be equal in the middle of a chain: each is a fixed function of the one before, so that the first that
//! repeats its predecessor is followed by nothing else.

use crate::delays::Delays;

/// What names a chain.
#[derive(Clone, Debug)]
pub(crate) struct Chain {
    /// Between deliveries.
    pub(crate) delays: Delays,
    /// What the names of retry topics begin with, after the topic's.
    pub(crate) retry_suffix: String,
    /// Whether retry topics are numbered.
    pub(crate) by_index: bool,
    /// Whether equal delays have a topic each.
    pub(crate) multiple: bool,
}

impl Chain {
    /// What each retry topic's name has after the source topic's.
    pub(crate) fn suffixes(&self) -> Vec<String> {
        let mut delays = self.delays.all();
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

#[cfg(test)]
mod tests {
    use super::*;

    fn chain(attempts: u64, delay: u64, multiplier: f64) -> Chain {
        let delays = Delays { attempts, delay, multiplier, max_delay: u64::MAX };
        Chain { delays, retry_suffix: "-retry".to_owned(), by_index: false, multiple: false }
    }

    fn capped(mut chain: Chain, max_delay: u64) -> Chain {
        chain.delays.max_delay = max_delay;
        chain
    }

    fn names(chain: &Chain) -> String {
        chain.suffixes().join(" ")
    }

    /// Each shape of a chain, single and multiple, by delay and by index.
    #[test]
    fn names_are_those_of_spring() {
        let capped = capped(chain(5, 1000, 2.0), 3000);
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
        assert_eq!(chain(5, 500, 1.5).delays.all(), [500, 750, 1125, 1687]);
        assert_eq!(capped(chain(5, 500, 1.5), 1000).delays.all(), [500, 750, 1000, 1000]);
        assert_eq!(chain(3, 1 << 63, 4.0).delays.all(), [1 << 63, u64::MAX]);
    }

    #[test]
    fn a_delay_that_is_repeated_is_never_left_again() {
        for delay in [0, 1, 2, 3, 7, 999, 1000] {
            for multiplier in [1.0, 1.0001, 1.1, 1.5, 1.999, 2.0, 10.0] {
                let delays = capped(chain(60, delay, multiplier), 5000).delays.all();
                let rising = delays.windows(2).take_while(|pair| pair[0] < pair[1]).count();
                assert!(delays[rising..].iter().all(|delay| *delay == delays[rising]), "{delays:?}");
            }
        }
    }
}
