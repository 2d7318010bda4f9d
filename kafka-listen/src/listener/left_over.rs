//! Topics that earlier versions of the listeners left on the cluster: which may be such, and that they are read. Pure.
//!
//! Retry topics carry delays and numbers in their names, so that other `attempts`, delays or suffixes give a listener other
//! topics. Records that wait in the old ones are its own all the same.

use std::collections::BTreeSet;

use super::plan::Plan;
use super::planned::PlannedListener;
use crate::engine::{ListenerIndex, Role};
use crate::record::TopicName;

/// A topic that is in no chain any more, and is read for what it holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LeftOver {
    /// The source topic in whose chain its records go on.
    pub(crate) source: TopicName,
    /// What it is to the listener.
    pub(crate) role: Role,
    /// Its name.
    pub(crate) topic: TopicName,
}

/// A topic that may be left over.
#[derive(Clone, Debug)]
pub(crate) struct Candidate {
    /// Whose it would be.
    pub(crate) listener: ListenerIndex,
    /// The group that would read it.
    pub(crate) group: String,
    /// Whether it is named as a retry topic of the listener would be under other settings; if not, only the group's commits can
    /// tell.
    pub(crate) is_named_so: bool,
    pub(crate) left_over: LeftOver,
}

impl Plan {
    /// Those of all topics of the cluster, which are sorted, that may be left over, and are not read as such.
    pub(crate) fn candidates(&self, names: &[TopicName]) -> Vec<Candidate> {
        let known = self.known_topics();
        let mut candidates = Vec::new();
        for (index, listener) in self.listeners.iter().enumerate() {
            for source in listener.rules.iter().map(|rules| rules.chain.source()) {
                let first = names.partition_point(|name| name < source);
                let behind = names[first..].iter().take_while(|name| name.starts_with(source.as_str()));
                let mine = behind.filter(|name| !known.contains(*name) && !self.has_longer_source(source, name));
                candidates.extend(mine.flat_map(|name| listener.candidates(ListenerIndex(index), source, name)));
            }
        }
        candidates
    }

    /// Has these read, too.
    pub(crate) fn read_also(&mut self, left_over: Vec<(ListenerIndex, LeftOver)>) {
        for (ListenerIndex(index), left_over) in left_over {
            self.listeners.get_mut(index).into_iter().for_each(|it| it.left_over.push(left_over.clone()));
        }
    }

    /// Every topic of every chain, and those that are left over of earlier ones.
    fn known_topics(&self) -> BTreeSet<TopicName> {
        let chains = self.listeners.iter().flat_map(|listener| &listener.rules).map(|rules| &rules.chain);
        let left_over = self.listeners.iter().flat_map(|listener| &listener.left_over).map(|it| it.topic.clone());
        chains.flat_map(|chain| chain.topics().chain([chain.source().clone()])).chain(left_over).collect()
    }

    /// Whether the topic belongs to another source topic, whose name begins as this one's.
    fn has_longer_source(&self, source: &TopicName, topic: &TopicName) -> bool {
        let sources = self.listeners.iter().flat_map(|listener| &listener.rules).map(|rules| rules.chain.source());
        sources.into_iter().any(|other| other.len() > source.len() && topic.starts_with(other.as_str()))
    }
}

impl PlannedListener {
    /// What follows the name of its source topic in that of a topic of its chain.
    pub(crate) fn suffix_of<'t>(&self, topic: &'t TopicName) -> Option<&'t str> {
        self.rules.iter().filter_map(|rules| rules.chain.suffix_of(topic)).min_by_key(|suffix| suffix.len())
    }

    fn candidates(&self, listener: ListenerIndex, source: &TopicName, topic: &TopicName) -> Vec<Candidate> {
        let suffix = topic.strip_prefix(source.as_str()).unwrap_or_default();
        let roles =
            [Role::Retry, Role::Dlt].into_iter().filter(|role| *role == Role::Retry || self.dlt_handler.is_some());
        let candidate = |role| Candidate {
            listener,
            group: self.group_of(role, suffix),
            is_named_so: role == Role::Retry && self.settings.naming.may_name_a_retry_topic(suffix),
            left_over: LeftOver { source: source.clone(), role, topic: topic.clone() },
        };
        roles.map(candidate).collect()
    }
}
