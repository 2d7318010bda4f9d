//! The plan: every listener with its chains, groups and consumers, checked as a whole.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::definition::{Call, DltOnError, Filter};
use super::filler::Filler;
use super::left_over::LeftOver;
use super::registry::Registered;
use super::settings::{FIXED, Settings};
use super::site::Site;
use super::source_topics::TopicPattern;
use super::{collisions, conflicts, ends, needs};
use crate::broker::OffsetReset;
use crate::config::{Sources, Written};
use crate::engine::{Batching, ListenerIndex, Order, Role, Source};
use crate::extract::States;
use crate::problem::Problems;
use crate::record::TopicName;
use crate::retry::{Chain, ChainError, End, EndKind, InPlace, Naming, Policy, Rules};
use crate::sabotage::{Rule, broken};

/// All that an application listens to: each listener with its group and its chains.
///
/// Its `Display` is what start-up logs: a line for each listener with its place in the source, and one for each chain.
#[derive(Clone, Debug)]
pub struct Plan {
    pub(crate) listeners: Vec<PlannedListener>,
}

/// A listener, ready to be started.
#[derive(Clone)]
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
    pub(crate) settings: Settings,
    /// One for each source topic.
    pub(crate) rules: Vec<Arc<Rules>>,
    /// The chain of a topic that stands for all that a pattern may match.
    pub(crate) stand_in: Option<Chain>,
    /// The source topics that begin with their oldest record, since they were not there when the application started.
    pub(crate) from_the_earliest: BTreeSet<TopicName>,
    /// The source topics that hold dead letters: what those say of their past is believed.
    pub(crate) dead_letters: BTreeSet<TopicName>,
    pub(crate) dlt_handler: Option<PlannedDltHandler>,
    /// Topics of earlier versions, which are found when the cluster is asked.
    pub(crate) left_over: Vec<LeftOver>,
}

/// The handler of a listener's dead letters.
#[derive(Clone, Copy)]
pub(crate) struct PlannedDltHandler {
    pub(crate) site: Site,
    pub(crate) call: Call,
    pub(crate) manual: bool,
}

/// One member of one consumer group, shared by all listeners of that group that do not have their own.
#[derive(Clone, Debug)]
pub(crate) struct PlannedConsumer {
    pub(crate) group: String,
    pub(crate) role: Role,
    /// The listener that it is for alone.
    pub(crate) alone: Option<ListenerIndex>,
    pub(crate) topics: Vec<(Arc<Source>, OffsetReset)>,
    /// Whether more topics may come.
    pub(crate) grows: bool,
}

/// What tells one consumer of an application from the others: its group, its role, and whose it is if it is not shared.
pub(crate) type ConsumerKey = (String, Role, Option<ListenerIndex>);

impl PlannedConsumer {
    pub(crate) fn key(&self) -> ConsumerKey {
        (self.group.clone(), self.role, self.alone)
    }
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
        let all: Vec<_> = filled.iter().map(|(_, settings)| settings.clone()).collect();
        let is_dlt =
            |topic: &TopicName| is_dlt_name(topic) || all.iter().any(|settings| settings.dead_letters_in(topic));
        let listeners: Vec<_> =
            filled.into_iter().filter_map(|(it, settings)| planned(it, settings, &is_dlt, problems)).collect();
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
        collisions::check(&plan, problems);
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

