//! Listeners that cannot live side by side.

use std::collections::BTreeMap;
use std::fmt::Display;

use super::definition::Site;
use super::plan::{Plan, PlannedListener, group_suffix};
use crate::engine::Role;
use crate::problem::Problems;

/// Tells every conflict, with both places.
pub(crate) fn check(plan: &Plan, problems: &mut Problems) {
    let mut ids = Claims::new("the id", "give one of them another with `id = \"…\"`");
    let mut reads =
        Claims::new("", "two listeners of one group would share its records between them: give one another group");
    let mut names = Claims::new("the chain topic", "give one of them another `retry_suffix` or `dlt_suffix`");
    for listener in &plan.listeners {
        ids.claim(&listener.id, listener.site, problems);
        for rules in &listener.rules {
            let source = rules.chain.source();
            reads.claim(
                &format_args!("the topic `{source}` in the group `{}`", listener.group),
                listener.site,
                problems,
            );
            let retries = rules.chain.retry_topics().into_iter().map(|retry| retry.topic);
            for topic in retries.chain(rules.chain.dlt().cloned()) {
                names.claim(&format_args!("{topic}` in the group `{}", listener.group), listener.site, problems);
            }
        }
    }
    check_groups(plan, problems);
}

/// A listener's own group may not be what another's retries or dead letters are read with.
fn check_groups(plan: &Plan, problems: &mut Problems) {
    for role in [Role::Retry, Role::Dlt] {
        let taken = |one: &PlannedListener| format!("{}{}", one.group, group_suffix(role));
        for (one, other) in plan.listeners.iter().flat_map(|one| plan.listeners.iter().map(move |other| (one, other))) {
            if *other.group == *taken(one) {
                problems.add(format!(
                    "the group `{}` of {} is the one that reads the retries or dead letters of {}: choose another name",
                    other.group, other.site, one.site
                ));
            }
        }
    }
}

/// Things that only one listener may have.
struct Claims {
    what: &'static str,
    cure: &'static str,
    of: BTreeMap<String, Site>,
}

impl Claims {
    fn new(what: &'static str, cure: &'static str) -> Self {
        Self { what, cure, of: BTreeMap::new() }
    }

    fn claim(&mut self, name: &dyn Display, site: Site, problems: &mut Problems) {
        let Self { what, cure, .. } = *self;
        if let Some(first) = self.of.insert(name.to_string(), site) {
            let name = if what.is_empty() { name.to_string() } else { format!("{what} `{name}`") };
            problems.add(format!("{first} and {site} both have {name}: {cure}"));
        }
    }
}
