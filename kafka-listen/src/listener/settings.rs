//! A listener's settings with their placeholders filled and their defaults in place.

use std::fmt::Display;
use std::time::Duration;

use super::definition::{Listener, Setting};
use crate::config::{Parse, Variables};
use crate::problem::Problems;
use crate::record::TopicName;
use crate::retry::{Backoff, InPlace, Naming, Policy, Rules};

/// Spring's, too.
const DEFAULT_DELAY: Duration = Duration::from_secs(1);

/// What a listener is set to.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) id: String,
    pub(crate) group: String,
    pub(crate) topics: Vec<TopicName>,
    pub(crate) concurrency: Option<u32>,
    pub(crate) policy: Policy,
    pub(crate) in_place: InPlace,
    pub(crate) handler_timeout: Option<Duration>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) max_retry_after: Duration,
    pub(crate) naming: Naming,
    pub(crate) partitions: Option<u32>,
    pub(crate) replication: Option<u32>,
}

/// Fills one listener's settings; everything that is wrong with it is a problem that names it and the key.
pub(crate) struct Filler<'a> {
    listener: &'a Listener,
    variables: &'a Variables,
    problems: &'a mut Problems,
}

impl<'a> Filler<'a> {
    pub(crate) fn new(listener: &'a Listener, variables: &'a Variables, problems: &'a mut Problems) -> Self {
        Self { listener, variables, problems }
    }

    /// The settings, or `None` if something is wrong with them.
    pub(crate) fn fill(mut self, default_group: Option<&str>) -> Option<Settings> {
        let listener = self.listener;
        let id = self.text("id", listener.id.unwrap_or(listener.site.function));
        let group = self.group(default_group);
        let topics: Vec<_> = listener.topics.iter().map(|topic| self.topic(topic)).collect();
        let concurrency = self.count("concurrency", listener.concurrency, u32::MAX);
        let policy = self.policy();
        let naming = self.naming();
        let partitions = self.count("partitions", listener.partitions, i32::MAX.unsigned_abs());
        let replication = self.count("replication", listener.replication, i16::MAX.unsigned_abs().into());
        let in_place = self.in_place();
        let handler_timeout = self.timeout("handler_timeout", listener.handler_timeout, "no handler could end in time");
        let timeout = self.timeout("timeout", listener.timeout, "nothing would be tried again");
        let max_retry_after = self.number("max_retry_after", listener.max_retry_after);
        let topics = topics.into_iter().collect::<Option<Vec<_>>>()?;
        Some(Settings {
            id: id?,
            group: group?,
            topics,
            concurrency,
            policy: policy?,
            in_place: in_place?,
            handler_timeout,
            timeout,
            max_retry_after: max_retry_after.map_or(Rules::MAX_RETRY_AFTER, Duration::from_millis),
            naming: naming?,
            partitions,
            replication,
        })
    }

    fn group(&mut self, default: Option<&str>) -> Option<String> {
        match self.listener.group.or(default) {
            Some(group) => self.text("group", group),
            None => {
                self.problem(
                    "has no consumer group: write `group = \"…\"`, or give the application one with `.group(\"…\")`",
                );
                None
            }
        }
    }

    fn topic(&mut self, topic: &str) -> Option<TopicName> {
        let name = self.text("topic", topic)?;
        self.checked("topic", TopicName::new(name))
    }

    fn policy(&mut self) -> Option<Policy> {
        let listener = self.listener;
        let attempts = self.number("attempts", listener.attempts);
        let delay = self.number("delay", listener.delay);
        let multiplier = self.number("multiplier", listener.multiplier);
        let max_delay = self.number("max_delay", listener.max_delay);
        let jitter = self.number("jitter", listener.jitter);
        if listener.attempts.is_none() {
            return Some(Policy::once());
        }
        let backoff = Backoff::new(
            delay.map_or(DEFAULT_DELAY, Duration::from_millis),
            multiplier.unwrap_or(1.0),
            max_delay.map(Duration::from_millis),
            jitter.unwrap_or(0.0),
        );
        let backoff = self.checked("backoff", backoff)?;
        self.checked("attempts", Policy::new(attempts?, backoff))
    }

    /// The tries in place: ten at once where nothing is said of retries.
    fn in_place(&mut self) -> Option<InPlace> {
        let listener = self.listener;
        let attempts = self.number("blocking(attempts)", listener.blocking_attempts);
        let delay = self.number("blocking(delay)", listener.blocking_delay);
        let multiplier = self.number("blocking(multiplier)", listener.blocking_multiplier);
        let max_delay = self.number("blocking(max_delay)", listener.blocking_max_delay);
        if !listener.is_blocking() {
            return Some(if listener.attempts.is_none() { InPlace::DEFAULT } else { InPlace::NONE });
        }
        let in_place = InPlace::new(
            attempts.unwrap_or(InPlace::DEFAULT.attempts()),
            delay.map_or(Duration::ZERO, Duration::from_millis),
            multiplier.unwrap_or(1.0),
            max_delay.map(Duration::from_millis),
        );
        self.checked("blocking", in_place)
    }

    fn timeout(&mut self, key: &str, setting: Option<Setting<u64>>, zero: &str) -> Option<Duration> {
        let limit = self.number(key, setting)?;
        if limit == 0 {
            self.problem(format!("`{key}` is 0: {zero}; leave it out for no limit"));
        }
        Some(Duration::from_millis(limit))
    }

    fn naming(&mut self) -> Option<Naming> {
        let listener = self.listener;
        let dlt_routes: Vec<_> = listener.dlt_routes.iter().map(|route| self.text("dlt_route", route)).collect();
        Some(Naming {
            retry_suffix: self.text("retry_suffix", listener.retry_suffix.unwrap_or("-retry"))?,
            dlt_suffix: self.text("dlt_suffix", listener.dlt_suffix.unwrap_or("-dlt"))?,
            dlt_routes: dlt_routes.into_iter().collect::<Option<_>>()?,
            suffix: listener.suffix,
            same_delay: listener.same_delay,
        })
    }

    fn text(&mut self, key: &str, text: &str) -> Option<String> {
        let filled = self.variables.fill(text);
        let filled = self.checked(key, filled)?;
        if filled.is_empty() && !key.ends_with("suffix") {
            self.problem(format!("`{key}` is empty"));
            return None;
        }
        Some(filled)
    }

    fn number<T: Parse>(&mut self, key: &str, setting: Option<Setting<T>>) -> Option<T> {
        match setting? {
            Setting::Value(value) => Some(value),
            Setting::Text(text) => {
                let filled = self.text(key, text)?;
                self.checked(key, T::parse_text(&filled))
            }
        }
    }

    fn count(&mut self, key: &str, setting: Option<Setting<u32>>, most: u32) -> Option<u32> {
        let number = self.number(key, setting)?;
        if !(1..=most).contains(&number) {
            self.problem(format!("`{key} = {number}` cannot be: write 1 to {most}"));
            return None;
        }
        Some(number)
    }

    fn checked<T, E: Display>(&mut self, key: &str, result: Result<T, E>) -> Option<T> {
        result.map_err(|error| self.problem(format!("`{key}`: {error}"))).ok()
    }

    fn problem(&mut self, what: impl Display) {
        self.problems.add(format!("{}: {what}", self.listener.site));
    }
}