    /// Listeners of other groups with the same source topic and a topic of this chain.
    fn sharing<'p>(&'p self, listener: &PlannedListener, chain: &Chain) -> impl Iterator<Item = &'p PlannedListener> {
        let topics = |chain: &Chain| chain.topics().collect::<BTreeSet<_>>();
        let (group, source, mine) = (listener.group.clone(), chain.source().clone(), topics(chain));
        let shares =
            move |rules: &Arc<Rules>| *rules.chain.source() == source && !topics(&rules.chain).is_disjoint(&mine);
        self.listeners.iter().filter(move |other| other.group != group && other.rules.iter().any(&shares))
    }

    /// The consumers that are needed: one for each group and role, and those that listeners have for themselves; those
    /// included that have nothing to read until a pattern matches.
    pub(crate) fn consumers(&self) -> Vec<PlannedConsumer> {
        let mut consumers = BTreeMap::new();
        for (index, listener) in self.listeners.iter().enumerate() {
            let alone = listener.has_own_consumers().then_some(ListenerIndex(index));
            for (role, group) in listener.groups() {
                let new = PlannedConsumer { group, role, alone, topics: Vec::new(), grows: false };
                consumers.entry(new.key()).or_insert(new).grows |= listener.pattern().is_some();
            }
            for (source, reset) in listener.sources(ListenerIndex(index)) {
                let suffix = source.chain.suffix_of(&source.topic).unwrap_or_default();
                let key = (listener.group_of(source.role, suffix), source.role, alone);
                consumers.entry(key).and_modify(|consumer| consumer.topics.push((Arc::new(source), reset)));
            }
        }
        consumers.into_values().collect()
    }

    /// Whether this topic holds dead letters.
    pub(super) fn is_dlt(&self, topic: &TopicName) -> bool {
        is_dlt_name(topic) || self.listeners.iter().any(|listener| listener.settings.dead_letters_in(topic))
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
            for setting in listener.settings.origins.overridden() {
                write!(f, "\n    {setting}")?;
            }
            if let Some(pattern) = listener.pattern() {
                let none = if listener.rules.is_empty() { ": none yet" } else { "" };
                write!(f, "\n    topics that match `{pattern}`, now and later{none}")?;
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
                for left_over in listener.left_over.iter().filter(|it| it.source == *rules.chain.source()) {
                    write!(f, "\n      and what an earlier version left in {}", left_over.topic)?;
                }
                for PlannedListener { id, group, .. } in self.sharing(listener, &rules.chain) {
                    write!(f, "\n      shared with {id}, group {group}: each passes over the records of the other")?;
                }
            }
        }
        Ok(())
    }
}

impl PlannedListener {
    /// Where it is defined, and where these of its settings come from.
    pub(crate) fn placed(&self, keys: &[&str]) -> String {
        format!("{}{}", self.site, self.settings.origins.of(keys))
    }

    /// The pattern whose topics it reads, if it does not name them.
    pub(crate) fn pattern(&self) -> Option<&TopicPattern> {
        self.settings.topics.pattern()
    }

    /// Whether it shares no consumer with other listeners of its group: it reads with properties of its own, or from another
    /// time on.
    pub(crate) fn has_own_consumers(&self) -> bool {
        !self.properties.is_empty() || !self.auto_start
    }

    /// Whether this is one of its source topics.
    pub(super) fn reads_source(&self, topic: &TopicName) -> bool {
        self.rules.iter().any(|rules| rules.chain.source() == topic)
    }

    /// Forgets the source topics for which this is not true.
    pub(super) fn keep(&mut self, stays: impl Fn(&TopicName) -> bool) {
        self.rules.retain(|rules| stays(rules.chain.source()));
    }

    /// Has one more source topic read.
    pub(super) fn read(&mut self, topic: &TopicName, is_dlt: bool, problems: &mut Problems) {
        match rules(&self.settings, topic, is_dlt) {
            Ok(rules) => self.rules.push(Arc::new(rules)),
            Err(error) => problems.add(format!("{}: {error}", self.site)),
        }
        if is_dlt {
            self.dead_letters.insert(topic.clone());
        }
    }

    /// The consumer group that reads topics of this role whose names end so behind that of their source topic.
    pub(crate) fn group_of(&self, role: Role, suffix: &str) -> String {
        match role {
            Role::Main => self.group.to_string(),
            Role::Retry => self.settings.group_naming.of_retries(&self.group, suffix),
            Role::Dlt => self.settings.group_naming.of_dead_letters(&self.group, suffix),
        }
    }

