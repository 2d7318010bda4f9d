//! One assigned partition, made of its offsets, lanes, timers and writes. Revoked, it is dropped, and with it
//! everything that could come late.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use super::draw::Draw;
use super::event::{Action, FailedDelivery, Progress, Ticket};
use super::flow::{Held, Limits};
use super::forward::{Failed, Fate};
use super::in_the_way::{InFront, Window};
use super::lanes::Lanes;
use super::numbers::Numbers;
use super::offsets::Offsets;
use super::publishing::{Publishing, Slow};
use super::run::Queued;
use super::source::{Arrival, Role, Source};
use super::timers::{Timers, Wait};
use crate::clock::Timestamp;
use crate::observe::{Event, RecordPlace};
use crate::outcome::Failure;
use crate::record::{Assigned, AssignmentId, Outgoing, PublishError, PublishErrorKind, Record, TopicPartition, Wanted};
use crate::retry::Shrink;
use crate::sabotage::{Rule, broken};

/// One assigned partition.
#[derive(Debug)]
pub(crate) struct Partition {
    id: AssignmentId,
    place: TopicPartition,
    source: Arc<Source>,
    pub(crate) offsets: Offsets,
    lanes: Lanes,
    waiting: Timers,
    publishing: Publishing,
    /// The timestamp of the record that was read last.
    newest: Timestamp,
    readable: bool,
    /// Records were asked for and have not come: they lie before the consumer's position.
    taking: bool,
    position: Position,
    stay: Stay,
    draw: Draw,
    trace_limit: usize,
}

/// Whether the consumer's position has to be asked for: once after each fetch, when everything has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Position {
    Unasked,
    Asked,
}

/// Whether the partition stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stay {
    Serving,
    /// Nothing starts and nothing is read, until it goes on.
    Paused,
    /// Nothing starts before all that runs has ended, until then at most; and if it was paused, nothing after it.
    Halting {
        until: Timestamp,
        paused: bool,
    },
    /// What stands in front of what has ended starts, and nothing else.
    Ending(Timestamp),
    /// What still ran, if anything did, was given up.
    Cancelled {
        running: bool,
    },
}

/// When a record runs again in place, and as which try.
struct Again {
    at: Timestamp,
    in_place: u32,
}

impl Partition {
    pub(crate) fn new(assigned: Assigned, source: Arc<Source>, draw: Draw, trace_limit: usize) -> Self {
        Self {
            id: assigned.id,
            place: assigned.partition,
            offsets: Offsets::new(assigned.start, assigned.committed),
            lanes: Lanes::new(source.order, source.stops_at_failure(), source.batching),
            source,
            waiting: Timers::default(),
            publishing: Publishing::default(),
            newest: Timestamp::from_millis(i64::MIN),
            readable: true,
            taking: false,
            position: Position::Unasked,
            stay: Stay::Serving,
            draw,
            trace_limit,
        }
    }

    pub(crate) fn place(&self) -> &TopicPartition {
        &self.place
    }

    pub(crate) fn source(&self) -> &Source {
        &self.source
    }

    pub(crate) fn readable(&mut self) {
        self.readable = true;
        self.position = Position::Unasked;
    }

    /// The consumer stands here; whatever it read has ended.
    pub(crate) fn stands_at(&mut self, position: i64) {
        if self.is_staying() && !self.taking {
            self.offsets.stands_at(position);
        }
    }

