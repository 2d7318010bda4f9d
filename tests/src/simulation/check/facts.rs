//! A history, sorted by what the checks ask for.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use kafka_listen::testing::PublishErrorKind;

use crate::simulation::chain::{SOURCE, is_dead};
use crate::simulation::fault::Fault;
use crate::simulation::history::{Ending, Entry, Place, Stored, What};
use crate::simulation::plan::{Draft, Plan};
use crate::simulation::team::Team;

/// When something happened: its line in the history, and the time by a clock that nobody sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment {
    pub line: usize,
    pub ms: u64,
}

/// A record in a log.
#[derive(Debug)]
pub struct Lying<'h> {
    pub id: Option<u32>,
    pub stored: &'h Stored,
    pub appended: Moment,
    /// Whether the plan wrote it, not the application.
    pub planned: bool,
    pub aborted: bool,
    /// When the broker removed it, and whether by compaction, of which nobody is told.
    pub removed: Option<(Moment, bool)>,
}

/// A call of a handler, or a record's part in it.
#[derive(Debug)]
pub struct Delivery {
    /// Its place among all of them.
    pub number: usize,
    /// The same for all records of a batch.
    pub batch: usize,
    pub instance: usize,
    pub group: Arc<str>,
    pub at: Place,
    pub attempt: u32,
    pub in_place: u32,
    pub id: Option<u32>,
    pub begun: Moment,
    /// Nothing, if the run ended before.
    pub ended: Option<(Moment, Ending)>,
}

/// What became of a publish.
#[derive(Debug)]
pub struct Answer<'h> {
    /// The instance that wrote it, and when it was told.
    pub by: usize,
    pub at: Moment,
    pub id: Option<u32>,
    pub copy: &'h Stored,
    pub result: Result<&'h Place, PublishErrorKind>,
}

/// A partition as one group reads it.
#[derive(Debug, Default)]
pub struct Reading {
    /// When it came to somebody, and from where on it was read.
    pub assigned: Vec<(Moment, i64)>,
    pub committed: Vec<(Moment, i64)>,
}

/// The group of a service, and a partition that it reads.
pub type Read = (Arc<str>, Arc<str>, i32);

/// All of it.
pub struct Facts<'h> {
    pub plan: &'h Plan,
    pub history: &'h [Entry],
    pub records: BTreeMap<Place, Lying<'h>>,
    /// Where the plan's records lie.
    pub planned: BTreeMap<u32, Place>,
    pub deliveries: Vec<Delivery>,
    pub answers: Vec<Answer<'h>>,
    pub reads: BTreeMap<Read, Reading>,
    /// What instances told of records that are gone: the group, the first of them, and the offset behind the last.
    pub gone: Vec<(&'h Arc<str>, &'h Place, i64)>,
    /// What instances told that they write once more: which of them, and when.
    pub moved: BTreeMap<Place, Vec<(usize, Moment)>>,
    /// The group that each instance is of.
    pub groups: BTreeMap<usize, &'h str>,
    pub killed: BTreeMap<usize, Moment>,
    pub stopping: BTreeMap<usize, Moment>,
    pub stopped: BTreeMap<usize, Moment>,
    /// Deliveries that were told that they are being given up.
    pub told: BTreeMap<usize, Moment>,
    /// When an instance paused its listener, and until when.
    pub pauses: Vec<(usize, Moment, Option<Moment>)>,
    pub outages: Vec<(u64, u64)>,
    /// By how much the clock of an instance is ahead when it starts, and is set: when, and by how much.
    pub ahead: BTreeMap<usize, i64>,
    pub steps: Vec<(usize, Moment, i64)>,
    /// How many topics were deleted.
    pub(super) deletions: i64,
    faults: BTreeSet<&'static str>,
}

impl<'h> Facts<'h> {
    pub fn of(plan: &'h Plan, history: &'h [Entry]) -> Self {
        let mut facts = Self {
            plan,
            history,
            records: BTreeMap::new(),
            planned: BTreeMap::new(),
            deliveries: Vec::new(),
            answers: Vec::new(),
            reads: BTreeMap::new(),
            gone: Vec::new(),
            moved: BTreeMap::new(),
            groups: BTreeMap::new(),
            killed: BTreeMap::new(),
            stopping: BTreeMap::new(),
            stopped: BTreeMap::new(),
            told: BTreeMap::new(),
            pauses: Vec::new(),
            outages: Vec::new(),
            ahead: BTreeMap::new(),
            steps: Vec::new(),
            deletions: 0,
            faults: BTreeSet::new(),
        };
        for (line, entry) in history.iter().enumerate() {
            facts.take(Moment { line, ms: entry.ms }, &entry.what);
        }
        facts.resolve_ids();
        facts.settle_acks();
        facts
    }

