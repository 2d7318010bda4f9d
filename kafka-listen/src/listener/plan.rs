//! The plan: every listener with its chains, groups and consumers, checked as a whole.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::definition::{Call, DltOnError, Filter};
use super::filler::Filler;
use super::registry::Registered;
use super::settings::{FIXED, Settings};
use super::site::Site;
use super::{conflicts, ends, needs};
use crate::broker::OffsetReset;
use crate::config::{Sources, Written};
use crate::engine::{Batching, ListenerIndex, Order, Role, Source};
use crate::extract::States;
use crate::problem::Problems;
use crate::record::TopicName;
use crate::retry::{Chain, End, EndKind, InPlace, Naming, Policy, Rules};
use crate::sabotage::{Rule, broken};

/// All that an application listens to: each listener with its group and its chains.
///
/// Its `Display` is what start-up logs: a line for each listener with its place in the source, and one for each chain.
#[derive(Debug)]
pub struct Plan {
    pub(crate) listeners: Vec<PlannedListener>,
}

/// A listener, ready to be started.
pub(crate) struct PlannedListener {
    pub(crate) site: Site,
    pub(crate) id: Arc<str>,
    pub(crate) group: Arc<str>,
    pub(crate) order: Order,
    /// How records are put together, if its handler takes batches.
    pub(crate) batching: Option<Batching>,
    pub(crate) concurrency: Option<u32>,
    pub(crate) call: Call,
    pub(crate) filter: Option<Filter>,
    pub(crate) handler_timeout: Option<Duration>,
    /// Client properties of its own consumers.
    pub(crate) properties: BTreeMap<String, String>,
    /// Whether it starts with the application.
    pub(crate) auto_start: bool,
    /// Whether its handler acknowledges by itself.
    pub(crate) manual: bool,
    pub(crate) offset_reset: OffsetReset,
    pub(crate) auto_create: bool,
    pub(crate) partitions: Option<u32>,
    pub(crate) replication: Option<u32>,
    /// One for each source topic.
    pub(crate) rules: Vec<Arc<Rules>>,
    /// The source topics that hold dead letters: what those say of their past is believed.
    pub(crate) dead_letters: BTreeSet<TopicName>,
    pub(crate) dlt_handler: Option<PlannedDltHandler>,
    /// What was not set by the attribute, each with its place.
    pub(crate) overridden: Vec<String>,
}

/// The handler of a listener's dead letters.
#[derive(Clone, Copy)]
pub(crate) struct PlannedDltHandler {
    pub(crate) site: Site,
    pub(crate) call: Call,
    pub(crate) manual: bool,
    pub(crate) on_error: DltOnError,
}

/// One member of one consumer group, shared by all listeners of that group that do not have their own.
#[derive(Clone, Debug)]
pub(crate) struct PlannedConsumer {
    pub(crate) group: String,
    pub(crate) role: Role,
    /// The listener that it is for alone.
    pub(crate) alone: Option<ListenerIndex>,
    pub(crate) topics: Vec<(Arc<Source>, OffsetReset)>,
}

impl Plan {
    /// Plans all listeners, or tells everything that is wrong with them.
    pub(crate) fn new(
        registered: &[Registered],
        default_group: Option<&Written>,
        sources: &Sources,
        states: &States,
        problems: &mut Problems,
    ) -> Self {
        let filled: Vec<_> = registered
            .iter()
            .filter_map(|it| Some((it, Filler::new(it.listener, sources, problems).fill(default_group)?)))
            .collect();
        let dlts: Vec<String> = filled.iter().flat_map(|(_, settings)| dlts(settings)).collect();
        let listeners: Vec<_> =
            filled.into_iter().filter_map(|(it, settings)| planned(it, settings, &dlts, problems)).collect();
        for it in registered {
            let takes_batches = it.listener.takes_batches();
            needs::check(it.listener.site, it.listener.needs, takes_batches, states, problems);
            if let Some(handler) = it.dlt_handler {
                needs::check(handler.site, handler.needs, false, states, problems);
            }
        }
        let plan = Self { listeners };
        conflicts::check(&plan, problems);
        sources.overrides.check(FIXED, problems);
        plan
    }

    /// The dead-letter topic of this source topic, if a listener of it has one.
    pub fn dead_letter_topic(&self, source: &str) -> Option<&str> {
        let mut chains = self.listeners.iter().flat_map(|listener| &listener.rules).map(|rules| &rules.chain);
        chains.find(|chain| &**chain.source() == source)?.dlt().map(|dlt| dlt.as_str())
    }

