//! A listener's settings with their placeholders filled and their defaults in place.
//!
//! **A new key** is one line here: `filler.text`, `value` or `count` with its name and what the attribute wrote. Whatever
//! may say something else than the attribute is asked there, so every key must be asked for, whatever the others are.

use std::time::Duration;

use super::definition::{DltOnError, LARGEST_BATCH, Setting};
use super::filler::Filler;
use crate::broker::OffsetReset;
use crate::engine::{Batching, Order};
use crate::record::TopicName;
use crate::retry::{Backoff, InPlace, Naming, Policy, Rules};

/// Spring's, too.
const DEFAULT_DELAY: Duration = Duration::from_secs(1);

/// What a listener with `batch(…)` leaves out of it.
const DEFAULT_BATCHING: Batching = Batching { max: 100, wait: Duration::from_millis(200) };

/// What a listener is set to.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) id: String,
    pub(crate) group: String,
    pub(crate) topics: Vec<TopicName>,
    pub(crate) offset_reset: OffsetReset,
    pub(crate) concurrency: Option<u32>,
    pub(crate) order: Order,
    pub(crate) batching: Option<Batching>,
    pub(crate) policy: Policy,
    pub(crate) in_place: InPlace,
    pub(crate) handler_timeout: Option<Duration>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) max_retry_after: Duration,
    pub(crate) naming: Naming,
    /// Unset: a dead-letter topic has none of its own, any other topic has one.
    pub(crate) dlt: Option<bool>,
    pub(crate) dlt_on_error: Option<DltOnError>,
    pub(crate) auto_create: bool,
    pub(crate) partitions: Option<u32>,
    pub(crate) replication: Option<u32>,
}

impl Filler<'_> {
    /// The settings, or `None` if something is wrong with them.
    pub(crate) fn fill(mut self, default_group: Option<&str>) -> Option<Settings> {
        let listener = self.listener;
        let id = self.text("id", listener.id.or(Some(listener.site.function)));
        let group = self.group(default_group);
        let topics = self.topics();
        let offset_reset = self.value("offset_reset", listener.offset_reset);
        let concurrency = self.count("concurrency", listener.concurrency, u32::MAX);
        let order = self.value("order", listener.order);
        let batching = self.batching();
        let policy = self.policy();
        let in_place = self.in_place();
        let handler_timeout = self.timeout("handler_timeout", listener.handler_timeout, "no handler could end in time");
        let timeout = self.timeout("timeout", listener.timeout, "nothing would be tried again");
        let max_retry_after = self.value("max_retry_after", listener.max_retry_after);
        let naming = self.naming();
        let dlt = self.value("dlt", listener.dlt);
        let dlt_on_error = self.value("dlt_on_error", listener.dlt_on_error);
        let auto_create = self.value("auto_create", listener.auto_create);
        let partitions = self.count("partitions", listener.partitions, i32::MAX.unsigned_abs());
        let replication = self.count("replication", listener.replication, i16::MAX.unsigned_abs().into());
        Some(Settings {
            id: id?,
            group: group?,
            topics: topics?,
            offset_reset: offset_reset.unwrap_or_default(),
            concurrency,
            order: order.unwrap_or_default(),
            batching,
            policy: policy?,
            in_place: in_place?,
            handler_timeout,
            timeout,
            max_retry_after: max_retry_after.map_or(Rules::MAX_RETRY_AFTER, Duration::from_millis),
            naming,
            dlt,
            dlt_on_error,
            auto_create: auto_create.unwrap_or(true),
            partitions,
            replication,
        })
    }

    fn group(&mut self, default: Option<&str>) -> Option<String> {
        let group = self.listener.group.or(default);
        if group.is_none() {
            self.problem(
                "has no consumer group: write `group = \"…\"`, or give the application one with `.group(\"…\")`",
            );
        }
        self.text("group", group)
    }

    fn topics(&mut self) -> Option<Vec<TopicName>> {
        let topics: Vec<_> = self.listener.topics.iter().map(|topic| self.topic(topic)).collect();
        topics.into_iter().collect()
    }

    fn topic(&mut self, topic: &str) -> Option<TopicName> {
        let name = self.text("topic", Some(topic))?;
        self.checked("topic", TopicName::new(name))
    }

    fn batching(&mut self) -> Option<Batching> {
        let listener = self.listener;
        let max = self.count("batch(max)", listener.batch_max, LARGEST_BATCH);
        let wait = self.value("batch(wait)", listener.batch_wait);
        listener.takes_batches().then(|| Batching {
            max: max.map_or(DEFAULT_BATCHING.max, |max| max as usize),
            wait: wait.map_or(DEFAULT_BATCHING.wait, Duration::from_millis),
        })
    }

    fn policy(&mut self) -> Option<Policy> {
        let listener = self.listener;
        let attempts = self.value("attempts", listener.attempts);
        let delay = self.value("backoff(delay)", listener.delay);
        let multiplier = self.value("backoff(multiplier)", listener.multiplier);
        let max_delay = self.value("backoff(max_delay)", listener.max_delay);
        let jitter = self.value("backoff(jitter)", listener.jitter);
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
        let attempts = self.value("blocking(attempts)", listener.blocking_attempts);
        let delay = self.value("blocking(delay)", listener.blocking_delay);
        let multiplier = self.value("blocking(multiplier)", listener.blocking_multiplier);
        let max_delay = self.value("blocking(max_delay)", listener.blocking_max_delay);
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
        let limit = self.value(key, setting)?;
        if limit == 0 {
            self.problem(format!("`{key}` is 0: {zero}; leave it out for no limit"));
        }
        Some(Duration::from_millis(limit))
    }

    fn naming(&mut self) -> Naming {
        let listener = self.listener;
        let default = Naming::default();
        Naming {
            retry_suffix: self.text("retry_suffix", listener.retry_suffix).unwrap_or(default.retry_suffix),
            dlt_suffix: self.text("dlt_suffix", listener.dlt_suffix).unwrap_or(default.dlt_suffix),
            dlt_routes: listener.dlt_routes.iter().filter_map(|route| self.text("dlt_route", Some(route))).collect(),
            suffix: self.value("suffix", listener.suffix).unwrap_or(default.suffix),
            same_delay: self.value("same_delay", listener.same_delay).unwrap_or(default.same_delay),
        }
    }
}
