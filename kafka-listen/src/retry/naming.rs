//! From delays to the names of topics, as Spring for Apache Kafka names them.

use std::time::Duration;

/// How the topics of a chain are named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Naming {
    /// What follows the source topic's name in that of a retry topic.
    pub retry_suffix: String,
    /// What follows it in that of the dead-letter topic.
    pub dlt_suffix: String,
    /// The dead-letter topics beside it: what stands between the source topic's name and `dlt_suffix`, a `-` in front where
    /// nothing separates it.
    pub dlt_routes: Vec<String>,
    /// What tells one retry topic from the next.
    pub suffix: Suffix,
    /// How many topics serve equal delays.
    pub same_delay: SameDelay,
}

/// What tells one retry topic of a chain from the next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Suffix {
    /// Its delay in milliseconds.
    #[default]
    Delay,
    /// Its number, from 0.
    Index,
}

/// How many retry topics serve delays that are equal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SameDelay {
    /// One.
    #[default]
    Single,
    /// One for each.
    Multiple,
}

/// `-retry` and `-dlt`, told apart by delay, one topic for equal delays.
impl Default for Naming {
    fn default() -> Self {
        Self {
            retry_suffix: "-retry".to_owned(),
            dlt_suffix: "-dlt".to_owned(),
            dlt_routes: Vec::new(),
            suffix: Suffix::Delay,
            same_delay: SameDelay::Single,
        }
    }
}

impl Naming {
    /// What follows the source topic's name in that of each dead-letter topic.
    pub fn dlt_suffixes(&self) -> Vec<String> {
        let routes = self.dlt_routes.iter().map(|route| self.suffix_of_route(route));
        [self.dlt_suffix.clone()].into_iter().chain(routes).collect()
    }

    /// What follows the source topic's name in that of this route's dead-letter topic.
    pub(super) fn suffix_of_route(&self, route: &str) -> String {
        let separator = if route.starts_with(['-', '.', '_']) { "" } else { "-" };
        format!("{separator}{route}{}", self.dlt_suffix)
    }

    /// What follows the source topic's name in that of the topic for each of these delays; equal suffixes are one
    /// topic. `delays` never get shorter, so equal ones stand side by side.
    pub(super) fn suffixes(&self, delays: &[Duration]) -> Vec<String> {
        let all_equal = delays.iter().all(|delay| *delay == delays[0]);
        let suffix = |(place, delay): (usize, &Duration)| {
            let first = delays.partition_point(|other| other < delay);
            let equals = delays.partition_point(|other| other <= delay) - first;
            let delay = delay.as_millis();
            match (self.suffix, self.same_delay) {
                (_, SameDelay::Single) if all_equal => String::new(),
                (Suffix::Index, SameDelay::Single) => format!("-{first}"),
                (Suffix::Index, SameDelay::Multiple) => format!("-{place}"),
                (Suffix::Delay, SameDelay::Multiple) if all_equal && equals > 1 => format!("-{place}"),
                (Suffix::Delay, SameDelay::Multiple) if equals > 1 => format!("-{delay}-{}", place - first),
                (Suffix::Delay, _) => format!("-{delay}"),
            }
        };
        delays.iter().enumerate().map(suffix).map(|suffix| format!("{}{suffix}", self.retry_suffix)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Suffix::{Delay, Index};

    fn suffixes(suffix: Suffix, same_delay: SameDelay, delays: &[u64]) -> String {
        let delays: Vec<_> = delays.iter().copied().map(Duration::from_millis).collect();
        Naming { suffix, same_delay, ..Naming::default() }.suffixes(&delays).join(" ")
    }

    #[test]
    fn one_topic_for_equal_delays() {
        let single = |suffix, delays: &[u64]| suffixes(suffix, SameDelay::Single, delays);
        assert_eq!(single(Delay, &[1000, 2000, 4000]), "-retry-1000 -retry-2000 -retry-4000");
        assert_eq!(single(Index, &[1000, 2000, 4000]), "-retry-0 -retry-1 -retry-2");
        for suffix in [Delay, Index] {
            assert_eq!(single(suffix, &[1000, 1000, 1000]), "-retry -retry -retry");
            assert_eq!(single(suffix, &[1000]), "-retry");
            assert_eq!(single(suffix, &[]), "");
        }
        assert_eq!(single(Delay, &[1000, 2000, 3000, 3000]), "-retry-1000 -retry-2000 -retry-3000 -retry-3000");
        assert_eq!(single(Index, &[1000, 2000, 3000, 3000]), "-retry-0 -retry-1 -retry-2 -retry-2");
    }

    #[test]
    fn a_topic_for_each_of_equal_delays() {
        let multiple = |suffix, delays: &[u64]| suffixes(suffix, SameDelay::Multiple, delays);
        for suffix in [Delay, Index] {
            assert_eq!(multiple(suffix, &[1000, 1000, 1000]), "-retry-0 -retry-1 -retry-2");
        }
        assert_eq!(multiple(Delay, &[1000]), "-retry-1000");
        assert_eq!(multiple(Index, &[1000]), "-retry-0");
        assert_eq!(multiple(Delay, &[1000, 2000, 3000, 3000]), "-retry-1000 -retry-2000 -retry-3000-0 -retry-3000-1");
        assert_eq!(multiple(Index, &[1000, 2000, 3000, 3000]), "-retry-0 -retry-1 -retry-2 -retry-3");
    }
}