    /// Every topic that is read, behind the consumer group that reads it.
    pub fn topics_read(&self) -> Vec<(String, String)> {
        let consumers = self.consumers().into_iter();
        let topics = consumers.flat_map(|consumer| {
            let group = consumer.group;
            consumer.topics.into_iter().map(move |(source, _)| (group.clone(), source.topic.to_string()))
        });
        topics.collect()
    }

    /// The listener of this index, which this plan gave it.
    pub(crate) fn listener(&self, index: ListenerIndex) -> &PlannedListener {
        &self.listeners[index.0]
    }

    /// The consumers that are needed: one for each group and role, and those that listeners have for themselves.
    pub(crate) fn consumers(&self) -> Vec<PlannedConsumer> {
        let mut consumers = BTreeMap::new();
        for (index, listener) in self.listeners.iter().enumerate() {
            for (source, reset) in listener.sources(ListenerIndex(index)) {
                let (group, role) = (listener.group_of(source.role), source.role);
                let alone = listener.has_own_consumers().then_some(ListenerIndex(index));
                let key = (group.clone(), role, alone);
                let new = PlannedConsumer { group, role, alone, topics: Vec::new() };
                consumers.entry(key).or_insert(new).topics.push((Arc::new(source), reset));
            }
        }
        consumers.into_values().collect()
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for listener in &self.listeners {
            write!(
                f,
                "\n  {}, group {}, at {}:{}",
                listener.id,
                listener.group,
                listener.site.location.file(),
                listener.site.location.line()
            )?;
            if !listener.auto_start {
                write!(f, ", not started")?;
            }
            for setting in &listener.overridden {
                write!(f, "\n    {setting}")?;
            }
            for rules in &listener.rules {
                write!(f, "\n    {}", rules.chain.source())?;
                for retry in rules.chain.retry_topics() {
                    write!(f, " -> {} ({})", retry.topic, humantime::format_duration(retry.shortest))?;
                }
                match rules.chain.end() {
                    End::Dlt(topic) => {
                        write!(f, " -> {topic}")?;
                        rules.chain.routes().iter().try_for_each(|route| write!(f, " or {}", route.topic))?;
                    }
                    End::Discard => write!(f, " -> discarded")?,
                    End::TryAgain => write!(f, ", tried again without end")?,
                    End::PassOver => write!(f, ", passed over")?,
                }
                if let Some(handler) = listener.dlt_handler {
                    write!(f, ", handled by {}", handler.site.function)?;
                }
            }
        }
        Ok(())
    }
}

impl PlannedListener {
    /// The consumer group that reads its topics of this role.
    pub(crate) fn group_of(&self, role: Role) -> String {
        let suffix = match role {
            Role::Main => "",
            Role::Retry => "-retry",
            Role::Dlt => "-dlt",
        };
        format!("{}{suffix}", self.group)
    }

    /// Whether it shares no consumer with other listeners of its group: it reads with properties of its own, or from another
    /// time on.
    pub(crate) fn has_own_consumers(&self) -> bool {
        !self.properties.is_empty() || !self.auto_start
    }

    /// Whether it reads topics of this role.
    pub(crate) fn reads(&self, role: Role) -> bool {
        let mut chains = self.rules.iter().map(|rules| &rules.chain);
        match role {
            Role::Main => true,
            Role::Retry => chains.any(|chain| !chain.steps().is_empty()),
            Role::Dlt => self.dlt_handler.is_some() && chains.any(|chain| chain.dlt().is_some()),
        }
    }

    /// How records of topics of this role are put together.
    fn batching_of(&self, role: Role) -> Option<Batching> {
        match role {
            Role::Main => self.batching,
            Role::Retry => self.batching.map(Batching::of_due),
            Role::Dlt => None,
        }
    }

    /// All topics that it reads, and where a new group begins: chain topics always with the oldest record, because it
    /// may have been written before the group's first assignment.
    fn sources(&self, listener: ListenerIndex) -> Vec<(Source, OffsetReset)> {
        let mut sources = Vec::new();
        for rules in &self.rules {
            let chain = Arc::new(rules.chain.clone());
            let source = |role, topic: &TopicName, rules: &Arc<Rules>| Source {
                listener,
                id: self.id.clone(),
                role,
                topic: topic.clone(),
                chain: chain.clone(),
                group: self.group.clone(),
                rules: rules.clone(),
                order: self.order,
                batching: self.batching_of(role),
                believed: role != Role::Main || self.dead_letters.contains(topic),
            };
            sources.push((source(Role::Main, chain.source(), rules), self.offset_reset));
            for retry in chain.retry_topics() {
                let reset = if broken(Rule::FromBeginning) { OffsetReset::Latest } else { OffsetReset::Earliest };
                sources.push((source(Role::Retry, &retry.topic, rules), reset));
            }
            if let Some(handler) = self.dlt_handler {
                let dlts = chain.dead_letter_topics();
                let dlts = dlts.map(|dlt| source(Role::Dlt, dlt, &dead_letter_rules(dlt, handler.on_error)));
                sources.extend(dlts.map(|source| (source, OffsetReset::Earliest)));
            }
        }
        sources
    }
}

