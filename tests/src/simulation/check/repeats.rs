//! R6: how much a kill, a lost partition, or a commit that was refused could repeat at any moment: what was begun behind the oldest
//! record that has not ended, and that is bounded by the window; and what ended since the last commit, which follows soon.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use super::facts::{Delivery, Facts, Lying, Moment, Read, attempt_of};
use super::{Rule, Verdict};
use crate::simulation::chain::{SOURCE, is_dead};
use crate::simulation::history::Place;

/// The records of a partition that are begun and not committed, at most, where no limits say otherwise.
const WINDOW: usize = 4096;
/// What has ended is committed after so many milliseconds, where each commit is answered at once.
const INTERVAL: u64 = 100;
/// For so many milliseconds an answer is waited for that the cluster did not give because it was away.
const ANSWER: u64 = 10_000;
/// By how much that may be late.
const LATE: u64 = 5;

/// A partition while one member has it.
struct Stay<'f> {
    of: &'f Read,
    begin: (Moment, i64),
    /// When the next one gets it.
    end: Option<Moment>,
    deliveries: Vec<&'f Delivery>,
}

pub fn check(facts: &Facts<'_>, verdict: &mut Verdict) {
    let mut deliveries = BTreeMap::<_, Vec<_>>::new();
    for delivery in &facts.deliveries {
        let Some((stay, ..)) = facts.assignment(delivery) else { continue };
        let of = (delivery.group.clone(), delivery.at.topic.clone(), delivery.at.partition);
        deliveries.entry((of, stay)).or_default().push(delivery);
    }
    for ((of, number), deliveries) in deliveries {
        let assigned = &facts.reads[&of].assigned;
        let end = assigned.get(number + 1).map(|(at, _)| *at);
        let stay = Stay { of: &of, begin: assigned[number], end, deliveries };
        stay.window(facts, verdict);
        stay.commits(facts, verdict);
    }
}

