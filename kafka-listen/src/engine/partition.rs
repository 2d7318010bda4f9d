//! One assigned partition, made of its offsets, lanes, timers and writes. Revoked, it is dropped, and with it
//! everything that could come late.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use super::assignment::Assignment;
use super::draw::Draw;
use super::event::{Action, FailedDelivery, Progress};
use super::flow::{Held, Limits};
use super::forward::Fate;
use super::holding::Holding;
use super::in_the_way::InFront;
use super::lanes::Lanes;
use super::offsets::Offsets;
use super::publishing::Publishing;
use super::reading::Reading;
use super::run::Queued;
use super::silence::Silence;
use super::source::{Arrival, Role, Source};
use super::stay::Stay;
use super::timers::Timers;
use crate::clock::Timestamp;
use crate::observe::Event;
use crate::outcome::Failure;
use crate::record::{Assigned, Record, TopicPartition};
use crate::sabotage::{Rule, broken};

/// One assigned partition.
#[derive(Debug)]
pub(crate) struct Partition {
    pub(super) assignment: Assignment,
    pub(crate) offsets: Offsets,
    pub(super) lanes: Lanes,
    pub(super) waiting: Timers,
    pub(super) publishing: Publishing,
    pub(super) reading: Reading,
    pub(super) silence: Silence,
    pub(super) holding: Holding,
    stay: Stay,
}

/// When a record runs again in place, and as which try.
struct Again {
    at: Timestamp,
    in_place: u32,
}

impl Partition {
    pub(crate) fn new(assigned: Assigned, source: Arc<Source>, draw: Draw, trace_limit: usize) -> Self {
        Self {
            offsets: Offsets::new(assigned.start, assigned.committed),
            lanes: Lanes::new(source.order, source.stops_at_failure(), source.batching),
            waiting: Timers::default(),
            publishing: Publishing::default(),
            reading: Reading::begin(),
            silence: Silence::default(),
            holding: Holding::default(),
            stay: Stay::Serving,
            assignment: Assignment { id: assigned.id, place: assigned.partition, source, draw, trace_limit },
        }
    }

    pub(crate) fn place(&self) -> &TopicPartition {
        &self.assignment.place
    }

    pub(crate) fn source(&self) -> &Source {
        &self.assignment.source
    }

    pub(crate) fn readable(&mut self) {
        self.reading.readable();
    }

    /// The consumer stands here; whatever it read has ended.
    pub(crate) fn stands_at(&mut self, position: i64) {
        if self.stay.is_staying() && self.reading.is_complete() {
            self.offsets.stands_at(position);
        }
    }

    /// Takes in records that were read, each to its lane, or to wait until it is due.
    pub(crate) fn fetched(&mut self, records: Vec<Record>, drained: bool, now: Timestamp, out: &mut VecDeque<Action>) {
        self.reading.came(drained);
        for record in records {
            if self.assignment.source.role == Role::Retry {
                self.reading.saw(record.time.at);
            }
            if !self.stay.is_staying() {
                // It stays unfinished: whatever the consumer's position, nothing may be committed past it.
                self.offsets.came(record.offset, record.memory());
                continue;
            }
            let arrival = self.assignment.source.arrival(&record, now);
            // A waiting record must not hold the client's buffer, which is much larger than it.
            let waits = matches!(arrival, Arrival::Wait { due, .. } if due > now);
            let record = if waits { record.detach() } else { record };
            let number = self.offsets.came(record.offset, record.memory());
            match arrival {
                Arrival::Start { attempt } => self.lanes.push(Queued { number, record, attempt, in_place: 1 }),
                Arrival::Wait { attempt, due, clamped } => {
                    if clamped {
                        let (listener, record) = (self.assignment.listener(), self.assignment.place_of(record.offset));
                        out.push_back(Action::Tell(Event::DueClamped { listener, record, due }));
                    }
                    self.waiting.wait(due, Queued { number, record, attempt, in_place: 1 });
                }
                Arrival::Foreign => {
                    let (listener, record) = (self.assignment.listener(), self.assignment.place_of(record.offset));
                    out.push_back(Action::Tell(Event::OtherGroup { listener, record }));
                    self.offsets.finish(number);
                }
            }
        }
        self.lanes.came(self.offsets.next_number(), now);
    }

    /// A run got on.
    pub(crate) fn progress(&mut self, progress: Progress, now: Timestamp, out: &mut VecDeque<Action>) {
        self.lanes.heard(progress.run, now);
        for number in progress.done {
            self.offsets.finish(number);
        }
        let (mut again, mut at_last) = (Vec::new(), None);
        for FailedDelivery { queued, failure, at } in progress.failed {
            if self.stay.is_cancelled() {
                // Given up: whoever has the partition next delivers it again.
                continue;
            }
            if let Some(next) = self.failed(&queued, *failure, at, out) {
                let Queued { number, record, attempt, .. } = queued;
                // Like one that waits until it is due, it must not hold the client's buffer.
                let record = if next.at > at { record.detach() } else { record };
                again.push(Queued { number, record, attempt, in_place: next.in_place });
                // Those of one batch run again together, none of them too early.
                at_last = at_last.max(Some(next.at));
            }
        }
        let Some(rest) = progress.over else { return };
        match (self.stay, at_last) {
            (Stay::Cancelled { .. }, _) => self.lanes.over(progress.run, VecDeque::new()),
            (Stay::Ending(until), Some(at)) if at >= until => {
                self.lanes.over(progress.run, rest);
                // It comes too late. What is behind it would overtake it, and for nothing: it cannot be committed.
                self.keep_below(again.first().map_or(0, |queued| queued.number));
            }
            (_, Some(at)) => self.lanes.over_until(progress.run, again, rest, at),
            (_, None) => self.lanes.over(progress.run, rest),
        }
    }

