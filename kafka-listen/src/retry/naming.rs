//! From delays to the names of topics, as Spring for Apache Kafka names them.

use std::time::Duration;

use super::delays::Delays;

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

    /// What the source topic would be called whose chain a topic of this name belongs to, of this version of a listener or of
    /// another one, with other delays or other routes: every such name.
    pub fn possible_sources<'t>(&self, topic: &'t str) -> Vec<&'t str> {
        let retried = topic.match_indices(&self.retry_suffix);
        let retried = retried.filter(|(place, suffix)| is_numbering(&topic[place + suffix.len()..]));
        let mut sources: Vec<_> = retried.map(|(place, _)| &topic[..place]).collect();
        if let Some(dead) = topic.strip_suffix(&self.dlt_suffix) {
            sources.push(dead);
            sources.extend(dead.match_indices('-').map(|(place, _)| &dead[..place]));
        }
        sources.extend(self.dlt_routes.iter().filter_map(|route| topic.strip_suffix(&self.suffix_of_route(route))));
        sources.retain(|source| !source.is_empty());
        sources
    }

    /// Whether `suffix`, which follows a source topic's name, may be that of a retry topic of its chain in a version with other
    /// attempts or delays.
    pub fn may_name_a_retry_topic(&self, suffix: &str) -> bool {
        suffix.strip_prefix(self.retry_suffix.as_str()).is_some_and(is_numbering)
    }
}

/// The longest that a record may wait in a retry topic with such a suffix, as far as the name tells, all jitter included: a number
/// in it is a delay in milliseconds, unless it counts topics, and then it is small.
pub fn wait_told_by(suffix: &str) -> Duration {
    let numbers = suffix.rsplit('-').take(2).filter_map(|digits| digits.parse().ok());
    let delay = numbers.max().map_or(Duration::ZERO, Duration::from_millis);
    delay.min(Delays::LONGEST) * 2
}

/// Whether this stands behind the suffix in a name that some delays give a retry topic: nothing, a delay or a number, or both.
fn is_numbering(rest: &str) -> bool {
    rest.split('-').enumerate().all(|(place, digits)| match place {
        0 => digits.is_empty(),
        1 | 2 => !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()),
        _ => false,
    })
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
    fn whatever_the_settings_a_retry_topic_is_known_by_its_name() {
        for (suffix, same_delay) in
            [Delay, Index].into_iter().flat_map(|suffix| [(suffix, SameDelay::Single), (suffix, SameDelay::Multiple)])
        {
            for delays in [&[][..], &[1000], &[1000, 1000], &[1000, 2000, 3000, 3000]] {
                let all = suffixes(suffix, same_delay, delays);
                assert!(all.split_whitespace().all(|suffix| Naming::default().may_name_a_retry_topic(suffix)), "{all}");
            }
        }
        for other in
            ["", "-dlt", "-retry-", "-retry-1s", "-retry-1-2-3", "-retry--1", "-retry1000", "-retries", "-again-1"]
        {
            assert!(!Naming::default().may_name_a_retry_topic(other), "{other}");
        }
    }

    #[test]
    fn a_route_is_named_before_the_dlts_suffix_and_told_apart_by_a_dash_where_it_has_no_separator() {
        let dlt_routes = ["validation", "_fraud", ".spam", "-late"].map(str::to_owned).into();
        let naming = Naming { dlt_suffix: ".dead".into(), dlt_routes, ..Naming::default() };
        assert_eq!(naming.dlt_suffixes(), [".dead", "-validation.dead", "_fraud.dead", ".spam.dead", "-late.dead"]);
    }

    #[test]
    fn a_delay_in_a_name_is_a_wait_that_can_be() {
        let seconds = |suffix| wait_told_by(suffix).as_secs_f64();
        assert_eq!(seconds("-retry-21600000"), 12.0 * 3600.0, "with jitter = 1.0");
        assert_eq!(seconds("-again-3000-1"), 6.0);
        assert_eq!(seconds("-retry-4"), 0.008, "a number, which is harmless");
        assert_eq!(seconds("-retry"), 0.0);
        assert_eq!(seconds("-retry-18446744073709551615"), 2.0 * Delays::LONGEST.as_secs_f64());
        assert_eq!(seconds("-retry-99999999999999999999"), 0.0, "no delay");
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

    #[test]
    fn a_chain_topic_is_known_whatever_the_version_that_named_it() {
        let sources = |topic: &str| Naming::default().possible_sources(topic).join(" ");
        for suffix in ["-retry", "-retry-1000", "-retry-0", "-retry-3000-1", "-dlt"] {
            assert_eq!(sources(&format!("email.send{suffix}")), "email.send", "{suffix}");
        }
        assert_eq!(sources("email-validation-dlt"), "email-validation email", "routed, or the DLT of such a topic");
        assert_eq!(sources("email-retry-retry-5"), "email-retry");
        for source in
            ["email", "email-retry-x", "email-retry-1-2-3", "email-retry-", "email-retry1", "-dlt", "email.dlt"]
        {
            assert_eq!(sources(source), "", "{source}");
        }
        let own = Naming { retry_suffix: "-again".into(), dlt_suffix: ".dead".into(), ..Naming::default() };
        assert_eq!(own.possible_sources("a-again-7"), ["a"]);
        assert_eq!(own.possible_sources("a.dead"), ["a"]);
        assert!(own.possible_sources("a-retry-7").is_empty());
    }
}
