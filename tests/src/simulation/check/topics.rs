//! R14: the topics of a chain, however many instances create them at once.

use super::facts::Facts;
use super::{Rule, Verdict};
use crate::simulation::chain::SOURCE;
use crate::simulation::history::What;

pub fn check(facts: &Facts<'_>, verdict: &mut Verdict) {
    let of = |name: &str| {
        facts.history.iter().find_map(|entry| match &entry.what {
            What::Topic { name: it, partitions } if it == name => Some(*partitions),
            _ => None,
        })
    };
    let at_the_end = of(SOURCE).unwrap_or(facts.plan.partitions);
    for topic in facts.plan.chain_topics() {
        // The source may have grown since; a topic that exists stays as it is.
        if let Some(partitions) = of(&topic).filter(|it| !(facts.plan.partitions..=at_the_end).contains(it)) {
            let what = format!("`{topic}` has {partitions} partitions, its source {}", facts.plan.partitions);
            verdict.add(Rule::R14, None, None, what);
        }
    }
    for entry in facts.history {
        let is_away = facts.outages.iter().any(|(from, until)| (*from..=*until).contains(&entry.ms));
        if let What::Refused { instance, why } = &entry.what
            && !is_away
        {
            verdict.add(Rule::R14, None, None, format!("instance {instance} could not start: {why}"));
        }
    }
}
