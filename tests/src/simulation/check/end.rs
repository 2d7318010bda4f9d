//! R1, R17, R21, R22: where each record is in the end. R15: nothing is left to be done.

use std::sync::Arc;

use super::facts::{Delivery, Facts};
use super::{Rule, Verdict};
use crate::simulation::chain::is_dead;
use crate::simulation::history::{Place, What};
use crate::simulation::plan::{Birth, Draft, Plea};
use crate::simulation::shapes::End;
use crate::simulation::team::Team;

pub fn check(facts: &Facts<'_>, verdict: &mut Verdict) {
    for entry in facts.history {
        if let What::Stuck { group, topic, lag } = &entry.what {
            verdict.add(Rule::R15, None, None, format!("{group} stays {lag} behind in {topic}"));
        }
    }
    for draft in &facts.plan.records {
        let Some(at) = facts.planned.get(&draft.id) else { continue };
        for team in facts.plan.teams.iter().filter(|team| is_for(draft, team, &at.topic)) {
            let what = missing(facts, draft, team).filter(|_| !is_excused(facts, at, team));
            if let Some(what) = what.filter(|_| !facts.was_deleted(draft.id)) {
                verdict.add(rule(draft, team), Some(draft.id), Some(at), format!("{}: {what}", team.group));
            }
        }
    }
}

/// What the broker removed is told of, if it can be known; what was written before a group began to read at the end is not read.
fn is_excused(facts: &Facts<'_>, at: &Place, team: &Team) -> bool {
    let of = (Arc::from(team.group.as_str()), at.topic.clone(), at.partition);
    let first_commit = facts.reads.get(&of).and_then(|reading| reading.committed.first()).map(|(at, _)| at.line);
    let Some(lying) = facts.records.get(at) else { return false };
    if team.shape.latest && first_commit.is_none_or(|line| lying.appended.line < line) {
        return true;
    }
    let Some((removed, silently)) = lying.removed else { return false };
    let is_told = facts.gone.iter().any(|(group, from, upto)| {
        ***group == *team.group && from.partition() == at.partition() && (from.offset..*upto).contains(&at.offset)
    });
    silently || is_told || first_commit.is_none_or(|line| removed.line < line)
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
    let is_it = |it: &&Delivery| it.id == Some(draft.id) && *it.group == *team.group && !is_dead(&it.at.topic);
    let handled = facts.deliveries.iter().filter(is_it).any(Delivery::handled);
    let is_dead = facts.records.iter().any(|(at, it)| {
        is_dead(&at.topic) && it.id == Some(draft.id) && it.stored.trail.group.as_deref() == Some(&*team.group)
    });
    let failed = facts.deliveries.iter().filter(is_it).any(|it| it.failed().is_some());
    let discarded = team.shape.end == End::Discarded && (failed || team.rejects(draft.content))
        || failed && team.plea(draft.fate) == Plea::Discard;
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
