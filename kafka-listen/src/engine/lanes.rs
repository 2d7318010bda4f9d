//! Lanes: records of one lane run one after the other, lanes run side by side.
//!
//! A lane hands out all it holds as one [`Run`]; whoever runs it reports as it goes, and runs of one lane one after the other.
//! A run that stops before its end (at a failure that will be tried again in place, or because the partition halts) gives the
//! rest back, and the lane goes on with it. So a lane that may stop, or runs beside others, has one run out at a time. One that
//! is a whole partition hands out the next while one still runs, and nobody waits between them. Should they be given back
//! after all, they are put together in their order, whichever comes back first.
//!
//! For a handler that takes batches a run is one batch. Where none waits for another, a partition's records are collected in one
//! lane, and each batch of them gets a lane of its own when it goes out.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::time::Duration;

use super::batches::{Batches, Batching, Partial};
use super::run::{LaneId, Queued, Run, RunId};
use crate::clock::Timestamp;
use crate::sabotage::{Rule, broken};

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

/// The lanes of one partition.
#[derive(Debug)]
pub(crate) struct Lanes {
    order: Order,
    /// Whether a run may stop at a failure.
    may_stop: bool,
    /// Cuts what lies in the lane that is a whole partition, if the handler takes batches.
    batches: Option<Batches>,
    lanes: BTreeMap<LaneId, Lane>,
    free: VecDeque<LaneId>,
    resting: BTreeSet<(Timestamp, u64)>,
    resting_lanes: HashMap<u64, LaneId>,
    running: usize,
    /// The empty queues of runs that are over, to be filled again.
    emptied: Vec<VecDeque<Queued>>,
}

#[derive(Debug, Default)]
struct Lane {
    queue: VecDeque<Queued>,
    /// Runs that are not over.
    out: usize,
    /// When one of them was last heard of.
    heard: Option<Timestamp>,
    /// The place of the next run.
    next: u64,
    /// What came back while others are still out, by the place of its run.
    returned: BTreeMap<u64, VecDeque<Queued>>,
    /// Nothing more goes out: what is out may stop, or a record rests before everything else.
    closed: bool,
}

impl Lane {
    /// A run of these records goes out; nothing more until it is over, if that `closes` the lane.
    fn hand_out(&mut self, id: LaneId, records: VecDeque<Queued>, closes: bool, now: Timestamp) -> Run {
        let place = self.next;
        self.next += 1;
        if self.out == 0 {
            self.heard = Some(now);
        }
        self.out += 1;
        self.closed = closes;
        Run { id: RunId { lane: id, place }, records }
    }
}

impl Lanes {
    /// As many emptied queues are kept as runs may be out of a lane that is fetched a quarter of its window at a time.
    const EMPTIED: usize = 4;

    pub(crate) fn new(order: Order, may_stop: bool, batching: Option<Batching>) -> Self {
        Self {
            order,
            may_stop,
            batches: batching.map(Batches::new),
            lanes: BTreeMap::new(),
            free: VecDeque::new(),
            resting: BTreeSet::new(),
            resting_lanes: HashMap::new(),
            running: 0,
            emptied: Vec::new(),
        }
    }

    /// Puts a record at the end of its lane.
    #[inline]
    pub(crate) fn push(&mut self, queued: Queued) {
        let id = self.lane_of(&queued);
        let lane = self.lanes.entry(id).or_default();
        if lane.queue.is_empty() {
            self.free.push_back(id);
        }
        lane.queue.push_back(queued);
    }

    /// All records whose number is below have come by now.
    pub(crate) fn came(&mut self, below: u64, now: Timestamp) {
        if let (Some(batches), Some(whole)) = (&mut self.batches, self.lanes.get(&LaneId::Whole)) {
            batches.came(&whole.queue, below, now);
        }
    }

    /// All that may start now; batches that are not full, too, if `no_more` can come.
    pub(crate) fn start(&mut self, now: Timestamp, no_more: bool) -> Vec<Run> {
        while let Some(&(until, number)) = self.resting.first().filter(|(until, _)| *until <= now) {
            self.resting.remove(&(until, number));
            if let Some(id) = self.resting_lanes.remove(&number) {
                self.open(id);
            }
        }
        if self.batches.is_some() {
            return self.start_batches(now, no_more);
        }
        let mut runs = Vec::with_capacity(self.free.len());
        while let Some(id) = self.free.pop_front() {
            let Some(lane) = self.lanes.get_mut(&id) else { continue };
            if lane.closed || lane.queue.is_empty() {
                continue;
            }
            let records = std::mem::replace(&mut lane.queue, self.emptied.pop().unwrap_or_default());
            runs.push(lane.hand_out(id, records, self.may_stop || id != LaneId::Whole, now));
        }
        self.running += runs.len();
        runs
    }

    fn start_batches(&mut self, now: Timestamp, no_more: bool) -> Vec<Run> {
        let mut runs = Vec::new();
        let Some(batches) = &mut self.batches else { return runs };
        for id in std::iter::once(LaneId::Whole).chain(self.free.drain(..)) {
            while let Some(lane) = self.lanes.get_mut(&id).filter(|lane| !lane.closed) {
                let partial = match id {
                    LaneId::Whole if lane.out > 0 => Partial::Never,
                    LaneId::Whole if !no_more => Partial::InTime,
                    _ => Partial::Now,
                };
                let Some(records) = batches.cut(&mut lane.queue, partial, now, &mut self.emptied) else { break };
                let run = match records.front() {
                    // What runs again does so in the lane that it has already.
                    Some(first) if self.order == Order::None && id == LaneId::Whole => {
                        let id = LaneId::Single(first.number);
                        self.lanes.entry(id).or_default().hand_out(id, records, true, now)
                    }
                    _ => lane.hand_out(id, records, self.may_stop || id != LaneId::Whole, now),
                };
                runs.push(run);
            }
        }
        self.running += runs.len();
        runs
    }

