//! A chain: a source topic, the retry topics that a failing record passes, and where it ends.
//!
//! A policy and a way of naming come in; out comes a chain in which every name is one that Kafka takes and no topic
//! stands twice, or an error. That equal delays share a topic only at its end needs no check: delays never get shorter,
//! and one that did not grow never grows again.

use std::collections::HashSet;
use std::time::Duration;

use super::delays::lengthen;
use super::links::{End, EndKind, RetryTopic, Route, Step};
use super::naming::Naming;
use super::policy::Policy;
use crate::record::{InvalidTopicName, TopicName};

/// A source topic and the way of its failing records.
#[derive(Clone, Debug, PartialEq)]
pub struct Chain {
    source: TopicName,
    steps: Vec<Step>,
    end: End,
    routes: Vec<Route>,
    jitter: f64,
}

/// Why there can be no such chain.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ChainError {
    /// A name that Kafka does not take.
    #[error("the chain of `{source_topic}`: {error}")]
    Name {
        /// The chain's source topic.
        source_topic: TopicName,
        /// What is wrong with the name.
        #[source]
        error: InvalidTopicName,
    },
    /// Two topics of the chain with one name: records would run in a circle.
    #[error(
        "the chain of `{source_topic}` has the topic `{topic}` twice: write another `retry_suffix`, `dlt_suffix` or `dlt_route`"
    )]
    Twice {
        /// The chain's source topic.
        source_topic: TopicName,
        /// The name.
        topic: TopicName,
    },
}

impl Chain {
    /// The chain of `source`.
    ///
    /// # Errors
    /// [`ChainError`]: a name that Kafka does not take, or that stands twice.
    pub fn new(source: TopicName, policy: &Policy, naming: &Naming, end: EndKind) -> Result<Self, ChainError> {
        let name = |suffix: &str| {
            TopicName::new(format!("{source}{suffix}"))
                .map_err(|error| ChainError::Name { source_topic: source.clone(), error })
        };
        let delays = policy.delays();
        let steps = naming.suffixes(&delays).into_iter().zip(&delays);
        let steps = steps
            .map(|(suffix, &delay)| Ok(Step { topic: name(&suffix)?, delay }))
            .collect::<Result<Vec<_>, ChainError>>()?;
        let route = |route: &String| Ok(Route { name: route.clone(), topic: name(&naming.suffix_of_route(route))? });
        let (end, routes) = match end {
            EndKind::Dlt => {
                let routes = naming.dlt_routes.iter().map(route).collect::<Result<_, ChainError>>()?;
                (End::Dlt(name(&naming.dlt_suffix)?), routes)
            }
            EndKind::Discard => (End::Discard, Vec::new()),
            EndKind::TryAgain => (End::TryAgain, Vec::new()),
            EndKind::PassOver => (End::PassOver, Vec::new()),
        };
        Self { source, steps, end, routes, jitter: policy.jitter() }.without_circles()
    }

    /// The source topic.
    pub fn source(&self) -> &TopicName {
        &self.source
    }

    /// The ways to the second delivery and each further one, in order.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// Where a record goes that was delivered as often as it may be.
    pub fn end(&self) -> &End {
        &self.end
    }

    /// The most deliveries of one record, the first one counted.
    pub fn attempts(&self) -> u32 {
        u32::try_from(self.steps.len()).map_or(u32::MAX, |steps| steps.saturating_add(1))
    }

    /// The way to delivery number `attempt`; `None` for the first one, and beyond the last.
    pub fn step(&self, attempt: u32) -> Option<&Step> {
        self.steps.get(attempt.checked_sub(2)? as usize)
    }

    /// The retry topics, each once, in the order in which a record passes them.
    pub fn retry_topics(&self) -> Vec<RetryTopic> {
        let mut topics: Vec<RetryTopic> = Vec::new();
        for Step { topic, delay } in &self.steps {
            // A topic that serves several steps serves neighbours, and their delays are equal.
            if topics.last().is_none_or(|last| last.topic != *topic) {
                topics.push(RetryTopic { topic: topic.clone(), shortest: *delay, longest: self.lengthen(*delay, 1.0) });
            }
        }
        topics
    }

    /// The dead-letter topic, if the chain ends in one.
    pub fn dlt(&self) -> Option<&TopicName> {
        match &self.end {
            End::Dlt(topic) => Some(topic),
            End::Discard | End::TryAgain | End::PassOver => None,
        }
    }

    /// The dead-letter topics beside it, in the order in which they are declared.
    pub fn routes(&self) -> &[Route] {
        &self.routes
    }

    /// The route that a handler names.
    pub fn route(&self, name: &str) -> Option<&Route> {
        self.routes.iter().find(|route| route.name == name)
    }

    /// Every dead-letter topic: the one for all, then those of the routes.
    pub fn dead_letter_topics(&self) -> impl Iterator<Item = &TopicName> {
        self.dlt().into_iter().chain(self.routes.iter().map(|route| &route.topic))
    }

    /// The topics behind the source: those of retries, then those of dead letters.
    pub fn topics(&self) -> impl Iterator<Item = TopicName> {
        let retries = self.retry_topics().into_iter().map(|retry| retry.topic);
        retries.chain(self.dead_letter_topics().cloned())
    }

    /// The longest that a record of this chain waits for a delivery: the longest delay with all of its jitter.
    pub fn longest_wait(&self) -> Duration {
        self.steps.last().map_or(Duration::ZERO, |step| self.lengthen(step.delay, 1.0))
    }