    fn take(&mut self, now: Moment, what: &'h What) {
        match what {
            What::Appended { at, record } => {
                let lying = Lying {
                    id: record.id,
                    stored: record,
                    appended: now,
                    planned: false,
                    aborted: false,
                    removed: None,
                };
                self.records.insert(at.clone(), lying);
            }
            What::Planned { at, aborted } => {
                if let Some(lying) = self.records.get_mut(at) {
                    (lying.planned, lying.aborted) = (true, *aborted);
                    self.planned.extend(lying.id.map(|id| (id, at.clone())));
                }
            }
            What::Answered { instance, record, answer, .. } => {
                let result = answer.as_ref().map_err(|kind| *kind);
                self.answers.push(Answer { by: *instance, at: now, id: record.id, copy: record, result });
            }
            What::Committed { group, upto } => self.reading(group, upto).committed.push((now, upto.offset)),
            What::Assigned { group, from } => self.reading(group, from).assigned.push((now, from.offset)),
            What::Begun { delivery, batch, instance, group, at, attempt, in_place, id, .. } => {
                self.deliveries.push(Delivery {
                    number: *delivery,
                    batch: *batch,
                    instance: *instance,
                    group: group.clone(),
                    at: self.lies(at),
                    attempt: *attempt,
                    in_place: *in_place,
                    id: *id,
                    begun: now,
                    ended: None,
                });
            }
            What::Removed { at, silently } => {
                self.records.get_mut(at).into_iter().for_each(|it| it.removed = it.removed.or(Some((now, *silently))));
            }
            What::MovedBack { instance, at } => {
                self.moved.entry(self.lies(at)).or_default().push((*instance, now));
            }
            What::Gone { group, from, upto } => self.gone.push((group, from, *upto)),
            What::Ended { delivery, ending } => self.ended(*delivery, now, *ending),
            What::Deleted { .. } => self.deletions += 1,
            What::Told { delivery } => drop(self.told.insert(*delivery, now)),
            What::Paused { instance } => self.pauses.push((*instance, now, None)),
            What::Resumed { instance } => {
                let open = self.pauses.iter_mut().filter(|(of, _, until)| of == instance && until.is_none());
                open.for_each(|(.., until)| *until = Some(now));
            }
            What::Started { instance, team, ahead, .. } => {
                self.ahead.insert(*instance, *ahead);
                self.groups.insert(*instance, &self.plan.teams[*team].group);
            }
            What::ClockSet { instance, millis } => self.steps.push((*instance, now, *millis)),
            What::Stopped { instance } => drop(self.stopped.insert(*instance, now)),
            What::Stopping { instance } => drop(self.stopping.insert(*instance, now)),
            What::Killed { instance } => drop(self.killed.insert(*instance, now)),
            What::Back => self.outages.iter_mut().for_each(|outage| outage.1 = outage.1.min(now.ms)),
            What::Fault(fault) => {
                self.faults.insert(fault.kind());
                if *fault == Fault::Outage {
                    self.outages.push((now.ms, u64::MAX));
                }
            }
            _ => {}
        }
    }

    /// What was cancelled because it took too long has failed.
    fn ended(&mut self, delivery: usize, now: Moment, ending: Ending) {
        let limit = self.team(&self.deliveries[delivery].group).and_then(|team| team.shape.timeout);
        let delivery = &mut self.deliveries[delivery];
        let took = Some(now.ms - delivery.begun.ms);
        let is_over = ending == Ending::Cancelled && took == limit;
        delivery.ended = Some((now, if is_over { Ending::Failed } else { ending }));
    }

    fn reading(&mut self, consumer_group: &str, of: &Place) -> &mut Reading {
        let role = role(&of.topic);
        let group = consumer_group.strip_suffix(role).unwrap_or(consumer_group);
        self.reads.entry((group.into(), of.topic.clone(), of.partition)).or_default()
    }

    /// Whether this kind of thing was done to the world.
    pub fn has_seen(&self, kind: &str) -> bool {
        self.faults.contains(kind)
    }

    /// Whether nothing went wrong in the whole run: instances may have come and gone, but not died.
    pub fn is_calm(&self) -> bool {
        self.killed.is_empty()
            && self.faults.iter().all(|fault| ["transaction aborted", "partition added"].contains(fault))
    }

    pub fn draft(&self, id: Option<u32>) -> Option<&'h Draft> {
        self.plan.records.get(id? as usize)
    }

    pub fn team(&self, group: &str) -> Option<&'h Team> {
        self.plan.teams.iter().find(|team| team.group == group)
    }

    /// Whether a record of a chain topic belongs to another group.
    pub fn is_foreign(&self, group: &str, at: &Place, stored: &Stored) -> bool {
        &*at.topic != SOURCE && stored.trail.group.as_deref().is_some_and(|named| named != group)
    }

    /// The records of a partition from one offset up to another.
    pub fn between(&self, of: &Read, from: i64, upto: i64) -> impl Iterator<Item = (&Place, &Lying<'h>)> {
        let place = |offset| Place { topic: of.1.clone(), partition: of.2, offset };
        self.records.range(place(from)..place(upto.max(from)))
    }

    /// When this delivery's partition had come to its group, and from where on it was read.
    pub fn assignment(&self, delivery: &Delivery) -> Option<(usize, Moment, i64)> {
        let of = (delivery.group.clone(), delivery.at.topic.clone(), delivery.at.partition);
        let assigned = &self.reads.get(&of)?.assigned;
        let number = assigned.iter().rposition(|(at, _)| at.line < delivery.begun.line)?;
        Some((number, assigned[number].0, assigned[number].1))
    }
}

/// What the name of a topic's consumer group ends in.
fn role(topic: &str) -> &'static str {
    match topic {
        SOURCE => "",
        dead if is_dead(dead) => "-dlt",
        _ => "-retry",
    }
}

/// The number of the delivery that a record of this topic is for.
pub fn attempt_of(at: &Place, stored: &Stored) -> u32 {
    if &*at.topic == SOURCE {
        return 1;
    }
    let told = stored.trail.attempt.filter(|attempt| (1..=32_767).contains(attempt)).unwrap_or(1);
    u32::try_from(told).unwrap_or(1).max(2)
}

impl Delivery {
    pub fn failed(&self) -> Option<Moment> {
        self.ended.filter(|(_, ending)| matches!(ending, Ending::Failed | Ending::Panicked)).map(|(at, _)| at)
    }

    /// Whether it asked its listener to stop, so that it begins again.
    pub fn stopped(&self) -> bool {
        self.ended.is_some_and(|(_, ending)| ending == Ending::Stopped)
    }

    pub fn handled(&self) -> bool {
        self.ended.is_some_and(|(_, ending)| ending == Ending::Handled)
    }
}
