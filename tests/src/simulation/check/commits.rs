//! R1, R2, R3, R16: what is committed has ended. R5, R6: what has ended, or is committed, is not read again.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::deliveries::{DRAIN, STOP, came_or_went};
use super::facts::{Facts, Lying, Read, attempt_of};
use super::twins::Twins;
use super::{Rule, Verdict};
use crate::simulation::chain::{SOURCE, is_dead};
use crate::simulation::history::{Ending, Place, What};
use crate::simulation::plan::Plea;
use crate::simulation::shapes::End;

/// A copy, by whose it is, what of, and which delivery it is for.
type Copy = (Arc<str>, u32, u32);

/// The run up to some line of the history.
#[derive(Default)]
struct SoFar {
    handled: BTreeSet<(Arc<str>, Place)>,
    failed: BTreeSet<(Arc<str>, Place)>,
    acknowledged: BTreeMap<Copy, usize>,
    /// Copies that have not been acknowledged, and why.
    refused: BTreeSet<Copy>,
    appended: BTreeSet<Copy>,
    /// Records for whose end a copy was counted: each needs one of its own.
    vouched: BTreeSet<(Arc<str>, Place)>,
    used: BTreeMap<Copy, usize>,
    committed: BTreeMap<Read, i64>,
    removed: BTreeSet<Place>,
    /// When a handler ended, be it by an error.
    ended: BTreeMap<(Arc<str>, Place), u64>,
    twins: Twins,
    /// Where reading began last, of what was not committed yet.
    begun: BTreeMap<Read, i64>,
}

pub fn check(facts: &Facts<'_>, verdict: &mut Verdict) {
    let (mut so_far, mut answers) = (SoFar::default(), facts.answers.iter());
    for entry in facts.history {
        match &entry.what {
            What::Ended { delivery, .. } => so_far.ended(facts, *delivery),
            What::Removed { at, .. } => drop(so_far.removed.insert(at.clone())),
            What::Deleted { topic } => so_far.deleted(topic),
            What::Appended { at, .. } => so_far.appended(facts, at),
            What::Answered { .. } => {
                if let Some(answer) = answers.next() {
                    so_far.answered(answer);
                }
            }
            What::Committed { group, upto } => so_far.committed(facts, group, upto, verdict),
            What::Assigned { group, from } => so_far.assigned(facts, group, from, entry.ms, verdict),
            _ => {}
        }
    }
}

impl SoFar {
    fn ended(&mut self, facts: &Facts<'_>, delivery: usize) {
        let delivery = &facts.deliveries[delivery];
        let Some((now, ending)) = delivery.ended else { return };
        let what = (delivery.group.clone(), delivery.at.clone());
        if !matches!(ending, Ending::Cancelled | Ending::Stopped) {
            self.ended.insert(what.clone(), now.ms);
        }
        match ending {
            Ending::Handled => self.handled.insert(what),
            Ending::Failed | Ending::Panicked => self.failed.insert(what),
            Ending::Cancelled | Ending::Stopped => false,
        };
    }

    /// What was committed of a topic goes with it.
    fn deleted(&mut self, topic: &Arc<str>) {
        self.committed.retain(|(_, of, _), _| of != topic);
        self.begun.retain(|(_, of, _), _| of != topic);
    }

    fn appended(&mut self, facts: &Facts<'_>, at: &Place) {
        let Some(lying) = facts.records.get(at) else { return };
        self.appended.extend(copy(lying.id, lying.stored));
    }

    fn answered(&mut self, answer: &super::facts::Answer<'_>) {
        self.twins.answered(answer);
        let Some(copy) = copy(answer.id, answer.copy) else { return };
        if answer.result.is_ok() {
            *self.acknowledged.entry(copy).or_default() += 1;
        } else {
            self.refused.insert(copy);
        }
    }

    fn committed(&mut self, facts: &Facts<'_>, consumer: &str, upto: &Place, verdict: &mut Verdict) {
        let of = read(facts, consumer, upto);
        let begun = self.begun.get(&of).copied().unwrap_or(0);
        let from = self.committed.insert(of.clone(), upto.offset).unwrap_or(begun);
        if upto.offset < from {
            verdict.add(Rule::R2, None, Some(upto), format!("{consumer} commits less than before, {from}"));
        }
        for (at, lying) in facts.between(&of, from, upto.offset) {
            if !self.has_ended(facts, &of.0, at, lying) {
                let (rule, why) = self.why_not(facts, &of.0, at, lying);
                verdict.add(
                    rule,
                    lying.id,
                    Some(at),
                    format!("{consumer} commits {} past a record that {why}", upto.offset),
                );
            }
        }
    }

    /// Reading begins where it was committed, and that is behind all that ended if nothing went wrong.
    fn assigned(&mut self, facts: &Facts<'_>, consumer: &str, from: &Place, now: u64, verdict: &mut Verdict) {
        let of = read(facts, consumer, from);
        let latest = &*from.topic == SOURCE && facts.team(&of.0).is_some_and(|team| team.shape.latest);
        let skips =
            |behind| facts.between(&of, behind, from.offset).any(|(at, it)| !it.aborted && !self.removed.contains(at));
        self.begun.insert(of.clone(), from.offset);
        match self.committed.get(&of) {
            None if !latest && skips(0) => {
                verdict.add(Rule::R22, None, Some(from), format!("{consumer} begins behind records that nobody read"));
            }
            Some(committed) if from.offset < *committed => {
                verdict.add(
                    Rule::R6,
                    None,
                    Some(from),
                    format!("{consumer} reads again what it committed, {committed}"),
                );
            }
            Some(committed) if skips(*committed) => {
                verdict.add(Rule::R1, None, Some(from), format!("{consumer} skips from {committed}"));
            }
            _ => {}
        }
        if facts.is_calm() {
            self.repeats(facts, &of, from.offset, now, verdict);
        }
    }

