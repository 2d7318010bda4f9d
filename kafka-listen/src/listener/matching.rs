//! Patterns meet topics: what a plan becomes of the topics that there are. Pure; who looks for topics is the application.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::plan::Plan;
use super::planned::PlannedListener;
use super::{collisions, conflicts};
use crate::engine::ListenerIndex;
use crate::problem::Problems;
use crate::record::TopicName;

/// A topic that a pattern matches and that nobody reads for it, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refused {
    pub(crate) topic: TopicName,
    /// The ids of the listeners that would read it.
    pub(crate) listeners: Vec<Arc<str>>,
    pub(crate) why: String,
}

/// A topic that appeared, and a listener that reads it for its pattern.
pub(crate) type Found = (ListenerIndex, TopicName);

impl Plan {
    /// Whether topics are to be looked for.
    pub(crate) fn has_patterns(&self) -> bool {
        self.listeners.iter().any(|listener| listener.pattern().is_some())
    }

    /// The plan for these topics being there, and those that cannot be read for a listener's pattern: what is wrong with a
    /// topic for one listener keeps it from all whose patterns match it, so that none gets what another may be meant to.
    /// What is read already stays as it is.
    pub(crate) fn with_topics(&self, there: &[TopicName]) -> (Self, Vec<Refused>) {
        let mut plan = self.clone();
        for listener in plan.listeners.iter_mut().filter(|listener| listener.pattern().is_some()) {
            listener.keep(|source| there.binary_search(source).is_ok());
        }
        let new: Vec<_> = there.iter().filter(|topic| plan.is_missing(topic)).collect();
        let mut all = plan.clone();
        if all.read(&new).is_empty() {
            return (all, Vec::new());
        }
        let mut refused = Vec::new();
        for topic in new {
            let mut with = plan.clone();
            let problems = with.read(&[topic]);
            if problems.is_empty() {
                plan = with;
            } else {
                let why = problems.iter().collect::<Vec<_>>().join("; ");
                refused.push(Refused { topic: topic.clone(), listeners: with.ids_of(topic), why });
            }
        }
        (plan, refused)
    }

    /// The topics that are read here for a pattern and are not in `before`.
    pub(crate) fn new_since(&self, before: &Self) -> BTreeSet<TopicName> {
        &self.matched() - &before.matched()
    }

    /// The same listeners with the chains of these source topics alone.
    pub(crate) fn only(&self, topics: &BTreeSet<TopicName>) -> Self {
        let mut plan = self.clone();
        plan.listeners.iter_mut().for_each(|listener| listener.keep(|source| topics.contains(source)));
        plan
    }

    /// The same plan without what is read of this topic for a pattern.
    pub(crate) fn without(&self, topic: &TopicName) -> Self {
        let mut plan = self.clone();
        let with_pattern = plan.listeners.iter_mut().filter(|listener| listener.pattern().is_some());
        with_pattern.for_each(|listener| listener.keep(|source| source != topic));
        plan
    }

    /// Each of these topics with each listener whose pattern matches it.
    pub(crate) fn found_by(&self, topics: &BTreeSet<TopicName>) -> Vec<Found> {
        let by = |topic: &TopicName| {
            let listeners = self.listeners.iter().enumerate();
            let matching = listeners.filter(|(_, it)| it.pattern().is_some_and(|pattern| pattern.matches(topic)));
            matching.map(|(index, _)| (ListenerIndex(index), topic.clone())).collect::<Vec<_>>()
        };
        topics.iter().flat_map(by).collect()
    }

    /// Begins each of these topics with its oldest record, whatever its listener says of those that were there before.
    pub(crate) fn begin_with_the_earliest(&mut self, found: &[Found]) {
        for (ListenerIndex(index), topic) in found {
            self.listeners[*index].from_the_earliest.insert(topic.clone());
        }
    }

    /// The ids of the listeners whose patterns match a topic.
    pub(crate) fn ids_of(&self, topic: &TopicName) -> Vec<Arc<str>> {
        self.matching(topic).map(|listener| listener.id.clone()).collect()
    }

    /// Whether a topic of this name belongs to the chain of a topic that is read, of this version or another one.
    pub(super) fn is_chain_topic(&self, name: &str) -> bool {
        self.listeners.iter().any(|listener| {
            let sources = listener.settings.naming.possible_sources(name);
            sources.into_iter().any(|source| listener.settings.topics.contain(source))
        })
    }

    fn matching(&self, topic: &TopicName) -> impl Iterator<Item = &PlannedListener> {
        self.listeners.iter().filter(|listener| listener.pattern().is_some_and(|pattern| pattern.matches(topic)))
    }

    fn matched(&self) -> BTreeSet<TopicName> {
        let with_pattern = self.listeners.iter().filter(|listener| listener.pattern().is_some());
        with_pattern.flat_map(|listener| &listener.rules).map(|rules| rules.chain.source().clone()).collect()
    }

    fn is_missing(&self, topic: &TopicName) -> bool {
        self.matching(topic).any(|listener| !listener.reads_source(topic)) && !self.is_chain_topic(topic)
    }

    /// Has these topics read by all whose patterns match them; tells what is wrong with that.
    fn read(&mut self, topics: &[&TopicName]) -> Problems {
        let mut problems = Problems::default();
        for &topic in topics {
            let is_dlt = self.is_dlt(topic);
            for listener in &mut self.listeners {
                let matches = listener.pattern().is_some_and(|pattern| pattern.matches(topic));
                if matches && !listener.reads_source(topic) {
                    listener.read(topic, is_dlt, &mut problems);
                }
            }
        }
        conflicts::check(self, &mut problems);
        collisions::check(self, &mut problems);
        problems
    }
}
