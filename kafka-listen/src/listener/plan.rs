//! The plan: every listener with its chains, groups and consumers, checked as a whole.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::dead_letter_names::is_dlt_name;
use super::filler::Filler;
use super::planned::PlannedListener;
use super::registry::Registered;
use super::settings::{FIXED, Settings};
use super::{collisions, conflicts, needs};
use crate::broker::OffsetReset;
use crate::config::{Sources, Written};
use crate::engine::{ListenerIndex, Role, Source};
use crate::extract::States;
use crate::problem::Problems;
use crate::record::TopicName;

/// All that an application listens to: each listener with its group and its chains.
///
/// Its `Display` is what start-up logs: a line for each listener with its place in the source, and one for each chain.
#[derive(Clone, Debug)]
pub struct Plan {
    pub(crate) listeners: Vec<PlannedListener>,
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
        let is_dlt = |topic: &TopicName| holds_dead_letters(topic, all.iter());
        let listeners: Vec<_> = filled
            .into_iter()
            .filter_map(|(it, settings)| PlannedListener::new(it, settings, &is_dlt, problems))
            .collect();
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
        holds_dead_letters(topic, self.listeners.iter().map(|listener| &listener.settings))
    }
}

/// Whether dead letters of listeners with these settings go to this topic, or its name says that somebody's do.
fn holds_dead_letters<'s>(topic: &TopicName, mut all: impl Iterator<Item = &'s Settings>) -> bool {
    is_dlt_name(topic) || all.any(|settings| settings.dead_letters_in(topic))
}
