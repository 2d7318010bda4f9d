//! Lanes: records of one lane run one after the other, lanes run side by side.
//!
//! A lane that is free hands out all it holds as one [`Run`]; whoever runs it reports as it goes. A run that stops
//! before its end (at a failure that will be tried again in place, or because the partition leaves) gives the rest back, and
//! the lane goes on with it.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use crate::clock::Timestamp;
use crate::record::Record;

/// Which records of a partition may run side by side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[doc(hidden)]
pub enum Order {
    /// None: one at a time.
    #[default]
    Partition,
    /// Those of different keys, and those without a key.
    Key,
    /// All.
    None,
}

/// A record that waits for its handler.
#[derive(Debug)]
pub(crate) struct Queued {
    /// Its number within the assignment.
    pub(crate) number: u64,
    /// The record.
    pub(crate) record: Record,
    /// Which delivery through topics this will be.
    pub(crate) attempt: u32,
    /// Which try in place.
    pub(crate) in_place: u32,
}

/// Names a lane of a partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum LaneId {
    /// The only one.
    Whole,
    /// That of all keys with this hash.
    Key(u64),
    /// That of this record alone.
    Single(u64),
}

/// Records to be handled one after the other.
#[derive(Debug)]
pub(crate) struct Run {
    /// Their lane.
    pub(crate) lane: LaneId,
    /// The records, in order.
    pub(crate) records: VecDeque<Queued>,
}

/// The lanes of one partition.
#[derive(Debug)]
pub(crate) struct Lanes {
    order: Order,
    lanes: HashMap<LaneId, Lane>,
    free: VecDeque<LaneId>,
    resting: BTreeSet<(Timestamp, u64)>,
    resting_lanes: HashMap<u64, LaneId>,
    running: usize,
}

#[derive(Debug, Default)]
struct Lane {
    queue: VecDeque<Queued>,
    taken: bool,
}

impl Lanes {
    pub(crate) fn new(order: Order) -> Self {
        Self {
            order,
            lanes: HashMap::new(),
            free: VecDeque::new(),
            resting: BTreeSet::new(),
            resting_lanes: HashMap::new(),
            running: 0,
        }
    }

    /// Puts a record at the end of its lane.
    pub(crate) fn push(&mut self, queued: Queued) {
        let id = self.lane_of(&queued);
        let lane = self.lanes.entry(id).or_default();
        if !lane.taken && lane.queue.is_empty() {
            self.free.push_back(id);
        }
        lane.queue.push_back(queued);
    }

    /// All that may start now.
    pub(crate) fn start(&mut self, now: Timestamp) -> Vec<Run> {
        while let Some(&(until, number)) = self.resting.first().filter(|(until, _)| *until <= now) {
            self.resting.remove(&(until, number));
            self.free.extend(self.resting_lanes.remove(&number));
        }
        let mut runs = Vec::with_capacity(self.free.len());
        while let Some(id) = self.free.pop_front() {
            let Some(lane) = self.lanes.get_mut(&id) else { continue };
            lane.taken = true;
            runs.push(Run { lane: id, records: std::mem::take(&mut lane.queue) });
        }
        self.running += runs.len();
        runs
    }

    /// A run is over; `rest` are its records that did not start.
    pub(crate) fn over(&mut self, id: LaneId, rest: VecDeque<Queued>) {
        self.running = self.running.saturating_sub(1);
        if self.give_back(id, rest) {
            self.free.push_back(id);
        }
    }

    /// A run is over, and `again`, the record it stopped at, runs once more at `at`, before everything else in its lane.
    pub(crate) fn over_until(&mut self, id: LaneId, again: Queued, mut rest: VecDeque<Queued>, at: Timestamp) {
        self.running = self.running.saturating_sub(1);
        let number = again.number;
        rest.push_front(again);
        self.give_back(id, rest);
        if let Some(lane) = self.lanes.get_mut(&id) {
            // Nobody may start it before its time, as if it ran.
            lane.taken = true;
        }
        self.resting.insert((at, number));
        self.resting_lanes.insert(number, id);
    }

    /// When the next resting lane goes on.
    pub(crate) fn next(&self) -> Option<Timestamp> {
        Some(self.resting.first()?.0)
    }

    /// The clock stepped back: a pause lasts no longer for it.
    pub(crate) fn step_back(&mut self, step: Duration) {
        self.resting = self.resting.iter().map(|&(until, number)| (until.before(step), number)).collect();
    }

    /// How many runs have started and are not over.
    pub(crate) fn running(&self) -> usize {
        self.running
    }

    /// Forgets all that has not started.
    pub(crate) fn clear(&mut self) {
        self.free.clear();
        self.resting.clear();
        self.resting_lanes.clear();
        self.lanes.values_mut().for_each(|lane| lane.queue.clear());
    }

    /// Puts `rest` before what came meanwhile; whether there is anything to run. An empty lane is forgotten.
    fn give_back(&mut self, id: LaneId, mut rest: VecDeque<Queued>) -> bool {
        let Some(lane) = self.lanes.get_mut(&id) else { return false };
        if rest.is_empty() {
            // The usual case, and the queue is long: it stays where it is.
            std::mem::swap(&mut rest, &mut lane.queue);
        } else {
            rest.append(&mut lane.queue);
        }
        if rest.is_empty() {
            self.lanes.remove(&id);
            return false;
        }
        *lane = Lane { queue: rest, taken: false };
        true
    }

    fn lane_of(&self, queued: &Queued) -> LaneId {
        match (self.order, queued.record.key()) {
            (Order::Partition, _) => LaneId::Whole,
            (Order::Key, Some(key)) => {
                let mut hasher = DefaultHasher::new();
                key.hash(&mut hasher);
                LaneId::Key(hasher.finish())
            }
            (Order::Key, None) | (Order::None, _) => LaneId::Single(queued.number),
        }
    }
}
