//! Hands records to handlers: by `guard` to an `async fn`, by `blocking` to a plain `fn`, by `batch` to either if it takes
//! several at once, and nowhere else.
//!
//! One hop to the runtime for each batch: a task takes the runs of a partition and polls them where it is; only a run that has
//! to wait gets a task of its own. So a handler that is ready at once costs no task and no wake-up.

use std::collections::VecDeque;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;

use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;

use super::halt::Halt;
use super::handler::Handler;
use super::inbox::Inbox;
use super::line::Line;
use super::report::{End, Reporter};
use super::slice::Slice;
use crate::clock::Clock;
use crate::engine::{LaneId, Queued, Run, Source};
use crate::extract::{Attempt, Context, Delivery, Place};
use crate::listener::Call;
use crate::observe::{self, Observers, RecordPlace};
use crate::outcome::Failure;
use crate::producer::Producer;
use crate::record::AssignmentId;
use crate::sabotage::{Rule, broken};

/// Where the records of one assigned partition are handled.
pub(crate) struct Desk {
    pub(super) id: AssignmentId,
    place: Place,
    pub(super) source: Arc<Source>,
    pub(super) handler: Arc<Handler>,
    context: Arc<Context>,
    pub(super) inbox: Arc<Inbox>,
    pub(super) tap: Tap,
    line: Line,
    pub(super) halted: Halt,
    pub(super) cancelled: CancellationToken,
}

/// Reads the time at which a delivery ends, and tells of it, to those who want every single one for the most part.
#[derive(Clone)]
pub(crate) struct Tap {
    pub(crate) of_deliveries: Option<Observers>,
    pub(crate) all: Observers,
    pub(crate) clock: Clock,
}

impl Desk {
    pub(crate) fn new(
        id: AssignmentId,
        place: Place,
        source: Arc<Source>,
        handler: Arc<Handler>,
        context: Arc<Context>,
        inbox: Arc<Inbox>,
        tap: Tap,
    ) -> Self {
        let (line, halted, cancelled) = (Line::default(), Halt::default(), CancellationToken::new());
        Self { id, place, source, handler, context, inbox, tap, line, halted, cancelled }
    }

    pub(crate) fn place(&self) -> &Place {
        &self.place
    }

    pub(crate) fn source(&self) -> &Source {
        &self.source
    }

    /// The same, after a halt: what still runs goes on to its end at the old one, and nothing else starts there.
    pub(crate) fn reopened(&self) -> Self {
        Self {
            id: self.id,
            place: self.place.clone(),
            source: self.source.clone(),
            handler: self.handler.clone(),
            context: self.context.clone(),
            inbox: self.inbox.clone(),
            tap: self.tap.clone(),
            line: Line::default(),
            halted: Halt::default(),
            cancelled: self.cancelled.clone(),
        }
    }

    /// Starts no further record.
    pub(crate) fn halt(&self) {
        self.halted.set();
    }

    /// Tells what runs that it is being given up.
    pub(crate) fn warn(&self) {
        if !broken(Rule::Warn) {
            self.place.cancel.set();
        }
    }

    /// Drops what runs. A plain `fn` cannot be stopped; its result will be nobody's.
    pub(crate) fn cancel(&self) {
        self.warn();
        self.halted.set();
        self.cancelled.cancel();
    }

    /// Handles runs: lanes side by side, those of one lane in their order.
    pub(crate) fn start(self: Arc<Self>, runs: VecDeque<Run>, stop_at_failure: bool, runtime: &Handle) {
        // Of the lane that a whole partition is, the next run may come while one is handled; of others it does not.
        if runs.front().is_some_and(|run| run.id.lane == LaneId::Whole) {
            if self.line.join(runs) {
                runtime.spawn(self.run_line(stop_at_failure));
            }
            return;
        }
        match self.handler.call {
            Call::Async(_) | Call::AsyncBatch(_) => drop(runtime.spawn(self.run_all(runs, stop_at_failure))),
            Call::Blocking(call) => {
                for run in runs {
                    runtime.spawn(self.clone().run_blocking(call, run, stop_at_failure));
                }
            }
            Call::BlockingBatch(call) => {
                for run in runs {
                    runtime.spawn(self.clone().run_blocking_batch(call, run, stop_at_failure));
                }
            }
        }
    }

    async fn run_line(self: Arc<Self>, stop_at_failure: bool) {
        let mut slice = Slice::begin();
        while let Some(run) = self.line.next() {
            match self.handler.call {
                Call::Async(_) | Call::AsyncBatch(_) => self.run(run, stop_at_failure, &mut slice).await,
                Call::Blocking(call) => self.clone().run_blocking(call, run, stop_at_failure).await,
                Call::BlockingBatch(call) => self.clone().run_blocking_batch(call, run, stop_at_failure).await,
            }
        }
    }

