//! R11: copies are what their originals are. R4, R7, R17: each goes where the chain says, and is due when it says.

use std::collections::BTreeMap;
use std::sync::Arc;

use kafka_listen::HeaderBuf;
use kafka_listen::testing::PublishErrorKind;

use super::facts::{Delivery, Facts, Lying, attempt_of};
use super::{Rule, Verdict};
use crate::simulation::chain::{Chain, DLT, is_dead};
use crate::simulation::headers::{BLOCK, LEFT_OUT, is_ours};
use crate::simulation::history::Place;
use crate::simulation::plan::{Birth, Draft, Plea};
use crate::simulation::team::Team;

/// The most bytes that our headers may take, however often a record failed.
const HEADER_BYTES: usize = 2_048;

/// Group, record, and the number of the delivery that failed.
type Failure<'f> = (&'f str, u32, u32);

pub fn check(facts: &Facts<'_>, verdict: &mut Verdict) {
    let failures = failures(facts);
    for (at, copy) in facts.records.iter().filter(|(at, it)| !it.planned && !facts.is_moved(at, it.stored)) {
        let Some((draft, team)) =
            facts.draft(copy.id).zip(copy.stored.trail.group.as_deref().and_then(|it| facts.team(it)))
        else {
            verdict.add(Rule::R11, copy.id, Some(at), "a copy that says neither what nor whose it is");
            continue;
        };
        bytes(at, copy, draft, verdict);
        origin(facts, at, copy, draft, verdict);
        way(facts, at, copy, team, draft, &failures, verdict);
    }
    count(facts, &failures, verdict);
}

/// Failed deliveries after which there must be a copy.
fn failures<'f>(facts: &'f Facts<'_>) -> BTreeMap<Failure<'f>, Vec<&'f Delivery>> {
    let mut failures = BTreeMap::<_, Vec<_>>::new();
    for delivery in &facts.deliveries {
        let Some((team, id)) = facts.team(&delivery.group).zip(delivery.id) else { continue };
        let tries = facts.draft(Some(id)).map_or(team.shape.tries, |draft| team.tries(draft.fate));
        let is_last = delivery.in_place >= tries || facts.is_over(delivery);
        if delivery.failed().is_some() && is_last && !is_dead(&delivery.at.topic) {
            failures.entry((&*delivery.group, id, delivery.attempt)).or_default().push(delivery);
        }
    }
    failures
}

fn bytes(at: &Place, copy: &Lying<'_>, draft: &Draft, verdict: &mut Verdict) {
    let mut wrong = |what: String| verdict.add(Rule::R11, copy.id, Some(at), what);
    let (ours, users): (Vec<_>, Vec<_>) = copy.stored.headers.iter().partition(|header| is_ours(header));
    let is_cut = ours.iter().any(|header| header.name == LEFT_OUT);
    if !is_cut {
        if copy.stored.key != draft.key {
            wrong(format!("the key is {:?} and was {:?}", copy.stored.key, draft.key));
        }
        if copy.stored.value != draft.content.value(draft.id) {
            wrong(format!("the value is {:?}", copy.stored.value));
        }
        let before: Vec<&HeaderBuf> = draft.headers.iter().filter(|header| !is_ours(header)).collect();
        if users != before {
            wrong(format!("the user's headers are {users:?} and were {before:?}"));
        }
    }
    let mut names: Vec<_> = ours.iter().map(|header| &header.name).collect();
    names.sort();
    names.dedup();
    if names.len() < ours.len() {
        wrong("headers of ours stand twice".to_owned());
    }
    for name in BLOCK {
        if !ours.iter().any(|header| header.name == name && header.value.is_some()) {
            wrong(format!("there is no `{name}`"));
        }
    }
    let size = |header: &&HeaderBuf| header.name.len() + header.value.as_ref().map_or(0, bytes::Bytes::len);
    let size: usize = ours.iter().map(size).sum();
    if size > HEADER_BYTES {
        wrong(format!("our headers take {size} bytes"));
    }
}

/// A copy names the place where its record was first read, whatever the record itself had claimed.
fn origin(facts: &Facts<'_>, at: &Place, copy: &Lying<'_>, draft: &Draft, verdict: &mut Verdict) {
    let named = copy.stored.trail.origin.as_ref();
    let places = named.into_iter().flat_map(|(topic, partition, offset)| facts.lives(topic, *partition, *offset));
    let mut places = places.filter(|place| {
        // What another client wrote to a retry topic may have made way there before it first failed.
        let moved = |it: &Lying<'_>| it.id == Some(draft.id) && facts.is_moved(place, it.stored);
        let is_others = matches!(draft.birth, Birth::Retry { .. });
        facts.planned.get(&draft.id) == Some(place) || is_others && facts.records.get(place).is_some_and(moved)
    });
    let Some(place) = places.next() else {
        return verdict.add(Rule::R11, copy.id, Some(at), format!("names {named:?} as its origin"));
    };
    let (told, first) = (copy.stored.trail.first, facts.records.get(&place).and_then(|it| it.stored.time));
    if told != first {
        verdict.add(Rule::R11, copy.id, Some(at), format!("says that it began at {told:?} instead of {first:?}"));
    }
}