    /// Every consumer group that it may read with.
    pub(crate) fn groups(&self) -> BTreeSet<(Role, String)> {
        let mut groups = BTreeSet::from([(Role::Main, self.group.to_string())]);
        for chain in self.rules.iter().map(|rules| &rules.chain).chain(&self.stand_in) {
            let retries = chain.retry_topics().into_iter().map(|retry| (Role::Retry, retry.topic));
            let dlts = chain.dead_letter_topics().filter(|_| self.dlt_handler.is_some());
            let dlts = dlts.map(|dlt| (Role::Dlt, dlt.clone()));
            let left_over = self.left_over.iter().filter(|it| it.source == *chain.source());
            let left_over = left_over.map(|it| (it.role, it.topic.clone()));
            let all = retries.chain(dlts).chain(left_over);
            groups.extend(
                all.map(|(role, topic)| (role, self.group_of(role, chain.suffix_of(&topic).unwrap_or_default()))),
            );
        }
        groups
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
            let is_later = self.from_the_earliest.contains(chain.source());
            let reset = if is_later { OffsetReset::Earliest } else { self.offset_reset };
            sources.push((source(Role::Main, chain.source(), rules), reset));
            for retry in chain.retry_topics() {
                let reset = if broken(Rule::FromBeginning) { OffsetReset::Latest } else { OffsetReset::Earliest };
                sources.push((source(Role::Retry, &retry.topic, rules), reset));
            }
            let on_error = self.settings.dlt_on_error.unwrap_or_default();
            for dlt in chain.dead_letter_topics().filter(|_| self.dlt_handler.is_some()) {
                sources.push((source(Role::Dlt, dlt, &dead_letter_rules(dlt, on_error)), OffsetReset::Earliest));
            }
            for LeftOver { role, topic, .. } in self.left_over.iter().filter(|it| it.source == *chain.source()) {
                let rules = if *role == Role::Dlt { &dead_letter_rules(topic, on_error) } else { rules };
                sources.push((source(*role, topic, rules), OffsetReset::Earliest));
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
pub(super) const CHAIN: &[&str] =
    &["topic", "topics", "attempts", "backoff", "retry_suffix", "dlt_suffix", "suffix", "same_delay", "dlt_route"];

fn planned(
    registered: &Registered,
    settings: Settings,
    is_dlt: &dyn Fn(&TopicName) -> bool,
    problems: &mut Problems,
) -> Option<PlannedListener> {
    let Registered { listener, dlt_handler } = *registered;
    let mut rules_of = |topic: &TopicName, is_dlt| {
        rules(&settings, topic, is_dlt)
            .map_err(|error| problems.add(format!("{}: {error}{}", listener.site, settings.origins.of(CHAIN))))
            .ok()
    };
    let stand_in = match settings.topics.pattern() {
        // Whatever is wrong with its chain is wrong with all.
        Some(_) => Some(rules_of(&stand_in(), false)?.chain),
        None => None,
    };
    let named = settings.topics.named();
    let rules: Vec<_> = named.iter().map(|topic| rules_of(topic, is_dlt(topic)).map(Arc::new)).collect();
    let rules = rules.into_iter().collect::<Option<Vec<_>>>()?;
    ends::check(registered, &settings, &rules, problems);
    Some(PlannedListener {
        site: listener.site,
        id: settings.id.as_str().into(),
        group: settings.group.as_str().into(),
        order: settings.order,
        batching: settings.batching,
        concurrency: settings.concurrency,
        call: listener.call,
        filter: listener.filter,
        handler_timeout: settings.handler_timeout,
        properties: settings.properties.clone(),
        auto_start: settings.auto_start,
        manual: needs::is_manual(listener.needs),
        offset_reset: settings.offset_reset,
        auto_create: settings.auto_create,
        partitions: settings.partitions,
        replication: settings.replication,
        rules,
        stand_in,
        from_the_earliest: BTreeSet::new(),
        dead_letters: named.iter().filter(|topic| is_dlt(topic)).cloned().collect(),
        left_over: Vec::new(),
        dlt_handler: dlt_handler.map(|it| PlannedDltHandler {
            site: it.site,
            call: it.call,
            manual: needs::is_manual(it.needs),
        }),
        settings,
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

/// What becomes of the records of one source topic.
fn rules(settings: &Settings, source: &TopicName, is_dlt: bool) -> Result<Rules, ChainError> {
    let end = match settings.dlt {
        Some(false) => EndKind::Discard,
        None if is_dlt => EndKind::TryAgain,
        None | Some(true) => EndKind::Dlt,
    };
    let chain = Chain::new(source.clone(), &settings.policy, &settings.naming, end)?;
    let Settings { in_place, max_retry_after, timeout, .. } = *settings;
    Ok(Rules { chain, in_place, max_retry_after, timeout })
}

/// A name for all that a pattern may match.
fn stand_in() -> TopicName {
    TopicName::new("topic").unwrap_or_else(|error| unreachable!("{error}"))
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