    /// What follows the source topic's name in `topic`; empty for the source topic itself.
    pub fn suffix_of<'t>(&self, topic: &'t TopicName) -> Option<&'t str> {
        topic.as_str().strip_prefix(self.source.as_str())
    }

    /// Whether chance has a part in its delays.
    pub fn has_jitter(&self) -> bool {
        self.jitter > 0.0
    }

    /// This delay with its share of jitter; `draw` is a number from 0.0 to 1.0. Never shorter than the delay.
    pub(super) fn lengthen(&self, delay: Duration, draw: f64) -> Duration {
        lengthen(delay, self.jitter * draw.clamp(0.0, 1.0))
    }

    fn without_circles(self) -> Result<Self, ChainError> {
        let mut seen = HashSet::from([self.source.clone()]);
        let twice = self.topics().find(|topic| !seen.insert(topic.clone()));
        match twice {
            Some(topic) => Err(ChainError::Twice { source_topic: self.source, topic }),
            None => Ok(self),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::retry::Backoff;

    fn topic(name: &str) -> TopicName {
        TopicName::new(name).unwrap()
    }

    fn chain_of(
        source: &str,
        attempts: u32,
        multiplier: f64,
        naming: &Naming,
        end: EndKind,
    ) -> Result<Chain, ChainError> {
        let backoff = Backoff::new(Duration::from_secs(1), multiplier, Some(Duration::from_secs(3)), 0.5).unwrap();
        Chain::new(topic(source), &Policy::new(attempts, backoff).unwrap(), naming, end)
    }

    fn chain(attempts: u32, multiplier: f64, end: EndKind) -> Chain {
        chain_of("t", attempts, multiplier, &Naming::default(), end).unwrap()
    }

    #[test]
    fn the_attempt_finds_the_step() {
        let chain = chain(5, 2.0, EndKind::Dlt);
        let names: Vec<_> = (0..8).map(|attempt| chain.step(attempt).map(|step| step.topic.to_string())).collect();
        let name = |name: &str| Some(name.to_owned());
        let last = name("t-retry-3000");
        assert_eq!(names, [None, None, name("t-retry-1000"), name("t-retry-2000"), last.clone(), last, None, None]);
        assert_eq!(chain.step(u32::MAX), None);
        assert_eq!((chain.attempts(), chain.dlt()), (5, Some(&topic("t-dlt"))));
    }

    #[test]
    fn a_topic_that_is_passed_twice_is_listed_once_with_its_waits() {
        let topics = chain(5, 2.0, EndKind::Dlt).retry_topics();
        let listed: Vec<_> =
            topics.iter().map(|t| (t.topic.as_str(), t.shortest.as_millis(), t.longest.as_millis())).collect();
        assert_eq!(listed, [("t-retry-1000", 1000, 1500), ("t-retry-2000", 2000, 3000), ("t-retry-3000", 3000, 4500)]);
        assert_eq!(chain(5, 2.0, EndKind::Dlt).longest_wait(), Duration::from_millis(4500));
        assert_eq!(chain(1, 2.0, EndKind::Dlt).longest_wait(), Duration::ZERO);
    }

    #[test]
    fn a_chain_need_not_end_in_a_dlt() {
        assert_eq!(chain(2, 1.0, EndKind::Discard).dlt(), None);
        assert_eq!(chain(2, 1.0, EndKind::TryAgain).end(), &End::TryAgain);
    }

    #[test]
    fn jitter_only_lengthens() {
        let chain = chain(2, 1.0, EndKind::Dlt);
        let second = Duration::from_secs(1);
        for (draw, millis) in [(0.0, 1000), (0.5, 1250), (1.0, 1500), (9.0, 1500), (-1.0, 1000), (f64::NAN, 1000)] {
            assert_eq!(chain.lengthen(second, draw), Duration::from_millis(millis), "{draw}");
        }
    }

    #[test]
    fn a_suffix_is_what_follows_the_source() {
        let chain = chain(3, 2.0, EndKind::Dlt);
        for (name, suffix) in
            [("t", Some("")), ("t-retry-1000", Some("-retry-1000")), ("t.old", Some(".old")), ("u", None)]
        {
            assert_eq!(chain.suffix_of(&topic(name)), suffix);
        }
    }

    #[test]
    fn circles_and_names_that_kafka_does_not_take_are_refused() {
        let naming =
            |retry: &str, dlt: &str| Naming { retry_suffix: retry.into(), dlt_suffix: dlt.into(), ..Naming::default() };
        let refused = |naming| chain_of("t", 2, 1.0, &naming, EndKind::Dlt).unwrap_err().to_string();
        for circle in [naming("", "-dlt"), naming("-retry", ""), naming("-x", "-x")] {
            assert!(
                refused(circle.clone()).ends_with("twice: write another `retry_suffix`, `dlt_suffix` or `dlt_route`"),
                "{circle:?}"
            );
        }
        assert_eq!(
            refused(naming("-retry", " dlt")),
            "the chain of `t`: the topic name `t dlt` has the character ' '; Kafka takes letters, digits, `.`, `_` and `-`"
        );
        let long = "x".repeat(240);
        assert!(chain_of(&long, 2, 1.0, &naming("-again-and-again", "-dlt"), EndKind::Dlt).is_err());
        assert!(chain_of(&long, 1, 1.0, &naming("-again-and-again", "-dlt"), EndKind::Dlt).is_ok());
    }

    #[test]
    fn the_longest_chain_there_can_be_is_made_at_once() {
        let naming = Naming { same_delay: crate::retry::SameDelay::Multiple, ..Naming::default() };
        let chain = chain_of("t", crate::retry::policy::MAX_ATTEMPTS, 1.0, &naming, EndKind::Dlt).unwrap();
        assert_eq!(chain.retry_topics().len(), 32_766);
    }
}