    /// Takes in records that were read, each to its lane, or to wait until it is due.
    pub(crate) fn fetched(&mut self, records: Vec<Record>, drained: bool, now: Timestamp, out: &mut VecDeque<Action>) {
        self.readable = !drained;
        self.taking = false;
        self.position = Position::Unasked;
        for record in records {
            self.newest = record.time.at;
            if !self.is_staying() {
                // It stays unfinished: whatever the consumer's position, nothing may be committed past it.
                self.offsets.came(record.offset, record.memory());
                continue;
            }
            let arrival = self.source.arrival(&record, now);
            // A waiting record must not hold the client's buffer, which is much larger than it.
            let waits = matches!(arrival, Arrival::Wait { due, .. } if due > now);
            let record = if waits { record.detach() } else { record };
            let number = self.offsets.came(record.offset, record.memory());
            match arrival {
                Arrival::Start { attempt } => self.lanes.push(Queued { number, record, attempt, in_place: 1 }),
                Arrival::Wait { attempt, due, clamped } => {
                    if clamped {
                        let (listener, record) = (self.source.id.clone(), self.place_of(record.offset));
                        out.push_back(Action::Tell(Event::DueClamped { listener, record, due }));
                    }
                    // Read anew, one that is clamped would be clamped anew.
                    let wait = Wait { due, movable: !clamped };
                    self.waiting.wait(wait, Queued { number, record, attempt, in_place: 1 });
                }
                Arrival::Foreign => {
                    let (listener, record) = (self.source.id.clone(), self.place_of(record.offset));
                    out.push_back(Action::Tell(Event::OtherGroup { listener, record }));
                    self.offsets.finish(number);
                }
            }
        }
        self.lanes.came(self.offsets.next_number(), now);
    }

