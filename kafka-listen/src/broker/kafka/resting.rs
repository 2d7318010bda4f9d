//! Partitions that nobody takes from: what was read ahead of them is given up, and read again when it is wanted.
//!
//! librdkafka bounds what it reads ahead for each partition, never for all of them, and no bound keeps it from holding what one fetch
//! unpacks to. That is right for partitions that are read. Those whose holder has no room are shut, and may be so for hours:
//! waiting records fill it. Of thousands of them the queues alone would be many times the budget. So where partitions are so many
//! that they do not share it, one rests that was shut for a second, or of which its holder says that it will be: it is not fetched
//! and holds nothing, until its holder asks for more. The holder still has records of it then, and what lies behind them takes one
//! fetch to come. Where partitions are few none rests, since each fetch would be made many times over.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::config::SHARED_BY;
use super::consumer::{KafkaConsumer, now};
use super::leaving::Stage;
use super::partition::{Partition, Stay};
use crate::broker::Taken;
use crate::clock::Timestamp;
use crate::record::{AssignmentId, TopicPartition};

/// How long a partition may be shut. Short stops of a handler cost nothing.
const LONG: Duration = Duration::from_secs(1);

/// Which partitions are shut, the longest first, which are to rest at once, and which were asked for while they rested.
#[derive(Debug, Default)]
pub(super) struct Shut {
    number: u64,
    by_number: BTreeMap<u64, (AssignmentId, Timestamp)>,
    numbers: BTreeMap<AssignmentId, u64>,
    soon: Vec<AssignmentId>,
    wanted: BTreeSet<AssignmentId>,
}

impl Shut {
    /// It was taken from; there is more if it has no room for it now.
    pub(super) fn taken(&mut self, id: AssignmentId, taken: Taken, now: Timestamp) {
        self.forget(id);
        if taken == Taken::More {
            self.number += 1;
            self.by_number.insert(self.number, (id, now));
            self.numbers.insert(id, self.number);
        }
    }

    fn forget(&mut self, id: AssignmentId) {
        self.soon.retain(|soon| *soon != id);
        if let Some(number) = self.numbers.remove(&id) {
            self.by_number.remove(&number);
        }
    }

    /// There is something to take, and nobody may have room for it.
    pub(super) fn readable(&mut self, id: AssignmentId, now: Timestamp) {
        if !self.numbers.contains_key(&id) {
            self.taken(id, Taken::More, now);
        }
    }

    /// It will be shut for long.
    pub(super) fn soon(&mut self, id: AssignmentId) {
        self.forget(id);
        self.soon.push(id);
    }

    /// It rests, and is asked for.
    pub(super) fn wanted(&mut self, id: AssignmentId) {
        self.wanted.insert(id);
    }

    /// When the first of them is to rest.
    fn until(&self) -> Option<Timestamp> {
        self.by_number.first_key_value().map(|(_, (_, since))| since.after(LONG))
    }

    /// Those that are to rest now.
    fn take_long(&mut self, now: Timestamp) -> Vec<AssignmentId> {
        let mut long = std::mem::take(&mut self.soon);
        while self.until().is_some_and(|until| until <= now)
            && let Some((_, (id, _))) = self.by_number.pop_first()
        {
            self.numbers.remove(&id);
            long.push(id);
        }
        long
    }
}

impl KafkaConsumer {
    /// Has those fetched again that are wanted, and those rest that were shut for long.
    pub(super) fn rest_and_wake(&mut self) {
        if self.stage != Stage::Open {
            return;
        }
        let wanted = std::mem::take(&mut self.shut.wanted);
        if !wanted.is_empty() {
            self.wake_those(|id, _| wanted.contains(&id));
        }
        let mut long = self.shut.take_long(now());
        let are_many = self.assignments.len() > SHARED_BY;
        long.retain(|id| are_many && !self.stopped.contains_key(id));
        if !long.is_empty() {
            self.rest(&long);
        }
    }

    fn rest(&mut self, ids: &[AssignmentId]) {
        let held = ids.iter().filter_map(|&id| Some((id, self.assignments.get(id)?)));
        let owned: Vec<_> = held.filter(|(_, held)| held.stay == Stay::Owned && !held.rests()).collect();
        let places: Vec<_> = owned.iter().map(|(_, held)| (&held.place, held.next())).collect();
        let done = self.client.rest(&places).unwrap_or_else(|error| {
            // They are fetched as before, and may rest when they are shut the next time.
            tracing::debug!(group = self.group, error, "partitions do not rest");
            Vec::new()
        });
        let rest: Vec<_> = owned.iter().zip(done).filter(|(_, done)| *done).map(|((id, _), _)| *id).collect();
        for id in rest {
            self.assignments.get_mut(id).into_iter().for_each(Partition::rest);
        }
    }

    /// Has those of these partitions fetched again that rest. To be called before they go to somebody else, too: librdkafka would
    /// not fetch them should they come back.
    pub(super) fn wake_those(&mut self, are: impl Fn(AssignmentId, &TopicPartition) -> bool) {
        let resting = self.assignments.resting(are);
        if resting.is_empty() {
            return;
        }
        let places: Vec<_> = resting.iter().map(|(_, place, next)| (place, *next)).collect();
        let woken = self.client.wake(&places).unwrap_or_else(|error| {
            tracing::warn!(group = self.group, error, "partitions cannot be read again");
            Vec::new()
        });
        for (place, (id, ..)) in resting.iter().enumerate() {
            self.assignments.wake(*id);
            if woken.get(place) != Some(&true) {
                // librdkafka has stopped it meanwhile, and whatever it said of that was thrown away with its queue.
                self.stopped.insert(*id, now());
            }
        }
    }

    /// When a partition is to rest.
    pub(super) fn rest_at(&self) -> Option<Timestamp> {
        self.shut.until().filter(|_| self.stage == Stage::Open)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: AssignmentId = AssignmentId(1);

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    #[test]
    fn one_that_is_taken_from_now_and_then_does_not_rest() {
        let mut shut = Shut::default();
        assert_eq!(shut.until(), None, "nothing to wake up for");
        shut.taken(ONE, Taken::More, at(0));
        shut.taken(ONE, Taken::More, at(900));
        assert!(shut.take_long(at(1_899)).is_empty());
        assert_eq!(shut.until(), Some(at(1_900)));
        assert_eq!(shut.take_long(at(1_900)), [ONE]);
        assert_eq!(shut.until(), None, "once");
    }

    #[test]
    fn one_that_was_read_to_its_end_is_fetched_always() {
        let mut shut = Shut::default();
        shut.taken(ONE, Taken::More, at(0));
        shut.taken(ONE, Taken::Drained, at(0));
        assert!(shut.take_long(at(1 << 40)).is_empty());
    }

    #[test]
    fn one_that_is_readable_and_never_taken_from_rests() {
        let mut shut = Shut::default();
        shut.readable(ONE, at(0));
        shut.readable(ONE, at(999));
        assert_eq!(shut.take_long(at(1_000)), [ONE]);
    }

    #[test]
    fn one_of_which_its_holder_says_so_rests_at_once() {
        let mut shut = Shut::default();
        shut.taken(ONE, Taken::More, at(0));
        shut.soon(ONE);
        assert_eq!(shut.take_long(at(0)), [ONE]);
        assert!(shut.take_long(at(1 << 40)).is_empty(), "once");
        shut.soon(ONE);
        shut.taken(ONE, Taken::Drained, at(0));
        assert!(shut.take_long(at(0)).is_empty(), "nobody would ask for it again");
    }
}