impl fmt::Debug for PlannedListener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PlannedListener").field("id", &self.id).field("group", &self.group).finish_non_exhaustive()
    }
}

/// The keys that name the topics of a chain.
const CHAIN: &[&str] =
    &["topic", "topics", "attempts", "backoff", "retry_suffix", "dlt_suffix", "suffix", "same_delay", "dlt_route"];

fn planned(
    registered: &Registered,
    settings: Settings,
    dlts: &[String],
    problems: &mut Problems,
) -> Option<PlannedListener> {
    let Registered { listener, dlt_handler } = *registered;
    let is_dlt = |topic: &TopicName| is_dlt_name(topic) || dlts.iter().any(|dlt| **dlt == **topic);
    let chains = settings.topics.iter().map(|topic| {
        let end = match settings.dlt {
            Some(false) => EndKind::Discard,
            None if is_dlt(topic) => EndKind::TryAgain,
            None | Some(true) => EndKind::Dlt,
        };
        Chain::new(topic.clone(), &settings.policy, &settings.naming, end)
            .map_err(|error| problems.add(format!("{}: {error}{}", listener.site, settings.origins.of(CHAIN))))
            .ok()
    });
    let Settings { in_place, max_retry_after, timeout, .. } = settings;
    let rules = chains.map(|chain| Some(Arc::new(Rules { chain: chain?, in_place, max_retry_after, timeout })));
    let rules = rules.collect::<Vec<_>>().into_iter().collect::<Option<Vec<_>>>()?;
    ends::check(registered, &settings, &rules, problems);
    Some(PlannedListener {
        overridden: settings.origins.overridden().collect(),
        site: listener.site,
        id: settings.id.into(),
        group: settings.group.into(),
        order: settings.order,
        batching: settings.batching,
        concurrency: settings.concurrency,
        call: listener.call,
        filter: listener.filter,
        handler_timeout: settings.handler_timeout,
        properties: settings.properties,
        auto_start: settings.auto_start,
        manual: needs::is_manual(listener.needs),
        offset_reset: settings.offset_reset,
        auto_create: settings.auto_create,
        partitions: settings.partitions,
        replication: settings.replication,
        rules,
        dead_letters: settings.topics.iter().filter(|topic| is_dlt(topic)).cloned().collect(),
        dlt_handler: dlt_handler.map(|it| PlannedDltHandler {
            site: it.site,
            call: it.call,
            manual: needs::is_manual(it.needs),
            on_error: settings.dlt_on_error.unwrap_or_default(),
        }),
    })
}

/// A dead letter whose handler fails has nowhere to go: it is tried again, ever more slowly, or left where it is.
fn dead_letter_rules(dlt: &TopicName, on_error: DltOnError) -> Arc<Rules> {
    let end = match on_error {
        DltOnError::Retry => EndKind::TryAgain,
        DltOnError::Skip if !broken(Rule::SkipDead) => EndKind::PassOver,
        DltOnError::Skip => EndKind::TryAgain,
    };
    let chain = Chain::new(dlt.clone(), &Policy::once(), &Naming::default(), end);
    // A chain of one topic that is named already has no name left to be refused.
    let chain = chain.unwrap_or_else(|error| unreachable!("{error}"));
    Arc::new(Rules::new(chain, InPlace::NONE))
}

fn dlts(settings: &Settings) -> Vec<String> {
    let suffixes = settings.naming.dlt_suffixes();
    let names = settings.topics.iter().flat_map(|topic| suffixes.iter().map(move |suffix| format!("{topic}{suffix}")));
    if settings.dlt != Some(false) { names.collect() } else { Vec::new() }
}

/// Whether a topic is a DLT by its name: it ends in `dlt` or `dlq` behind a `.`, `-` or `_`.
fn is_dlt_name(topic: &TopicName) -> bool {
    let end = topic.rsplit(['.', '-', '_']).next().filter(|end| end.len() < topic.len());
    end.is_some_and(|end| end.eq_ignore_ascii_case("dlt") || end.eq_ignore_ascii_case("dlq"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dlt_is_known_by_its_end() {
        let is = |name: &str| is_dlt_name(&TopicName::new(name).unwrap());
        assert!(["email.send.dlt", "chat-topic.DLT", "x-dlq", "a_Dlq"].into_iter().all(is));
        assert!(!["dlt", "email.send", "a.dlts", "adlt", "dlt.a"].into_iter().any(is));
    }
}
