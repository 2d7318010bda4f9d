//! A listener's settings with their placeholders filled and their defaults in place.
//!
//! **A new key** is one line here: `text`, `texts`, `value`, `wait` or `count` of [`Filler`] with its name and what the attribute
//! wrote. The file, the environment and the program may say something else than the attribute; they are looked at there, so
//! every key must be asked for, whatever the others are: what was never asked for counts as a mistake.

use std::collections::BTreeMap;
use std::time::Duration;

use super::definition::DltOnError;
use super::effects;
use super::filler::Filler;
use super::keys::LARGEST_BATCH;
use super::origins::Origins;
use super::source_topics::SourceTopics;
use crate::broker::OffsetReset;
use crate::config::{Origin, Written};
use crate::engine::{Batching, Order};
use crate::record::{InvalidTopicName, TopicName};
use crate::retry::{GroupNaming, InPlace, Naming, Policy, Rules};

/// Keys that are no values, so that nothing but the attribute can say what they are.
pub(crate) const FIXED: &[(&str, &str)] = &[
    ("id", "it is what names the listener here"),
    ("crate", "it is a path in the program"),
    ("filter", "it is a function of the program"),
    ("classify", "it is a function of the program"),
    ("retry_on", "it is a pattern of the program"),
    ("blocking.retry_on", "it is a pattern of the program"),
    ("fatal", "it is a pattern of the program"),
    ("dlt_route", "it is a pattern of the program"),
];

/// What a listener with `batch(…)` leaves out of it.
const DEFAULT_BATCHING: Batching = Batching { max: 100, wait: Duration::from_millis(200) };

/// What a listener is set to.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) id: String,
    pub(crate) group: String,
    pub(crate) topics: SourceTopics,
    pub(crate) offset_reset: OffsetReset,
    pub(crate) concurrency: Option<u32>,
    pub(crate) order: Order,
    pub(crate) batching: Option<Batching>,
    pub(crate) policy: Policy,
    pub(crate) in_place: InPlace,
    pub(crate) handler_timeout: Option<Duration>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) properties: BTreeMap<String, String>,
    pub(crate) auto_start: bool,
    pub(crate) max_retry_after: Duration,
    pub(crate) naming: Naming,
    /// Unset: a dead-letter topic has none of its own, any other topic has one.
    pub(crate) dlt: Option<bool>,
    pub(crate) dlt_on_error: Option<DltOnError>,
    pub(crate) auto_create: bool,
    pub(crate) partitions: Option<u32>,
    pub(crate) replication: Option<u32>,
    pub(crate) retention: Option<Duration>,
    pub(crate) group_naming: GroupNaming,
    /// Where they come from.
    pub(crate) origins: Origins,
}

impl Settings {
    /// Whether a topic of this name is, or would be, where dead letters of this listener go.
    pub(crate) fn dead_letters_in(&self, name: &str) -> bool {
        let suffixes = self.naming.dlt_suffixes();
        let mut sources = suffixes.iter().filter_map(|suffix| name.strip_suffix(suffix.as_str()));
        self.dlt != Some(false) && sources.any(|source| self.topics.contain(source))
    }
}