    /// Where nothing went wrong, what its group has delivered to its end is not read again.
    fn repeats(&mut self, facts: &Facts<'_>, of: &Read, from: i64, now: u64, verdict: &mut Verdict) {
        // Behind what took or waits too long others may have ended, and come again.
        let waits =
            &*of.1 != SOURCE || facts.team(&of.0).is_none_or(|team| team.shape.tries > 1 || team.concurrency.is_some());
        let most = if waits || facts.was_cut_off(of) { 1 } else { usize::MAX };
        let drain_is_over = [DRAIN, STOP].iter().any(|drain| came_or_went(facts, now, *drain));
        for (at, lying) in facts.between(of, from, i64::MAX).take(most) {
            let Some(ended) = self.ended.get(&(of.0.clone(), at.clone())) else { continue };
            if drain_is_over && *ended == now {
                // What ends in the last moment comes too late, and what is behind it comes again with it.
                return;
            }
            if self.was_delivered(facts, &of.0, at, lying) {
                return verdict.add(Rule::R5, lying.id, Some(at), format!("{} reads again what had ended", of.0));
            }
        }
    }

    /// Whether nothing more has to be done about a record.
    fn has_ended(&mut self, facts: &Facts<'_>, group: &Arc<str>, at: &Place, lying: &Lying<'_>) -> bool {
        lying.aborted
            || self.removed.contains(at)
            || facts.is_foreign(group, at, lying.stored)
            || self.was_delivered(facts, group, at, lying)
            || is_discarded(facts, group, at, lying, self.failed.contains(&(group.clone(), at.clone())))
    }

    /// Whether its handler, or a copy of it, has ended it.
    fn was_delivered(&mut self, facts: &Facts<'_>, group: &Arc<str>, at: &Place, lying: &Lying<'_>) -> bool {
        let what = (group.clone(), at.clone());
        self.handled.contains(&what)
            || self.vouched.contains(&what)
            || (self.twins.has_one(facts, group, at) || self.has_copy(group, at, lying)) && self.vouched.insert(what)
    }

    fn has_copy(&mut self, group: &Arc<str>, at: &Place, lying: &Lying<'_>) -> bool {
        let Some(copy) = next_copy(group, at, lying).filter(|_| !is_dead(&at.topic)) else { return false };
        let acknowledged = self.acknowledged.get(&copy).copied().unwrap_or(0);
        let used = self.used.entry(copy).or_default();
        let is_there = *used < acknowledged;
        *used += usize::from(is_there);
        is_there
    }

    fn why_not(&self, facts: &Facts<'_>, group: &Arc<str>, at: &Place, lying: &Lying<'_>) -> (Rule, &'static str) {
        let copy = next_copy(group, at, lying);
        let has = |copies: &BTreeSet<Copy>| copy.as_ref().is_some_and(|copy| copies.contains(copy));
        let rejected = facts.draft(lying.id).zip(facts.team(group)).is_some_and(|(it, team)| team.rejects(it.content));
        if has(&self.refused) && !has(&self.appended) {
            (Rule::R16, "has a copy that could not be written")
        } else if has(&self.appended) {
            (Rule::R3, "has a copy that nobody acknowledged")
        } else if rejected {
            (Rule::R17, "no handler can take, and has no copy")
        } else if self.failed.contains(&(group.clone(), at.clone())) {
            (Rule::R1, "failed and has no copy")
        } else if facts.team(group).is_some_and(|team| team.shortest() < attempt_of(at, lying.stored)) {
            (Rule::R21, "no version of the listener took")
        } else {
            (Rule::R2, "has not ended")
        }
    }
}

/// Whether a rule that the listener has written lets it end with nothing.
fn is_discarded(facts: &Facts<'_>, group: &str, at: &Place, lying: &Lying<'_>, failed: bool) -> bool {
    let Some((team, draft)) = facts.team(group).zip(facts.draft(lying.id)) else { return false };
    if is_dead(&at.topic) {
        return failed && team.shape.skips;
    }
    let is_last = attempt_of(at, lying.stored) >= team.shortest();
    let by_itself = failed && team.plea(draft.fate) == Plea::Discard;
    by_itself
        || team.shape.end == End::Discarded
            && (team.rejects(draft.content) || failed && (is_last || team.timeout.is_some()))
}

fn next_copy(group: &Arc<str>, at: &Place, lying: &Lying<'_>) -> Option<Copy> {
    Some((group.clone(), lying.id?, attempt_of(at, lying.stored) + 1))
}

fn copy(id: Option<u32>, stored: &crate::simulation::history::Stored) -> Option<Copy> {
    let attempt = u32::try_from(stored.trail.attempt?).ok()?;
    Some((stored.trail.group.as_deref()?.into(), id?, attempt))
}

fn read(facts: &Facts<'_>, consumer: &str, of: &Place) -> Read {
    let group = facts.plan.teams.iter().find(|team| team.groups().iter().any(|group| group == consumer));
    let group = group.map_or(consumer, |team| &team.group);
    (group.into(), of.topic.clone(), of.partition)
}
