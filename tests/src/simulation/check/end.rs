//! R1, R17, R21, R22: where each record is in the end. R15: nothing is left to be done.

use super::facts::{Delivery, Facts};
use super::{Rule, Verdict};
use crate::simulation::chain::DLT;
use crate::simulation::history::What;
use crate::simulation::listeners::End;
use crate::simulation::plan::{Birth, Draft, Team};

pub fn check(facts: &Facts<'_>, verdict: &mut Verdict) {
    for entry in facts.history {
        if let What::Stuck { group, topic, lag } = &entry.what {
            verdict.add(Rule::R15, None, None, format!("{group} stays {lag} behind in {topic}"));
        }
    }
    for draft in &facts.plan.records {
        let Some((at, _)) = facts.records.iter().find(|(_, it)| it.planned && it.id == Some(draft.id)) else {
            continue;
        };
        for team in facts.plan.teams.iter().filter(|team| is_for(draft, team, &at.topic)) {
            if let Some(what) = missing(facts, draft, team) {
                verdict.add(rule(draft, team), Some(draft.id), Some(at), format!("{}: {what}", team.group));
            }
        }
    }
}

fn is_for(draft: &Draft, team: &Team, topic: &str) -> bool {
    match &draft.birth {
        Birth::Source => true,
        Birth::Aborted => false,
        Birth::Retry { group, .. } => {
            group.as_ref().is_none_or(|group| *group == team.group) && team.retry_topics().iter().any(|it| it == topic)
        }
    }
}

/// What did not become of a record that should have.
fn missing(facts: &Facts<'_>, draft: &Draft, team: &Team) -> Option<&'static str> {
    let is_it = |it: &&Delivery| it.id == Some(draft.id) && *it.group == *team.group && &*it.at.topic != DLT;
    let handled = facts.deliveries.iter().filter(is_it).any(Delivery::handled);
    let is_dead = facts.records.iter().any(|(at, it)| {
        &*at.topic == DLT && it.id == Some(draft.id) && it.stored.trail.group.as_deref() == Some(&*team.group)
    });
    let failed = facts.deliveries.iter().filter(is_it).any(|it| it.failed().is_some());
    let discarded = team.shape.end == End::Discarded && (failed || team.rejects(draft.content));
    if team.rejects(draft.content) && !is_dead && !discarded {
        return Some("what no handler can take is not in the DLT");
    }
    (!handled && !is_dead && !discarded).then_some("neither handled nor in the DLT")
}

fn rule(draft: &Draft, team: &Team) -> Rule {
    match draft.birth {
        Birth::Retry { .. } => Rule::R22,
        _ if team.rejects(draft.content) || draft.fate.panics => Rule::R17,
        _ if team.versions.len() > 1 => Rule::R21,
        _ => Rule::R1,
    }
}
