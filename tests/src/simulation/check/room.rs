//! Where few records may be held: whether there was room for one, whatever waits beside it. Sure it is where little counts for the
//! window and few bytes are held, or where long waits are among them, for which there is more.

use std::sync::Arc;

use super::facts::{Delivery, Facts, Lying, Read};
use crate::simulation::chain::{SOURCE, is_dead};
use crate::simulation::history::{Place, Stored};
use crate::simulation::team::Team;

/// A wait that is by so many milliseconds longer than its topic's delay is a long one.
const LONG: u64 = 1_000;
/// In so many milliseconds all is read that there is room for.
const SOON: u64 = 5;

/// Whether there was room for a delivery's record when the run had gone on for so long.
pub fn had_room(facts: &Facts<'_>, delivery: &Delivery, now: u64) -> bool {
    let Some(team) = facts.team(&delivery.group) else { return false };
    let Some((window, bytes, all)) = team.limits else { return true };
    if when_it_was_read_counts(facts, team, delivery) {
        return false;
    }
    let before = Before::of(facts, team, delivery, now);
    let held = before.all_that_is_held();
    // So little that whoever found no room before was told.
    held <= all / 16 * 5
        && before.counted() <= window - window.div_ceil(4)
        && (before.bytes() <= bytes / 4 * 3 || before.has_long_wait(bytes / 4 * 3))
}

/// Whether a delivery begins when it does because its record was read when it was, which nobody told: what waits for others of its
/// batch, or is due beyond belief.
fn when_it_was_read_counts(facts: &Facts<'_>, team: &Team, delivery: &Delivery) -> bool {
    let waits_for_others = team.shape.wait > 0 && &*delivery.at.topic == SOURCE;
    waits_for_others || facts.could_be_read(delivery).is_none_or(|read| facts.is_doubtful(delivery, read))
}

/// What lies before a record in its partition and is not committed.
struct Before<'f> {
    facts: &'f Facts<'f>,
    team: &'f Team,
    delivery: &'f Delivery,
    now: u64,
    records: Vec<(&'f Place, &'f Lying<'f>)>,
}

impl<'f> Before<'f> {
    fn of(facts: &'f Facts<'f>, team: &'f Team, delivery: &'f Delivery, now: u64) -> Self {
        let of = (delivery.group.clone(), delivery.at.topic.clone(), delivery.at.partition);
        let from = committed(facts, &of, now).max(facts.assignment(delivery).map_or(0, |(.., from)| from));
        let records = facts.between(&of, from, delivery.at.offset).filter(|(_, it)| !it.aborted).collect();
        Self { facts, team, delivery, now, records }
    }

    /// How many count for the window: all but those that surely wait.
    fn counted(&self) -> usize {
        self.records.iter().filter(|(at, it)| self.waits_until(at, it).is_none()).count()
    }

    fn bytes(&self) -> usize {
        self.records.iter().map(|(_, it)| memory(it.stored)).sum()
    }

    /// Whether one is among them that was read in any case, with no more than so many bytes before it.
    fn has_long_wait(&self, most: usize) -> bool {
        let delays = self.team.versions.iter().flat_map(|chain| chain.delays());
        let long = self.now + delays.max().unwrap_or(0) + LONG + SOON;
        let mut bytes = 0;
        self.records.iter().any(|(at, it)| {
            let is_long = bytes <= most && self.waits_until(at, it).is_some_and(|due| due > long);
            bytes += memory(it.stored);
            is_long
        })
    }

    /// Until when a record waits, if it is sure that it does: it is ours, nothing was done with it yet, and it is not due soon.
    fn waits_until(&self, at: &Place, it: &Lying<'_>) -> Option<u64> {
        let is_retry = &*at.topic != SOURCE && !is_dead(&at.topic);
        let is_left = self.facts.moved.contains_key(at) || self.facts.is_foreign(&self.delivery.group, at, it.stored);
        if !is_retry || is_left {
            return None;
        }
        let (_, assigned, _) = self.facts.assignment(self.delivery)?;
        let instance = self.delivery.instance;
        let due = it.stored.trail.due?.min(self.facts.believable(instance, it.appended.max(assigned)));
        Some(self.facts.steady(instance, due)).filter(|due| *due > self.now + SOON)
    }

    /// The most bytes that whoever reads this may hold of all that it reads.
    fn all_that_is_held(&self) -> usize {
        let kind = |topic: &str| (topic == SOURCE, is_dead(topic));
        let its = |topic: &str| kind(topic) == kind(&self.delivery.at.topic);
        let mut topics: Vec<_> = self.team.reads().into_iter().map(|(_, topic)| topic).filter(|it| its(it)).collect();
        topics.dedup();
        let partitions = topics.iter().flat_map(|topic| {
            let topic: Arc<str> = topic.as_str().into();
            (0..PARTITIONS).map(move |partition| (self.delivery.group.clone(), topic.clone(), partition))
        });
        let held = |of: Read| {
            let held = self.facts.between(&of, committed(self.facts, &of, self.now), i64::MAX);
            let held = held.filter(|(_, it)| it.appended.ms <= self.now + SOON && !it.aborted);
            held.map(|(_, it)| memory(it.stored)).sum::<usize>()
        };
        partitions.map(held).sum()
    }
}

/// The most partitions that a topic has here.
const PARTITIONS: i32 = 16;

/// Up to where a partition was committed before.
fn committed(facts: &Facts<'_>, of: &Read, now: u64) -> i64 {
    let committed = facts.reads.get(of).into_iter().flat_map(|reading| &reading.committed);
    committed.filter(|(at, _)| at.ms < now).map(|(_, upto)| *upto).max().unwrap_or(0)
}

/// The most bytes that a record takes as long as it is held.
fn memory(stored: &Stored) -> usize {
    const KEEPING: usize = 300;
    const LENGTH: usize = 4;
    let length = |it: Option<&bytes::Bytes>| LENGTH + it.map_or(0, bytes::Bytes::len);
    let headers = stored.headers.iter().map(|it| length(Some(&it.name)) + length(it.value.as_ref()));
    KEEPING + length(stored.key.as_ref()) + length(stored.value.as_ref()) + headers.sum::<usize>()
}
