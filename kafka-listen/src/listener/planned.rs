//! A listener of the plan: its chains, the topics that it reads, and the groups that it reads them with.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use super::definition::{Call, DltOnError, Filter};
use super::left_over::LeftOver;
use super::registry::Registered;
use super::settings::Settings;
use super::site::Site;
use super::source_topics::TopicPattern;
use super::{ends, needs};
use crate::broker::OffsetReset;
use crate::engine::{Batching, ListenerIndex, Role, Source};
use crate::problem::Problems;
use crate::record::TopicName;
use crate::retry::{Chain, ChainError, EndKind, InPlace, Naming, Policy, Rules, wait_told_by};
use crate::sabotage::{Rule, broken};

/// A listener, ready to be started.
#[derive(Clone)]
pub(crate) struct PlannedListener {
    pub(crate) site: Site,
    pub(crate) id: Arc<str>,
    pub(crate) group: Arc<str>,
    pub(crate) call: Call,
    pub(crate) filter: Option<Filter>,
    /// Whether its handler acknowledges by itself.
    pub(crate) manual: bool,
    /// What it is set to.
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

/// The keys that name the topics of a chain.
pub(super) const CHAIN: &[&str] =
    &["topic", "topics", "attempts", "backoff", "retry_suffix", "dlt_suffix", "suffix", "same_delay", "dlt_route"];

impl PlannedListener {
    /// Plans one listener, or tells what is wrong with it.
    pub(super) fn new(
        registered: &Registered,
        settings: Settings,
        is_dlt: &dyn Fn(&TopicName) -> bool,
        problems: &mut Problems,
    ) -> Option<Self> {
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
        Some(Self {
            site: listener.site,
            id: settings.id.as_str().into(),
            group: settings.group.as_str().into(),
            call: listener.call,
            filter: listener.filter,
            manual: needs::is_manual(listener.needs),
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
        !self.settings.properties.is_empty() || !self.settings.auto_start
    }

    /// Whether this is one of its source topics.
    pub(super) fn reads_source(&self, topic: &TopicName) -> bool {
        self.rules.iter().any(|rules| rules.chain.source() == topic)
    }

    /// Forgets the source topics for which this is not true, and what was left over of their chains.
    pub(super) fn keep(&mut self, stays: impl Fn(&TopicName) -> bool) {
        self.rules.retain(|rules| stays(rules.chain.source()));
        self.left_over.retain(|left_over| stays(&left_over.source));
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
            Role::Main => self.settings.batching,
            Role::Retry => self.settings.batching.map(Batching::of_due),
            Role::Dlt => None,
        }
    }

    /// All topics that it reads, and where a new group begins: chain topics always with the oldest record, because it
    /// may have been written before the group's first assignment.
    pub(super) fn sources(&self, listener: ListenerIndex) -> Vec<(Source, OffsetReset)> {
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
                order: self.settings.order,
                batching: self.batching_of(role),
                believed: role != Role::Main || self.dead_letters.contains(topic),
            };
            let is_later = self.from_the_earliest.contains(chain.source());
            let reset = if is_later { OffsetReset::Earliest } else { self.settings.offset_reset };
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
                let rules = match role {
                    Role::Dlt => dead_letter_rules(topic, on_error),
                    Role::Main | Role::Retry => Arc::new(left_over_rules(rules, topic)),
                };
                sources.push((source(*role, topic, &rules), OffsetReset::Earliest));
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

/// What waits in a topic of an earlier version was told to wait for that version's delay, which may be longer than any of today's.
fn left_over_rules(today: &Rules, topic: &TopicName) -> Rules {
    let suffix = today.chain.suffix_of(topic).unwrap_or_default();
    Rules { earlier_wait: wait_told_by(suffix), ..today.clone() }
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
    Ok(Rules { max_retry_after, timeout, ..Rules::new(chain, in_place) })
}

/// A name for all that a pattern may match.
fn stand_in() -> TopicName {
    TopicName::new("topic").unwrap_or_else(|error| unreachable!("{error}"))
}
