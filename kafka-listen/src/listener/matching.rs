//! Patterns meet topics: what a plan becomes of the topics that there are. Pure; who looks for topics is the application.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::plan::Plan;
use super::planned::PlannedListener;
use super::{collisions, conflicts};
use crate::engine::ListenerIndex;
use crate::problem::Problems;
use crate::record::TopicName;

/// A topic that these listeners' patterns match and that is not read for them, and why.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Refused {
    pub(crate) topic: TopicName,
    /// The ids of the listeners that would read it.
    pub(crate) listeners: Vec<Arc<str>>,
    pub(crate) why: String,
}

impl Refused {
    pub(crate) fn new(topic: TopicName, listeners: Vec<Arc<str>>, problems: &Problems) -> Self {
        Self { topic, listeners, why: problems.iter().collect::<Vec<_>>().join("; ") }
    }
}

/// A topic that appeared, and a listener that reads it for its pattern.
pub(crate) type Found = (ListenerIndex, TopicName);

impl Plan {
    /// Whether topics are to be looked for.
    pub(crate) fn has_patterns(&self) -> bool {
        self.listeners.iter().any(|listener| listener.pattern().is_some())
    }

    /// The plan for these topics being there, and those that cannot be read for a listener's pattern. What is read already
    /// stays as it is.
    pub(crate) fn with_topics(&self, there: &[TopicName]) -> (Self, Vec<Refused>) {
        let mut plan = self.clone();
        for listener in plan.listeners.iter_mut().filter(|listener| listener.pattern().is_some()) {
            listener.keep(|source| there.binary_search(source).is_ok());
        }
        let new: Vec<_> = there.iter().filter(|topic| plan.is_missing(topic)).collect();
        if let Ok(all) = plan.reading(&new, |_| true) {
            return (all, Vec::new());
        }
        let mut refused = Vec::new();
        for topic in new {
            plan = plan.with_topic(topic, &mut refused);
        }
        (plan, refused)
    }

    /// The plan with this topic for as many groups as can have it. What is wrong with it for one listener keeps it from all of
    /// its group, so that none gets what another may be meant to; what is wrong between two groups, from both.
    fn with_topic(&self, topic: &TopicName, refused: &mut Vec<Refused>) -> Self {
        let lacking = self.matching(topic).filter(|listener| !listener.reads_source(topic));
        let groups: BTreeSet<_> = lacking.map(|listener| &listener.group).collect();
        let mut refuse = |group: &Arc<str>, problems: &Problems| {
            let its = self.matching(topic).filter(|listener| listener.group == *group);
            refused.push(Refused::new(topic.clone(), its.map(|listener| listener.id.clone()).collect(), problems));
        };
        let side_by_side = |one: &Arc<str>, other: &Arc<str>| {
            self.reading(&[topic], |listener| [one, other].contains(&&listener.group)).err()
        };
        let alone =
            |group: &&Arc<str>| side_by_side(group, group).inspect(|problems| refuse(group, problems)).is_none();
        let able: Vec<_> = groups.into_iter().filter(alone).collect();
        let mut good = able.clone();
        good.retain(|group| {
            let at_odds = able.iter().find_map(|other| side_by_side(group, other));
            at_odds.inspect(|problems| refuse(group, problems)).is_none()
        });
        self.reading(&[topic], |listener| good.contains(&&listener.group)).unwrap_or_else(|problems| {
            good.iter().for_each(|group| refuse(group, &problems));
            self.clone()
        })
    }

    /// What is read here for a pattern and is not in `before`.
    pub(crate) fn new_since(&self, before: &Self) -> BTreeSet<Found> {
        &self.matched() - &before.matched()
    }

    /// The same listeners with the chains of what these found alone.
    pub(crate) fn only(&self, found: &BTreeSet<Found>) -> Self {
        let mut plan = self.clone();
        for (index, listener) in plan.listeners.iter_mut().enumerate() {
            listener.keep(|source| found.contains(&(ListenerIndex(index), source.clone())));
        }
        plan
    }

    /// The same plan without what this listener found.
    pub(crate) fn without(&self, (ListenerIndex(index), topic): &Found) -> Self {
        let mut plan = self.clone();
        plan.listeners[*index].keep(|source| source != topic);
        plan
    }

    /// Begins each of these topics with its oldest record, whatever its listener says of those that were there before.
    pub(crate) fn begin_with_the_earliest<'f>(&mut self, found: impl IntoIterator<Item = &'f Found>) {
        for (ListenerIndex(index), topic) in found {
            self.listeners[*index].from_the_earliest.insert(topic.clone());
        }
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

    fn matched(&self) -> BTreeSet<Found> {
        let listeners = self.listeners.iter().enumerate().filter(|(_, listener)| listener.pattern().is_some());
        let found = listeners.flat_map(|(index, listener)| {
            listener.rules.iter().map(move |rules| (ListenerIndex(index), rules.chain.source().clone()))
        });
        found.collect()
    }

    fn is_missing(&self, topic: &TopicName) -> bool {
        self.matching(topic).any(|listener| !listener.reads_source(topic)) && !self.is_chain_topic(topic)
    }

    /// The plan with these topics read by all `such` listeners whose patterns match them, or what is wrong with that.
    fn reading(&self, topics: &[&TopicName], such: impl Fn(&PlannedListener) -> bool) -> Result<Self, Problems> {
        let (mut plan, mut problems) = (self.clone(), Problems::default());
        for &topic in topics {
            let is_dlt = plan.is_dlt(topic);
            for listener in plan.listeners.iter_mut().filter(|listener| such(listener)) {
                let matches = listener.pattern().is_some_and(|pattern| pattern.matches(topic));
                if matches && !listener.reads_source(topic) {
                    listener.read(topic, is_dlt, &mut problems);
                }
            }
        }
        conflicts::check(&plan, &mut problems);
        collisions::check(&plan, &mut problems);
        problems.into_result().map(|()| plan)
    }
}
