//! Listeners that cannot live side by side.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;

use super::plan::Plan;
use super::planned::{CHAIN, PlannedListener};
use crate::engine::Role;
use crate::problem::Problems;
use crate::record::TopicName;
use crate::retry::Chain;

/// The keys that name groups.
const GROUPS: &[&str] = &["group", "group_naming"];

/// The keys that say what is read by whom.
const READS: &[&str] = &["topic", "topics", "topic_pattern", "group"];

/// Tells every conflict, with both places.
pub(crate) fn check(plan: &Plan, problems: &mut Problems) {
    let mut ids = Claims::of("the id");
    let mut reads = Claims::of("");
    let mut names = Claims::of("the chain topic");
    for listener in &plan.listeners {
        let cure = || "give one of them another with `id = \"…\"`".to_owned();
        ids.claim(&listener.id, listener.placed(&["id"]), cure, problems);
        for source in sources(plan, listener) {
            let read = format_args!("the topic `{source}` in the group `{}`", listener.group);
            let cure = || {
                "two listeners of one group would share its records between them: give one of them another group"
                    .to_owned()
            };
            if !reads.claim(&read, listener.placed(READS), cure, problems) {
                // Their chains have the same names, too, which nobody needs to be told as well.
                continue;
            }
            let chain = listener.rules.iter().map(|rules| &rules.chain).find(|chain| chain.source() == source);
            for topic in chain.into_iter().flat_map(Chain::topics) {
                if listener.settings.topics.named().contains(&topic) {
                    problems.add(format!(
                        "{}: the topic `{topic}` belongs to the chain of `{source}`, and is listed itself: leave it out, or \
                         write another {}",
                        listener.placed(CHAIN),
                        plan.keys_that_name(&topic)
                    ));
                }
                let name = format_args!("{topic}` in the group `{}", listener.group);
                let cure = || format!("give one of them another {}", plan.keys_that_name(&topic));
                names.claim(&name, listener.placed(CHAIN), cure, problems);
            }
        }
    }
    check_groups(plan, problems);
}

/// What a listener reads, and what other listeners name and its pattern would match.
fn sources<'p>(plan: &'p Plan, listener: &'p PlannedListener) -> BTreeSet<&'p TopicName> {
    let named = plan.listeners.iter().flat_map(|other| other.settings.topics.named());
    let matches = |topic: &&TopicName| listener.pattern().is_some_and(|pattern| pattern.matches(topic));
    let matched = named.filter(matches).filter(|topic| !plan.is_chain_topic(topic));
    listener.rules.iter().map(|rules| rules.chain.source()).chain(matched).collect()
}

impl Plan {
    /// The keys that would give another name to this topic of a chain.
    pub(super) fn keys_that_name(&self, topic: &TopicName) -> &'static str {
        let mut chains = self.listeners.iter().flat_map(|listener| &listener.rules).map(|rules| &rules.chain);
        if chains.any(|chain| chain.routes().iter().any(|route| route.topic == *topic)) {
            "`retry_suffix`, `dlt_suffix` or `dlt_route`"
        } else {
            "`retry_suffix` or `dlt_suffix`"
        }
    }
}

/// A consumer group has one purpose, and one way of naming: else records would be shared that only one listener knows.
fn check_groups(plan: &Plan, problems: &mut Problems) {
    for (place, listener) in plan.listeners.iter().enumerate() {
        for other in &plan.listeners[..place] {
            if listener.group == other.group && listener.settings.group_naming != other.settings.group_naming {
                problems.add(format!(
                    "{} and {} of the group `{}` name the groups of their chains in different ways: give both the same \
                     `group_naming`, or one of them another group",
                    other.placed(GROUPS),
                    listener.placed(GROUPS),
                    listener.group
                ));
            }
        }
    }
    let mut purposes: BTreeMap<String, (Role, String)> = BTreeMap::new();
    for role in [Role::Retry, Role::Dlt, Role::Main] {
        for listener in &plan.listeners {
            for (_, group) in listener.groups().into_iter().filter(|(its, _)| *its == role) {
                let here = listener.placed(GROUPS);
                let Some((first, there)) = purposes.get(&group) else {
                    purposes.insert(group, (role, here));
                    continue;
                };
                let what = if *first == Role::Retry { "retries" } else { "dead letters" };
                if *first != role && role == Role::Main {
                    problems.add(format!(
                        "the group `{group}` of {here} is the one that reads the {what} of {there}: give one of them another group"
                    ));
                } else if *first != role {
                    problems.add(format!(
                        "the group `{group}` would read the retries of {there} and the dead letters of {here}: give one of them \
                         another group or another suffix"
                    ));
                }
            }
        }
    }
}

/// Things that only one listener may have.
struct Claims {
    what: &'static str,
    by: BTreeMap<String, String>,
}

impl Claims {
    fn of(what: &'static str) -> Self {
        Self { what, by: BTreeMap::new() }
    }

    /// Whether it is the first to claim this.
    fn claim(
        &mut self,
        name: &dyn Display,
        place: String,
        cure: impl FnOnce() -> String,
        problems: &mut Problems,
    ) -> bool {
        let Some(first) = self.by.insert(name.to_string(), place.clone()) else { return true };
        let name = if self.what.is_empty() { name.to_string() } else { format!("{} `{name}`", self.what) };
        problems.add(format!("{first} and {place} both have {name}: {}", cure()));
        false
    }
}