impl Filler<'_> {
    /// The settings, or `None` if something is wrong with them.
    pub(crate) fn fill(mut self, default_group: Option<&Written>) -> Option<Settings> {
        let listener = self.listener;
        let id = self.id();
        let group = self.group(default_group);
        let topics = self.topics();
        let offset_reset = self.value("offset_reset", listener.offset_reset);
        let concurrency = self.count("concurrency", listener.concurrency, u32::MAX);
        let order = self.value("order", listener.order);
        let batching = self.batching(order);
        let policy = self.policy();
        let in_place = self.in_place();
        let handler_timeout = self.handler_timeout();
        let timeout = self.timeout("timeout", listener.timeout, "nothing would be tried again");
        let properties = self.properties();
        let auto_start = self.value("auto_start", listener.auto_start);
        let max_retry_after = self.wait("max_retry_after", listener.max_retry_after);
        let naming = self.naming();
        let dlt = self.value("dlt", listener.dlt);
        let dlt_on_error = self.value("dlt_on_error", listener.dlt_on_error.or(listener.shared_dlt_on_error));
        let auto_create = self.value("auto_create", listener.auto_create);
        let partitions = self.count("partitions", listener.partitions, i32::MAX.unsigned_abs());
        let replication = self.count("replication", listener.replication, i16::MAX.unsigned_abs().into());
        let retention = self.retention(policy.as_ref());
        let group_naming = self.value("group_naming", listener.group_naming);
        let settings = Settings {
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
            properties,
            auto_start: auto_start.unwrap_or(true),
            max_retry_after: max_retry_after.unwrap_or(Rules::MAX_RETRY_AFTER),
            naming,
            dlt,
            dlt_on_error,
            auto_create: auto_create.unwrap_or(true),
            partitions,
            replication,
            retention,
            group_naming: group_naming.unwrap_or_default(),
            origins: self.origins.clone(),
        };
        effects::check(&mut self, &settings);
        Some(settings)
    }

    fn group(&mut self, default: Option<&Written>) -> Option<String> {
        let own = self.random_text("group", self.listener.group);
        if self.is_given("group", self.listener.group.is_some()) {
            default.and_then(Written::one).into_iter().for_each(|void| self.pass_over(void));
            return own;
        }
        let Some(default) = default else {
            self.problem_with(
                &[],
                "has no consumer group: write `group = \"…\"`, or give the application one with `.group(\"…\")`",
            );
            return None;
        };
        let outside = Some(&default.origin).filter(|origin| !matches!(origin, Origin::Code(_)));
        self.origins.add_places("group", outside.map(Origin::to_string));
        let text = self.one("group", default.clone())?;
        self.random("group", &text)
    }

    fn batching(&mut self, order: Option<Order>) -> Option<Batching> {
        let listener = self.listener;
        if listener.takes_batches() && order == Some(Order::Key) {
            self.problem(
                "order",
                "`key` is not for batches, which hold records of many keys: leave it out, since batches of a partition run \
                 one after the other and keep the order of every key",
            );
        }
        let max = self.count("batch(max)", listener.batch_max, LARGEST_BATCH);
        let wait = self.wait("batch(wait)", listener.batch_wait);
        listener.takes_batches().then(|| Batching {
            max: max.map_or(DEFAULT_BATCHING.max, |max| max as usize),
            wait: wait.unwrap_or(DEFAULT_BATCHING.wait),
        })
    }

    fn properties(&mut self) -> BTreeMap<String, String> {
        let written = self.listener.properties;
        let mut names = self.properties_below("properties");
        names.extend(written.iter().map(|(name, _)| (*name).to_owned()));
        let filled = names.into_iter().filter_map(|name| {
            let value = written.iter().find(|it| it.0 == name).map(|it| it.1);
            Some((name.clone(), self.text(&format!("properties({name})"), value)?))
        });
        filled.collect()
    }

    fn naming(&mut self) -> Naming {
        let listener = self.listener;
        let default = Naming::default();
        Naming {
            retry_suffix: self.suffix("retry_suffix", listener.retry_suffix).unwrap_or(default.retry_suffix),
            dlt_suffix: self.suffix("dlt_suffix", listener.dlt_suffix).unwrap_or(default.dlt_suffix),
            dlt_routes: self.texts("dlt_route", listener.dlt_routes.iter().copied()).unwrap_or_default(),
            suffix: self.value("suffix", listener.suffix).unwrap_or(default.suffix),
            same_delay: self.value("same_delay", listener.same_delay).unwrap_or(default.same_delay),
        }
    }

    /// What can stand in the name of a topic; whether the whole name is one is judged with the chain.
    fn suffix(&mut self, key: &str, written: Option<&str>) -> Option<String> {
        let suffix = self.text(key, written)?;
        match TopicName::new(suffix.as_str()) {
            Err(InvalidTopicName::Character { character, .. }) => {
                self.problem(
                    key,
                    format_args!(
                        "cannot have the character {character:?}: Kafka takes letters, digits, `.`, `_` and `-`"
                    ),
                );
                None
            }
            _ => Some(suffix),
        }
    }
}