    /// A run got on.
    pub(crate) fn progress(&mut self, progress: Progress, out: &mut VecDeque<Action>) {
        for number in progress.done {
            self.offsets.finish(number);
        }
        let (mut again, mut at_last) = (Vec::new(), None);
        for FailedDelivery { queued, failure, at } in progress.failed {
            if self.is_cancelled() {
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
        let Some(mut rest) = progress.over else { return };
        match self.stay {
            Stay::Serving | Stay::Paused | Stay::Halting { .. } => {}
            Stay::Ending(until) => at_last = at_last.filter(|at| *at <= until),
            Stay::Cancelled { .. } => (at_last, rest) = (None, VecDeque::new()),
        }
        match at_last {
            Some(at) => self.lanes.over_until(progress.run, again, rest, at),
            None => self.lanes.over(progress.run, rest),
        }
    }

    /// Retry or dead-letter records were written.
    pub(crate) fn written(&mut self, numbers: Numbers) {
        for number in numbers {
            if self.publishing.acknowledged(number) || broken(Rule::Fencing) {
                self.offsets.finish(number);
            }
        }
    }

    /// A retry or dead-letter record was not written.
    pub(crate) fn not_written(&mut self, number: u64, error: PublishError, now: Timestamp, out: &mut VecDeque<Action>) {
        let (listener, topic) = (self.source.id.clone(), error.record.topic.clone());
        let Some(offset) = self.offsets.offset_of(number) else { return };
        let record = self.place_of(offset);
        if error.kind == PublishErrorKind::TooLarge
            && let Some((smaller, what)) = self.shrink(number, &error.record)
        {
            let (topic, what) = (smaller.topic.clone(), what.left_out());
            out.push_back(Action::Tell(Event::Shrunk { listener, record, topic, what }));
            out.push_back(Action::Publish { ticket: self.ticket(number), record: smaller });
            return;
        }
        if broken(Rule::WaitForTopic) && self.publishing.acknowledged(number) {
            return self.offsets.finish(number);
        }
        if broken(Rule::PublishAgain) {
            return;
        }
        let (missing, message) = (error.kind == PublishErrorKind::NoSuchTopic, error.message);
        let tries = self.publishing.failed(number, error.record, now);
        out.push_back(Action::Tell(Event::PublishFailed { listener, record, topic, tries, missing, message }));
    }

    /// Does what can be done now.
    pub(crate) fn advance(&mut self, limits: &Limits, held: Held, now: Timestamp, out: &mut VecDeque<Action>) {
        while let Some((number, record)) = self.publishing.pop_due(now) {
            out.push_back(Action::Publish { ticket: self.ticket(number), record });
        }
        if let Some(Slow { age, count }) = self.publishing.slow(now) {
            let (listener, partition) = (self.source.id.clone(), self.place.clone());
            out.push_back(Action::Tell(Event::PublishSlow { listener, partition, count, age }));
        }
        if let Stay::Halting { until, paused } = self.stay
            && self.lanes.running() == 0
        {
            let in_front = if paused { InFront::default() } else { self.window(now).in_front(until) };
            self.end(in_front, until, now, out);
        }
        if !self.starts() {
            return;
        }
        while let Some(queued) = self.waiting.pop_due(now) {
            self.lanes.push(queued);
        }
        let runs = self.lanes.start(now, self.no_more(limits, held));
        if !runs.is_empty() {
            let stop_at_failure = self.source.stops_at_failure();
            out.push_back(Action::Start { id: self.id, runs, stop_at_failure });
        }
        if self.stay != Stay::Serving {
            return;
        }
        if self.readable && !self.taking {
            if let Some(room) = limits.room(self.offsets.window(), self.offsets.unfinished_bytes(), held) {
                let room = if self.source.role == Role::Retry { Limits::in_passing(room) } else { room };
                // Asked once: the answer says whether there is more.
                self.readable = false;
                self.taking = true;
                out.push_back(Action::Take { id: self.id, room });
            } else {
                self.move_back(self.window(now).that_shut_it(limits), now, out);
            }
        } else if !self.readable && self.offsets.window() == 0 && !self.taking && self.position == Position::Unasked {
            self.position = Position::Asked;
            if !broken(Rule::TrailingGap) {
                out.push_back(Action::AskPosition(self.id));
            }
        }
    }

    /// Whether batches wait for others in vain: nothing more is read before what is held has ended.
    fn no_more(&self, limits: &Limits, held: Held) -> bool {
        let is_full = || limits.room(self.offsets.window(), self.offsets.unfinished_bytes(), held).is_none();
        self.source.batching.is_some() && self.readable && is_full()
    }

    /// Whether there is something to take that found no room.
    pub(crate) fn is_starved(&self) -> bool {
        self.readable && self.stay == Stay::Serving
    }

    /// When `advance` has something to do though nothing happens.
    pub(crate) fn wake_at(&self) -> Option<Timestamp> {
        let waiting = self.waiting.next().filter(|_| self.starts() && !broken(Rule::WakeUp));
        let resting = self.lanes.next().filter(|_| self.starts());
        [waiting, resting, self.publishing.next()].into_iter().flatten().min()
    }

    /// The clock stepped back: pauses last no longer for it. Due times stay, they are the wall clock's.
    pub(crate) fn step_back(&mut self, step: Duration) {
        self.publishing.step_back(step);
        self.lanes.step_back(step);
    }

    /// Starts and reads nothing more until it [goes on](Self::go_on); what has not started waits. Who is leaving starts nothing
    /// more at all.
    pub(crate) fn pause(&mut self, out: &mut VecDeque<Action>) {
        self.stay = match self.stay {
            Stay::Serving => Stay::Paused,
            Stay::Halting { until, .. } | Stay::Ending(until) => Stay::Halting { until, paused: true },
            Stay::Paused | Stay::Cancelled { .. } => return,
        };
        self.lanes.halt();
        out.push_back(Action::Halt(self.id));
    }

    /// Is paused no longer.
    pub(crate) fn go_on(&mut self, out: &mut VecDeque<Action>) {
        if self.stay == Stay::Paused {
            self.stay = Stay::Serving;
            out.push_back(Action::GoOn(self.id));
        }
    }

    /// Lets what runs end, and then what stands in front of what has ended, so that it is not delivered again; until then at
    /// most. Forgets the rest. Who is leaving already has until the earlier time, and what stands in front is looked at anew.
    pub(crate) fn leave(&mut self, until: Timestamp, out: &mut VecDeque<Action>) {
        let (before, paused) = match self.stay {
            Stay::Serving => (None, false),
            Stay::Paused => (None, true),
            Stay::Halting { until, paused } => (Some(until), paused),
            Stay::Ending(until) => (Some(until), false),
            Stay::Cancelled { .. } => return,
        };
        if before.is_none_or(|before| until < before) {
            self.stay = Stay::Halting { until, paused };
            self.lanes.halt();
            out.push_back(Action::Halt(self.id));
        }
    }

    /// Gives up what still runs.
    pub(crate) fn cancel(&mut self, out: &mut VecDeque<Action>) {
        if !self.is_cancelled() {
            self.stay = Stay::Cancelled { running: self.lanes.running() > 0 };
            out.push_back(Action::Cancel(self.id));
        }
    }

    /// Whether something that ran was given up.
    pub(crate) fn gave_up(&self) -> bool {
        self.stay == Stay::Cancelled { running: true }
    }

    /// Whether nothing runs, nothing is being written, and nothing is to start before the partition goes.
    pub(crate) fn is_idle(&self) -> bool {
        let is_over = self.lanes.running() == 0 && self.publishing.is_idle();
        let has_ended = self.lanes.is_empty() && self.waiting.is_empty() && matches!(self.stay, Stay::Ending(_));
        self.is_cancelled() || broken(Rule::Drain) || is_over && has_ended
    }

    /// Whether it is not on its way out.
    fn is_staying(&self) -> bool {
        matches!(self.stay, Stay::Serving | Stay::Paused)
    }

    /// Whether something may start.
    fn starts(&self) -> bool {
        matches!(self.stay, Stay::Serving | Stay::Ending(_))
    }

    fn is_cancelled(&self) -> bool {
        matches!(self.stay, Stay::Cancelled { .. })
    }

    /// A delivery failed; whether it runs again in place.
    fn failed(
        &mut self,
        queued: &Queued,
        failure: Failure,
        now: Timestamp,
        out: &mut VecDeque<Action>,
    ) -> Option<Again> {
        let draw = self.draw.of(&self.place, queued.record.offset);
        let failure = Arc::new(failure);
        let (source, partition, trace_limit) = (&*self.source, &self.place, self.trace_limit);
        match (Failed { source, partition, queued, failure, now, draw, trace_limit }).fate(out) {
            Fate::Again(at) => return Some(Again { at, in_place: queued.in_place.saturating_add(1) }),
            Fate::Stop => {
                self.pause(out);
                return Some(Again { at: now, in_place: queued.in_place });
            }
            Fate::Publish(record) => {
                if broken(Rule::AckBeforeCommit) {
                    self.offsets.finish(queued.number);
                }
                self.publishing.started(queued.number, now);
                out.push_back(Action::Publish { ticket: self.ticket(queued.number), record });
            }
            Fate::Ended => self.offsets.finish(queued.number),
        }
        None
    }

    /// All that ran has ended: what is in front of it is to follow.
    fn end(&mut self, in_front: InFront, until: Timestamp, now: Timestamp, out: &mut VecDeque<Action>) {
        let InFront { moved, below } = in_front;
        self.lanes.retain(|number| number < below);
        self.waiting.retain(|number| number < below);
        self.move_back(moved, now, out);
        self.stay = Stay::Ending(until);
        out.push_back(Action::GoOn(self.id));
    }

    fn window(&self, now: Timestamp) -> Window<'_> {
        let Self { offsets, waiting, lanes, newest, .. } = self;
        let newest = (self.readable || self.taking).then_some(*newest);
        Window { offsets, waiting, lanes, newest, now }
    }

    /// Writes waiting records once more, at the end of their topic.
    fn move_back(&mut self, numbers: Vec<u64>, now: Timestamp, out: &mut VecDeque<Action>) {
        for number in numbers {
            let Some((due, Queued { record, .. })) = self.waiting.take(number) else { continue };
            let (listener, place) = (self.source.id.clone(), self.place_of(record.offset));
            out.push_back(Action::Tell(Event::MovedBack { listener, record: place, due }));
            self.publishing.started(number, now);
            let (topic, partition) = (self.place.topic.clone(), Wanted::IfThere(self.place.partition));
            let record = Outgoing { topic, partition, body: record.pack(), timestamp: None };
            out.push_back(Action::Publish { ticket: self.ticket(number), record });
        }
    }

    /// The record with less in it; if it no longer is what a handler could take, for the DLT.
    fn shrink(&mut self, number: u64, record: &Outgoing) -> Option<(Outgoing, Shrink)> {
        let shrink = self.publishing.too_large(number)?;
        let chain = &self.source.rules.chain;
        let is_there = chain.dead_letter_topics().any(|topic| *topic == record.topic);
        let topic = match chain.dlt() {
            Some(dlt) if shrink.is_for_dlt() && !is_there => dlt.clone(),
            None if shrink.is_for_dlt() => return None,
            _ => record.topic.clone(),
        };
        Some((Outgoing { topic, body: shrink.apply(&record.body), ..record.clone() }, shrink))
    }

    fn ticket(&self, number: u64) -> Ticket {
        Ticket { id: self.id, number }
    }

    fn place_of(&self, offset: i64) -> RecordPlace {
        RecordPlace { partition: self.place.clone(), offset }
    }
}