    async fn run_all(self: Arc<Self>, mut runs: VecDeque<Run>, stop_at_failure: bool) {
        let mut slice = Slice::begin();
        if runs.len() == 1
            && let Some(run) = runs.pop_front()
        {
            return self.run(run, stop_at_failure, &mut slice).await;
        }
        while let Some(run) = runs.pop_front() {
            let desk = self.clone();
            let mut running = Box::pin(async move { desk.run(run, stop_at_failure, &mut Slice::begin()).await });
            let ready = poll_fn(|cx| Poll::Ready(running.as_mut().poll(cx).is_ready())).await;
            if !ready {
                tokio::spawn(running);
            }
            if slice.is_over() {
                // What takes long is worth a second worker.
                let half = runs.split_off(runs.len() / 2);
                if !half.is_empty() {
                    tokio::spawn(spawned(self.clone(), half, stop_at_failure));
                }
                tokio::task::yield_now().await;
                slice = Slice::begin();
            }
        }
    }

    async fn run(&self, run: Run, stop_at_failure: bool, slice: &mut Slice) {
        let call = match self.handler.call {
            Call::Async(call) => call,
            // Boxed, so that others do not carry its size.
            Call::AsyncBatch(call) => return Box::pin(self.run_batch(call, run, stop_at_failure, slice)).await,
            Call::Blocking(_) | Call::BlockingBatch(_) => return,
        };
        let mut report = Reporter::new(self, run.id);
        let mut records = run.records;
        while let Some(queued) = records.pop_front() {
            let permit = match self.handler.try_permit() {
                Some(permit) => Some(permit),
                None => {
                    // What has ended must not wait for what others do.
                    report.flush();
                    self.handler.permit(&self.halted).await
                }
            };
            let Some(permit) = permit.filter(|_| !self.halted.is_set()) else {
                records.push_front(queued);
                return self.stopped(report, records);
            };
            let end = self.deliver(call, &queued, &mut report).await;
            drop(permit);
            let Some(end) = end else { return self.stopped(report, records) };
            if !self.ended(queued, end, &mut report, stop_at_failure) {
                return self.stopped(report, records);
            }
            report.flush_failures();
            if slice.is_over() {
                report.flush();
                tokio::task::yield_now().await;
                *slice = Slice::begin();
            }
        }
        report.over(records);
    }

    /// Reports a delivery that has ended; whether its run goes on.
    #[inline]
    pub(super) fn ended(&self, queued: Queued, end: End, report: &mut Reporter<'_>, stop_at_failure: bool) -> bool {
        self.tell(&queued, &end);
        match end {
            End::Done | End::Skipped => {
                report.done(queued.number);
                true
            }
            End::Failed(failure) => {
                let stops = failure.stops_its_listener();
                if stops {
                    // Nothing more starts here, whatever the engine hands out before it knows.
                    self.halt();
                }
                report.failed(queued, failure);
                !stops && !stop_at_failure
            }
        }
    }

    /// A run ends before its end, and so do those behind it.
    pub(super) fn stopped(&self, report: Reporter<'_>, rest: VecDeque<Queued>) {
        report.over(rest);
        for run in self.line.clear() {
            Reporter::new(self, run.id).over(run.records);
        }
    }

    #[inline]
    fn tell(&self, queued: &Queued, end: &End) {
        let failure = match end {
            End::Done => None,
            End::Failed(failure) => Some(&**failure),
            End::Skipped => return self.tell_skipped(queued),
        };
        if let Some(observers) = &self.tap.of_deliveries {
            self.tell_delivered(observers, queued, failure);
        }
    }

    fn tell_skipped(&self, queued: &Queued) {
        let (listener, record) = (self.source.id.clone(), self.place_of(queued));
        self.tap.all.tell(&observe::Event::Skipped { listener, record });
    }

    fn tell_delivered(&self, observers: &Observers, queued: &Queued, failure: Option<&Failure>) {
        observers.tell(&observe::Event::Delivered {
            listener: self.source.id.clone(),
            record: self.place_of(queued),
            attempt: queued.attempt,
            in_place: queued.in_place,
            at: self.tap.clock.now(),
            failure: failure.cloned(),
        });
    }

    pub(super) fn producer(&self) -> &Producer {
        &self.context.producer
    }

    pub(super) fn place_of(&self, queued: &Queued) -> RecordPlace {
        RecordPlace { partition: self.place.partition.clone(), offset: queued.record.offset }
    }

    pub(super) fn delivery<'d>(&'d self, queued: &'d Queued) -> Delivery<'d> {
        let rules = &self.source.rules;
        let attempt =
            Attempt::new(queued.attempt, self.source.chain.attempts(), queued.in_place, rules.in_place.attempts());
        let is_over = rules.timeout.is_some() && rules.is_over(self.source.first(&queued.record), self.tap.clock.now());
        Delivery::new(&queued.record, &self.place, attempt.over(is_over), &self.context)
    }
}

/// As a function of its own because a future cannot contain itself.
fn spawned(desk: Arc<Desk>, runs: VecDeque<Run>, stop_at_failure: bool) -> Pin<Box<dyn Future<Output = ()> + Send>> {
    Box::pin(desk.run_all(runs, stop_at_failure))
}
