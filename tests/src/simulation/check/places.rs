//! Which record lies where: copies that only their origin tells, topics that were deleted and made anew, records that were
//! written once more.

use std::sync::Arc;

use super::facts::Facts;
use crate::simulation::chain::SOURCE;
use crate::simulation::fault::Fault;
use crate::simulation::history::{Place, Stored};

impl Facts<'_> {
    /// What was cut down to its origin is known by that.
    pub(super) fn resolve_ids(&mut self) {
        let unknown = self.records.iter().filter(|(_, it)| it.id.is_none());
        let known: Vec<_> = unknown.filter_map(|(at, it)| Some((at.clone(), self.by_origin(it.stored)?))).collect();
        for (at, id) in known {
            self.records.entry(at).and_modify(|lying| lying.id = Some(id));
        }
        let ids: Vec<_> = self.answers.iter().map(|it| it.id.or_else(|| self.by_origin(it.copy))).collect();
        self.answers.iter_mut().zip(ids).for_each(|(answer, id)| answer.id = id);
    }

    /// The record that first lay where a copy names its origin, at the time that it tells; in another life of the topic there may
    /// be another.
    fn by_origin(&self, copy: &Stored) -> Option<u32> {
        let (topic, partition, offset) = copy.trail.origin.as_ref()?;
        let mut there = self.lives(topic, *partition, *offset).filter_map(|place| self.records.get(&place));
        there.find(|it| it.stored.time == copy.trail.first)?.id
    }

    /// Where the broker's own name of a place may be: once for each life of the topic.
    pub fn lives(&self, topic: &str, partition: i32, offset: i64) -> impl Iterator<Item = Place> {
        let topic: Arc<str> = topic.into();
        (0..=self.deletions).map(move |life| Place {
            topic: topic.clone(),
            partition,
            offset: offset + life * Place::LIFE,
        })
    }

    /// Where a record lies that an instance has: it may have been deleted meanwhile, and its topic made anew.
    pub(super) fn lies(&self, at: &Place) -> Place {
        let earlier = std::iter::successors(Some(at.clone()), Place::before);
        earlier.into_iter().find(|place| self.records.contains_key(place)).unwrap_or_else(|| at.clone())
    }

    /// Whether a copy of this record went with its topic.
    pub fn was_deleted(&self, id: u32) -> bool {
        let mut copies = self.records.iter().filter(|(at, it)| it.id == Some(id) && &*at.topic != SOURCE);
        self.has_seen(Fault::Deleted.kind()) && copies.any(|(_, it)| it.removed.is_some())
    }

    /// Whether a record of a retry topic is one that made way for others, written once more.
    pub fn is_moved(&self, at: &Place, stored: &Stored) -> bool {
        let first = Place { offset: 0, ..at.clone() };
        let mut before = self.moved.range(first..at.clone());
        before.any(|(before, moves)| moves.iter().any(|(by, _)| self.is_again(before, stored, *by)))
    }

    /// Whether `stored` is what lies here, which made way for others, written once more by this instance: the same to the byte, but for
    /// a due time that it could not believe when it read it.
    pub fn is_again(&self, at: &Place, stored: &Stored, by: usize) -> bool {
        let Some((before, moves)) = self.records.get(at).zip(self.moved.get(at)) else { return false };
        let (Some(told), Some(due)) = (before.stored.trail.due, stored.trail.due) else {
            return before.stored.is_same(stored);
        };
        let clock_was_set = self.clock_was_set(by);
        moves.iter().filter(|(instance, _)| *instance == by).any(|(_, moved)| {
            let read = self.believable(by, before.appended)..=self.believable(by, *moved);
            if told == due {
                before.stored.is_same(stored) && (clock_was_set || told <= *read.end())
            } else {
                before.stored.is_same_but_due(stored) && due < told && (clock_was_set || read.contains(&due))
            }
        })
    }
}