    /// A run was heard of.
    pub(crate) fn heard(&mut self, run: RunId, now: Timestamp) {
        self.lanes.get_mut(&run.lane).into_iter().for_each(|lane| lane.heard = Some(now));
    }

    /// When each lane that has something out was last heard of.
    pub(crate) fn last_heard(&self) -> impl Iterator<Item = Timestamp> {
        self.lanes.values().filter(|lane| lane.out > 0).filter_map(|lane| lane.heard)
    }

    /// What is out may stop: nothing more follows it before it is over.
    pub(crate) fn halt(&mut self) {
        self.lanes.values_mut().for_each(|lane| lane.closed |= lane.out > 0);
    }

    /// A run is over; `rest` are its records that did not start.
    pub(crate) fn over(&mut self, run: RunId, rest: VecDeque<Queued>) {
        self.give_back(run, rest);
        self.open(run.lane);
    }

    /// A run is over, and `again`, the record it stopped at, or those of a batch that failed, run once more at `at`, before
    /// everything else in their lane.
    pub(crate) fn over_until(&mut self, run: RunId, again: Vec<Queued>, mut rest: VecDeque<Queued>, at: Timestamp) {
        for queued in again.into_iter().rev() {
            self.resting.insert((at, queued.number));
            self.resting_lanes.insert(queued.number, run.lane);
            rest.push_front(queued);
            if broken(Rule::Blocking) {
                rest.rotate_left(1);
            }
        }
        self.give_back(run, rest);
    }

    /// When the next resting lane goes on, or a batch has waited long enough.
    pub(crate) fn next(&self) -> Option<Timestamp> {
        let resting = self.resting.first().map(|(at, _)| *at);
        resting.into_iter().chain(self.next_batch()).min()
    }

    fn next_batch(&self) -> Option<Timestamp> {
        let (batches, lane) = (self.batches.as_ref()?, self.lanes.get(&LaneId::Whole)?);
        batches.next(&lane.queue).filter(|_| !lane.closed && lane.out == 0)
    }

    /// The clock stepped back: a pause lasts no longer for it.
    pub(crate) fn step_back(&mut self, step: Duration) {
        self.resting = self.resting.iter().map(|&(until, number)| (until.before(step), number)).collect();
        self.batches.iter_mut().for_each(|batches| batches.step_back(step));
        self.lanes.values_mut().for_each(|lane| lane.heard = lane.heard.map(|heard| heard.before(step)));
    }

    /// How many runs have started and are not over.
    pub(crate) fn running(&self) -> usize {
        self.running
    }

    /// The records that rest, and until when.
    pub(crate) fn resting(&self) -> impl Iterator<Item = (u64, Timestamp)> {
        self.resting.iter().map(|&(until, number)| (number, until))
    }

    /// Forgets what has not started, but for these.
    pub(crate) fn retain(&mut self, keep: impl Fn(u64) -> bool) {
        for lane in self.lanes.values_mut() {
            let queues = lane.returned.values_mut().chain([&mut lane.queue]);
            queues.for_each(|queue| queue.retain(|queued| keep(queued.number)));
        }
        let gone: Vec<_> = self.resting.extract_if(.., |(_, number)| !keep(*number)).collect();
        let left: BTreeSet<_> = gone.iter().filter_map(|(_, number)| self.resting_lanes.remove(number)).collect();
        for id in left {
            // Of a batch several rest together: those that are kept have their time yet.
            if !self.resting_lanes.values().any(|lane| *lane == id) {
                self.open(id);
            }
        }
    }

    /// Whether nothing waits for its turn.
    pub(crate) fn is_empty(&self) -> bool {
        self.lanes.values().all(|lane| lane.queue.is_empty())
    }

    /// Puts what all runs give back before what came meanwhile, once none of them is out.
    fn give_back(&mut self, run: RunId, rest: VecDeque<Queued>) {
        self.running = self.running.saturating_sub(1);
        let Some(lane) = self.lanes.get_mut(&run.lane) else { return };
        lane.out = lane.out.saturating_sub(1);
        if !rest.is_empty() {
            lane.returned.insert(run.place, rest);
        } else if self.emptied.len() < Self::EMPTIED {
            self.emptied.push(rest);
        }
        if lane.out == 0 {
            while let Some((_, mut last)) = lane.returned.pop_last() {
                last.append(&mut lane.queue);
                lane.queue = last;
            }
        }
    }

    /// Lets a lane that has nothing out go on; one that has nothing at all is forgotten.
    fn open(&mut self, id: LaneId) {
        let Some(lane) = self.lanes.get_mut(&id).filter(|lane| lane.out == 0) else { return };
        lane.closed = false;
        if lane.queue.is_empty() {
            self.lanes.remove(&id);
            self.emptied.clear();
        } else {
            self.free.push_back(id);
        }
    }

    fn lane_of(&self, queued: &Queued) -> LaneId {
        let single = LaneId::Single(queued.number);
        match self.order {
            _ if broken(Rule::Lanes) => single,
            _ if self.batches.is_some() => LaneId::Whole,
            Order::Partition => LaneId::Whole,
            Order::Key => queued.record.key().map_or(single, LaneId::of),
            Order::None => single,
        }
    }
}
