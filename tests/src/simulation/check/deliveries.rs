//! R4, R6: how often a record is delivered. R5: handlers may end. R10, R17, R19: which records no handler may see.

use std::collections::BTreeMap;

use super::facts::{Delivery, Facts, Lying, attempt_of};
use super::{Rule, Verdict};
use crate::simulation::chain::is_dead;
use crate::simulation::history::Ending;
use crate::simulation::plan::{Birth, Plea};
use crate::simulation::team::Team;

pub fn check(facts: &Facts<'_>, verdict: &mut Verdict) {
    let (mut tries, mut last) = (BTreeMap::new(), BTreeMap::new());
    for delivery in &facts.deliveries {
        let Some(lying) = facts.records.get(&delivery.at) else {
            verdict.add(Rule::R1, delivery.id, Some(&delivery.at), "a delivery of what is not there");
            continue;
        };
        is_for_it(facts, delivery, lying, verdict);
        let Some((assignment, _, start)) = facts.assignment(delivery) else {
            verdict.add(Rule::R6, delivery.id, Some(&delivery.at), "a delivery without an assignment");
            continue;
        };
        if delivery.at.offset < start {
            verdict.add(
                Rule::R6,
                delivery.id,
                Some(&delivery.at),
                format!("delivered though reading began at {start}"),
            );
        }
        let tried: &mut u32 = tries.entry((&delivery.group, &delivery.at, assignment, delivery.instance)).or_default();
        if delivery.in_place != *tried + 1 {
            let what = format!("try {} in place follows {tried} of this assignment", delivery.in_place);
            verdict.add(Rule::R4, delivery.id, Some(&delivery.at), what);
        }
        // What stopped its listener begins again as if it had not run.
        *tried += u32::from(!delivery.stopped());
        let before = last.insert((&delivery.group, &delivery.at, delivery.instance), delivery);
        needless(facts, delivery, before.filter(|_| delivery.in_place > 1), verdict);
    }
    exactly(facts, verdict);
    given_time(facts, verdict);
}

fn is_for_it(facts: &Facts<'_>, delivery: &Delivery, lying: &Lying<'_>, verdict: &mut Verdict) {
    let mut wrong = |rule, what: &str| verdict.add(rule, delivery.id, Some(&delivery.at), what);
    if facts.is_foreign(&delivery.group, &delivery.at, lying.stored) {
        wrong(Rule::R10, "another group's record is handled");
    }
    if lying.aborted {
        wrong(Rule::R19, "a record of an aborted transaction is handled");
    }
    let is_dead = is_dead(&delivery.at.topic);
    let rejects =
        facts.team(&delivery.group).zip(facts.draft(lying.id)).is_some_and(|(team, it)| team.rejects(it.content));
    if rejects && !is_dead {
        wrong(Rule::R17, "what it cannot read reaches a handler");
    }
    if !is_dead && delivery.attempt != attempt_of(&delivery.at, lying.stored) {
        wrong(Rule::R4, "the delivery's number is not the record's");
    }
}

/// Tried in place is only what may be, and for as long as there is time.
fn needless(facts: &Facts<'_>, delivery: &Delivery, before: Option<&Delivery>, verdict: &mut Verdict) {
    let Some((team, before)) = facts.team(&delivery.group).zip(before) else { return };
    let mut wrong = |what: &str| verdict.add(Rule::R4, delivery.id, Some(&delivery.at), what);
    if is_dead(&delivery.at.topic) {
        if team.shape.skips {
            wrong("a dead letter that is to be skipped is tried again");
        }
        return;
    }
    if facts.is_over(before) {
        wrong("is tried in place though its time is over");
    }
    if facts.draft(delivery.id).is_some_and(|draft| delivery.in_place > team.tries(draft.fate)) {
        wrong("is tried in place more often than it may be");
    }
}

/// Without faults, and where no partition changed hands, a failing record is delivered exactly as often as declared.
fn exactly(facts: &Facts<'_>, verdict: &mut Verdict) {
    if !facts.is_calm() || facts.plan.narrow_topics.is_some() {
        return;
    }
    let predictable = |team: &&Team| {
        team.shape.chain
            && team.versions.len() == 1
            && team.shape.timeout.is_none()
            && team.timeout.is_none()
            && !team.shape.latest
    };
    for team in facts.plan.teams.iter().filter(predictable) {
        let moved = facts.reads.iter().any(|((group, ..), reading)| {
            // The two looks at the end begin behind everything.
            **group == *team.group && reading.assigned.len() > 3
        });
        if moved {
            continue;
        }
        for draft in facts.plan.records.iter().filter(|it| it.birth == Birth::Source && !team.rejects(it.content)) {
            let is_it = |it: &&Delivery| {
                (it.id, it.in_place) == (Some(draft.id), 1) && *it.group == *team.group && !is_dead(&it.at.topic)
            };
            let deliveries = facts.deliveries.iter().filter(is_it).filter(|it| !it.stopped()).count();
            let most = match team.plea(draft.fate) {
                Plea::Discard => 1,
                plea if plea.is_fatal() => 1,
                _ => team.versions[0].attempts,
            };
            // What stumbles and is not tried in place stumbles in each delivery.
            let stumbles = team.tries(draft.fate) < team.shape.tries && draft.fate.stumbles > 0;
            let fails_until = if stumbles { u32::MAX } else { draft.fate.fails_until };
            let wanted = fails_until.saturating_add(1).min(most) as usize;
            if deliveries != wanted {
                let what = format!("{} delivers it {deliveries} times instead of {wanted}", team.group);
                verdict.add(Rule::R4, Some(draft.id), None, what);
            }
        }
    }
}

/// How long handlers may go on at least when their partition leaves, in milliseconds.
pub(super) const DRAIN: u64 = 2_000;

/// And when their instance stops.
pub(super) const STOP: u64 = 20_000;

/// Where nobody dies, a handler is cancelled when its partition has been leaving for so long, and not before: what begins on the way
/// out, because it stands in front of what has ended, has what is left of that time.
fn given_time(facts: &Facts<'_>, verdict: &mut Verdict) {
    if !facts.is_calm() {
        return;
    }
    for delivery in &facts.deliveries {
        let told = facts.told.get(&delivery.number);
        // What begins while its partition leaves is told at once.
        let leaves =
            |at: u64| facts.somebody_came_or_went(at.saturating_sub(DRAIN)..=at) || came_or_went(facts, at, STOP);
        if let Some(told) = told.filter(|it| !leaves(it.ms)) {
            let what = format!("its handler was told to give up at {} ms, and nobody came or went", told.ms);
            verdict.add(Rule::R5, delivery.id, Some(&delivery.at), what);
        }
        let Some((ended, Ending::Cancelled)) = delivery.ended else { continue };
        let hears = facts.team(&delivery.group).is_some_and(|team| team.shape.told) && !is_dead(&delivery.at.topic);
        if hears && told.is_none() {
            verdict.add(Rule::R5, delivery.id, Some(&delivery.at), "its handler was cancelled and never told");
        }
        let left_before = [DRAIN, STOP].iter().any(|drain| came_or_went(facts, ended.ms, *drain));
        if ended.ms - delivery.begun.ms < DRAIN && !left_before {
            verdict.add(Rule::R5, delivery.id, Some(&delivery.at), "its handler was cancelled before its time");
        }
    }
}

/// Whether somebody came or went so long before.
pub(super) fn came_or_went(facts: &Facts<'_>, ms: u64, before: u64) -> bool {
    ms.checked_sub(before).is_some_and(|then| facts.somebody_came_or_went(then..=then))
}