impl Stay<'_> {
    /// What waited until it was due had been read before, when it could not be repeated yet: the window is not its bound.
    fn window(&self, facts: &Facts<'_>, verdict: &mut Verdict) {
        let team = facts.team(&self.of.0);
        let most = team.and_then(|team| team.limits).map_or(WINDOW, |(window, ..)| window);
        if self.deliveries.len() <= most {
            return;
        }
        let counts = |it: &&&Delivery| !waited(facts, it);
        for (number, last) in self.deliveries.iter().enumerate().filter(|(_, it)| counts(it)) {
            let begun = self.deliveries[..=number].iter().filter(counts).map(|it| it.at.offset);
            let oldest = self.oldest(facts, last.begun);
            let behind: BTreeSet<_> = begun.filter(|offset| *offset >= oldest).collect();
            if behind.len() > most {
                let what = format!("is one of {} that a kill would repeat, and the window holds {most}", behind.len());
                return verdict.add(Rule::R6, last.id, Some(&last.at), what);
            }
        }
    }

    /// The oldest record that has not ended by then, as far as can be known: whatever failed may have.
    fn oldest(&self, facts: &Facts<'_>, by: Moment) -> i64 {
        let has_ended = |at: &Place, it: &Lying<'_>| {
            let mut here = self.deliveries.iter().filter(|delivery| delivery.at == *at);
            let rejects =
                facts.team(&self.of.0).zip(facts.draft(it.id)).is_some_and(|(team, it)| team.rejects(it.content));
            is_nothing(facts, &self.of.0, at, it)
                || it.removed.is_some()
                || rejects
                || facts.moved.contains_key(at)
                || here.any(|delivery| delivery.ended.is_some_and(|(ended, _)| ended.line < by.line))
        };
        let mut unfinished = facts.between(self.of, self.begin.1, i64::MAX).filter(|(at, it)| !has_ended(at, it));
        unfinished.next().map_or(i64::MAX, |(at, _)| at.offset)
    }

    /// Each commit has all that had ended in one run, and where nothing is in its way there is one soon.
    fn commits(&self, facts: &Facts<'_>, verdict: &mut Verdict) {
        let is_within = |at: Moment| at.line > self.begin.0.line && self.end.is_none_or(|end| at.line < end.line);
        let committed = facts.reads[self.of].committed.iter().filter(|(at, _)| is_within(*at));
        let committed: Vec<_> = committed.collect();
        for (at, lying, ended) in self.ended(facts) {
            let passed = committed.iter().find(|(_, upto)| *upto > at.offset).map(|(passed, _)| *passed);
            let after = |moment: Moment| moment.ms > ended.ms && passed.is_none_or(|passed| moment.line < passed.line);
            if committed.iter().any(|(moment, _)| after(*moment) && !is_away(facts, *moment)) {
                verdict.add(
                    Rule::R6,
                    lying.id,
                    Some(at),
                    format!("had ended, and a commit of {} leaves it to be repeated", self.of.0),
                );
            }
            let soon = ended.ms + INTERVAL + LATE;
            if passed.is_none_or(|passed| passed.ms > soon) && !self.is_disturbed(facts, ended.ms..=soon) {
                verdict.add(
                    Rule::R6,
                    lying.id,
                    Some(at),
                    format!("had ended at {} ms, and {} does not commit it soon", ended.ms, self.of.0),
                );
            }
        }
    }

    /// The records that are known to have ended with all before them, and when.
    fn ended<'f>(&self, facts: &'f Facts<'_>) -> Vec<(&'f Place, &'f Lying<'f>, Moment)> {
        let mut last = self.begin.0;
        let mut ended = Vec::new();
        for (at, lying) in facts.between(self.of, self.begin.1, i64::MAX) {
            let is_read = || self.deliveries.iter().any(|it| it.at == *at);
            let is_gone = lying.removed.is_some_and(|(removed, _)| removed.line < self.begin.0.line);
            if is_nothing(facts, &self.of.0, at, lying) || is_gone && !is_read() {
                continue;
            }
            let Some(moment) = self.end_of(facts, at, lying) else { break };
            last = last.max(moment);
            ended.push((at, lying, last));
        }
        ended
    }

    /// When a record's handler, or the copy that its only failure made, ended it.
    fn end_of(&self, facts: &Facts<'_>, at: &Place, lying: &Lying<'_>) -> Option<Moment> {
        let here = self.deliveries.iter().rfind(|it| it.at == *at)?;
        if here.handled() {
            return here.ended.map(|(ended, _)| ended);
        }
        let failed = here.failed()?;
        let is_same = |it: &&Delivery| it.id == here.id && it.attempt == here.attempt && it.group == here.group;
        if facts.deliveries.iter().filter(is_same).count() > 1 {
            return None;
        }
        let next = i64::from(attempt_of(at, lying.stored)) + 1;
        let answers = facts.answers.iter().filter(|it| it.by == here.instance);
        let answers = answers.filter(|it| it.result.is_ok_and(|at| !facts.is_moved(at, it.copy)));
        let mut copies = answers.filter(|it| {
            let trail = &it.copy.trail;
            it.id == here.id && trail.attempt == Some(next) && trail.group.as_deref() == Some(&*here.group)
        });
        copies.find(|it| it.at.line > failed.line).map(|it| it.at)
    }

    /// Whether something keeps a commit from being sent, or answered, in this time.
    fn is_disturbed(&self, facts: &Facts<'_>, then: RangeInclusive<u64>) -> bool {
        let is_then = |at: &Moment| at.ms <= *then.end();
        let commits = ["commit refused", "commit unanswered", "commit slow", "topic deleted", "member expelled"];
        let instances = self.deliveries.iter().map(|it| it.instance);
        commits.iter().any(|kind| facts.has_seen(kind))
            || self.end.as_ref().is_some_and(is_then)
            || facts
                .outages
                .iter()
                .any(|(from, until)| from <= then.end() && *then.start() <= until.saturating_add(ANSWER))
            || instances.into_iter().any(|it| {
                facts.clock_was_set(it)
                    || [&facts.killed, &facts.stopped].iter().any(|ends| ends.get(&it).is_some_and(is_then))
            })
    }
}

/// Whether nobody has anything to do about a record.
fn is_nothing(facts: &Facts<'_>, group: &str, at: &Place, it: &Lying<'_>) -> bool {
    it.aborted || facts.is_foreign(group, at, it.stored)
}

/// Whether a delivery's record may have waited until it was due.
fn waited(facts: &Facts<'_>, delivery: &Delivery) -> bool {
    if &*delivery.at.topic == SOURCE || is_dead(&delivery.at.topic) {
        return false;
    }
    let is_due = |read: Moment| Some(facts.due(delivery, read)? <= facts.wall(delivery.instance, read));
    facts.clock_was_set(delivery.instance) || facts.could_be_read(delivery).and_then(is_due) != Some(true)
}

/// Whether the cluster could not be reached then, or was found again just then: a commit that comes may be an old one.
fn is_away(facts: &Facts<'_>, at: Moment) -> bool {
    facts.outages.iter().any(|(from, until)| (*from..=*until).contains(&at.ms))
}
