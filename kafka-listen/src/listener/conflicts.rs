//! Listeners that cannot live side by side.

use std::collections::BTreeMap;
use std::fmt::Display;

use super::plan::Plan;
use super::site::Site;
use crate::engine::Role;
use crate::problem::Problems;

/// Tells every conflict, with both places.
pub(crate) fn check(plan: &Plan, problems: &mut Problems) {
    let mut ids = Claims::new("the id", "give one of them another with `id = \"…\"`");
    let mut reads = Claims::new(
        "",
        "two listeners of one group would share its records between them: give one of them another group",
    );
    let mut names = Claims::new("the chain topic", "give one of them another `retry_suffix` or `dlt_suffix`");
    for listener in &plan.listeners {
        ids.claim(&listener.id, listener.site, problems);
        for rules in &listener.rules {
            let source = rules.chain.source();
            let read = format_args!("the topic `{source}` in the group `{}`", listener.group);
            if !reads.claim(&read, listener.site, problems) {
                // Their chains have the same names, too, which nobody needs to be told as well.
                continue;
            }
            let retries = rules.chain.retry_topics().into_iter().map(|retry| retry.topic);
            for topic in retries.chain(rules.chain.dead_letter_topics().cloned()) {
                names.claim(&format_args!("{topic}` in the group `{}", listener.group), listener.site, problems);
            }
        }
    }
    check_groups(plan, problems);
}

/// A listener's own group may not be what another's retries or dead letters are read with: the two would share records
/// that only one of them knows.
fn check_groups(plan: &Plan, problems: &mut Problems) {
    for (role, what) in [(Role::Retry, "retries"), (Role::Dlt, "dead letters")] {
        for listener in &plan.listeners {
            let mut others = plan.listeners.iter().filter(|other| other.reads(role));
            if let Some(other) = others.find(|other| other.group_of(role) == *listener.group) {
                problems.add(format!(
                    "the group `{}` of {} is the one that reads the {what} of {}: give one of them another group",
                    listener.group, listener.site, other.site
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

    /// Whether it is the first to claim this.
    fn claim(&mut self, name: &dyn Display, site: Site, problems: &mut Problems) -> bool {
        let Self { what, cure, .. } = *self;
        let Some(first) = self.of.insert(name.to_string(), site) else { return true };
        let name = if what.is_empty() { name.to_string() } else { format!("{what} `{name}`") };
        problems.add(format!("{first} and {site} both have {name}: {cure}"));
        false
    }
}