fn way(
    facts: &Facts<'_>,
    at: &Place,
    copy: &Lying<'_>,
    team: &Team,
    draft: &Draft,
    failures: &BTreeMap<Failure<'_>, Vec<&Delivery>>,
    verdict: &mut Verdict,
) {
    let attempt = attempt_of(at, copy.stored);
    if team.rejects(draft.content) {
        if &*at.topic != DLT {
            verdict.add(Rule::R17, copy.id, Some(at), "what no handler can take is tried again");
        }
        return;
    }
    let before = |delivery: &&&Delivery| delivery.failed().is_some_and(|failed| failed.line < copy.appended.line);
    let failed = failures.get(&(&*team.group, draft.id, attempt - 1));
    let failed: Vec<_> = failed.into_iter().flatten().filter(before).collect();
    if failed.is_empty() {
        verdict.add(Rule::R4, copy.id, Some(at), format!("a copy for delivery {attempt}, and none before it failed"));
        return;
    }
    if copy.stored.headers.iter().any(|header| header.name == LEFT_OUT) {
        // Too large for its topic, so it went to the DLT at once.
        return;
    }
    let plea = team.plea(draft.fate);
    if plea == Plea::Discard {
        verdict.add(Rule::R4, copy.id, Some(at), "a copy of what its handler discards");
    }
    let goes_here = |chain: &Chain, failed: &Delivery| match chain.topic(attempt) {
        Some(topic) if !plea.is_fatal() && !facts.is_over(failed) => *topic == *at.topic,
        _ => *at.topic == *team.dead_letters_of(plea),
    };
    let ways = team.versions.iter().flat_map(|chain| failed.iter().map(move |failed| (chain, **failed)));
    let ways: Vec<_> = ways.filter(|(chain, failed)| goes_here(chain, failed)).collect();
    if ways.is_empty() {
        verdict.add(Rule::R4, copy.id, Some(at), format!("delivery {attempt} of no version comes from here"));
    } else if !is_dead(&at.topic) && !ways.iter().any(|way| is_due(facts, copy, attempt, plea, *way)) {
        verdict.add(Rule::R7, copy.id, Some(at), "is not due when its failure and the delay say");
    }
}

fn is_due(facts: &Facts<'_>, copy: &Lying<'_>, attempt: u32, plea: Plea, (chain, failed): (&Chain, &Delivery)) -> bool {
    let by = failed.instance;
    let (Some(due), Some(failed)) = (copy.stored.trail.due, failed.failed()) else { return false };
    let wait = match plea {
        Plea::RetryAfter(millis) => Some((millis, millis)),
        _ => chain.wait(attempt),
    };
    let waits = u64::try_from(due - facts.wall(by, failed)).ok();
    wait.zip(waits).is_some_and(|((least, most), waits)| (least..=most).contains(&waits))
}

/// A failure makes one copy, and one more for each time that nobody could say whether it was written.
fn count(facts: &Facts<'_>, failures: &BTreeMap<Failure<'_>, Vec<&Delivery>>, verdict: &mut Verdict) {
    let mut allowed: BTreeMap<(Arc<str>, u32, u32), usize> = failures
        .iter()
        .map(|((group, id, attempt), failed)| (((*group).into(), *id, attempt + 1), failed.len()))
        .collect();
    for answer in facts.answers.iter().filter(|it| matches!(it.result, Err(PublishErrorKind::Unknown))) {
        let attempt = answer.copy.trail.attempt.and_then(|it| u32::try_from(it).ok());
        if let (Some(group), Some(id), Some(attempt)) = (&answer.copy.trail.group, answer.id, attempt) {
            *allowed.entry((group.as_str().into(), id, attempt)).or_default() += 1;
        }
    }
    let copies = facts.records.iter().filter(|(at, it)| !it.planned && !facts.is_moved(at, it.stored));
    for (at, copy) in copies {
        let Some((group, draft)) = copy.stored.trail.group.as_deref().zip(facts.draft(copy.id)) else { continue };
        if facts.team(group).is_some_and(|team| team.rejects(draft.content)) {
            continue;
        }
        let left = allowed.entry((group.into(), draft.id, attempt_of(at, copy.stored))).or_default();
        if *left == 0 {
            verdict.add(Rule::R4, copy.id, Some(at), "more copies than failures");
        }
        *left = left.saturating_sub(1);
    }
}