    /// Does what can be done now.
    pub(crate) fn advance(&mut self, limits: &Limits, held: Held, now: Timestamp, out: &mut VecDeque<Action>) {
        self.write_again(now, out);
        if let Stay::Halting { until, paused } = self.stay
            && self.lanes.running() == 0
        {
            let in_front = if paused { InFront::default() } else { self.window(now).in_front(until) };
            self.end(in_front, until, now, out);
        }
        if !self.stay.starts() {
            return;
        }
        while let Some(queued) = self.waiting.pop_due(now) {
            self.lanes.push(queued);
        }
        let runs = self.lanes.start(now, self.no_more(limits, held, now));
        if !runs.is_empty() {
            let stop_at_failure = self.assignment.source.stops_at_failure();
            out.push_back(Action::Start { id: self.assignment.id, runs, stop_at_failure });
        }
        if self.stay != Stay::Serving {
            return;
        }
        if !self.waiting.is_empty() && limits.is_full(self.repeated()) {
            self.move_back(self.window(now).that_shut_it(), now, out);
        }
        if self.reading.wants_records() {
            if let Some(room) = self.room(limits, held, now) {
                self.reading.takes();
                out.push_back(Action::Take { id: self.assignment.id, room });
            } else if !self.waiting.is_empty() {
                self.tell_of_waits(now, out);
            }
        } else if self.offsets.window() == 0 && self.reading.asks_position() {
            out.push_back(Action::AskPosition(self.assignment.id));
        }
    }

    /// Whether there is something to take that found no room.
    pub(crate) fn is_starved(&self) -> bool {
        self.reading.is_readable() && self.stay == Stay::Serving
    }

    /// When `advance` has something to do though nothing happens.
    pub(crate) fn wake_at(&self) -> Option<Timestamp> {
        let waiting = self.waiting.next().filter(|_| self.stay.starts() && !broken(Rule::WakeUp));
        let resting = self.lanes.next().filter(|_| self.stay.starts());
        [waiting, resting, self.publishing.next(), self.silence.next()].into_iter().flatten().min()
    }

    /// The clock stepped back: pauses last no longer for it. Due times stay, they are the wall clock's.
    pub(crate) fn step_back(&mut self, step: Duration) {
        self.publishing.step_back(step);
        self.silence.step_back(step);
        self.holding.step_back(step);
        self.lanes.step_back(step);
    }

    /// Starts and reads nothing more until it [goes on](Self::go_on); what has not started waits. Who is leaving starts nothing
    /// more at all.
    pub(crate) fn pause(&mut self, out: &mut VecDeque<Action>) {
        let halts = self.stay.pause();
        self.halt(halts, out);
    }

    /// Is paused no longer.
    pub(crate) fn go_on(&mut self, out: &mut VecDeque<Action>) {
        if self.stay.go_on() {
            out.push_back(Action::GoOn(self.assignment.id));
        }
    }

    /// Lets what runs end, and then what stands in front of what has ended, so that it is not delivered again; until then at
    /// most. Forgets the rest. Who is leaving already has until the earlier time, and what stands in front is looked at anew.
    pub(crate) fn leave(&mut self, until: Timestamp, out: &mut VecDeque<Action>) {
        let halts = self.stay.leave(until);
        self.halt(halts, out);
    }

    fn halt(&mut self, halts: bool, out: &mut VecDeque<Action>) {
        if halts {
            self.lanes.halt();
            out.push_back(Action::Halt(self.assignment.id));
        }
    }

    /// Gives up what still runs.
    pub(crate) fn cancel(&mut self, out: &mut VecDeque<Action>) {
        if self.stay.cancel(self.lanes.running() > 0) {
            out.push_back(Action::Cancel(self.assignment.id));
        }
    }

    /// Whether something that ran was given up.
    pub(crate) fn gave_up(&self) -> bool {
        self.stay.gave_up()
    }

    /// Whether nothing runs, nothing is being written, and nothing is to start before the partition goes.
    pub(crate) fn is_idle(&self) -> bool {
        let is_over = self.lanes.running() == 0 && self.publishing.is_idle();
        let has_ended = self.lanes.is_empty() && self.waiting.is_empty() && matches!(self.stay, Stay::Ending(_));
        self.stay.is_cancelled() || broken(Rule::Drain) || is_over && has_ended
    }

    /// A delivery failed; whether it runs again in place.
    fn failed(
        &mut self,
        queued: &Queued,
        failure: Failure,
        now: Timestamp,
        out: &mut VecDeque<Action>,
    ) -> Option<Again> {
        match self.assignment.fate(queued, failure, now, out) {
            Fate::Again(at) => return Some(Again { at, in_place: queued.in_place.saturating_add(1) }),
            Fate::Stop => {
                self.pause(out);
                return Some(Again { at: now, in_place: queued.in_place });
            }
            Fate::Publish(record) => {
                if broken(Rule::AckBeforeCommit) {
                    self.offsets.finish(queued.number);
                }
                self.write(queued.number, record, now, out);
            }
            Fate::Ended => self.offsets.finish(queued.number),
        }
        None
    }

    /// All that ran has ended: what is in front of it is to follow.
    fn end(&mut self, in_front: InFront, until: Timestamp, now: Timestamp, out: &mut VecDeque<Action>) {
        let InFront { moved, below } = in_front;
        self.keep_below(below);
        self.move_back(moved, now, out);
        self.stay = Stay::Ending(until);
        out.push_back(Action::GoOn(self.assignment.id));
    }

    /// Forgets what has not started from this number on.
    fn keep_below(&mut self, number: u64) {
        self.lanes.retain(|it| it < number);
        self.waiting.retain(|it| it < number);
    }
}
