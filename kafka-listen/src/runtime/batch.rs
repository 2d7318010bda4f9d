//! Batches: one call of a handler for all records of a run, to an `async fn` or a plain `fn`; what came of each record is
//! reported by itself.

use std::collections::VecDeque;
use std::sync::Arc;

use super::call::Desk;
use super::handler::BlockingCall;
use super::report::{End, Reporter};
use super::slice::Slice;
use crate::engine::{Queued, Run};
use crate::extract::{Batch, Delivery};
use crate::listener::BatchFuture;
use crate::outcome::{BatchOutcome, Outcome, catch};

/// Calls an `async fn`.
type AsyncCall = for<'d> fn(&'d Batch<'d>) -> BatchFuture<'d>;

/// Calls a plain `fn`.
type PlainCall = for<'d> fn(&'d Batch<'d>) -> BatchOutcome;

impl Desk {
    pub(super) async fn run_batch(&self, call: AsyncCall, run: Run, stop_at_failure: bool, slice: &mut Slice) {
        let mut report = Reporter::new(self, run.id);
        let permit = self.handler.permit(&self.halted).await;
        let Some(permit) = permit.filter(|_| !self.halted.is_set()) else {
            return self.stopped(report, run.records);
        };
        let mut records = run.records;
        let sifted = self.sift(&mut records);
        let outcomes = if records.is_empty() {
            Some(Vec::new())
        } else {
            let deliveries = self.deliveries(&records);
            let batch = Batch::new(&deliveries);
            let outcome = self.guarded(call(&batch), &mut report).await;
            outcome.map(|outcome| batch.outcomes(outcome))
        };
        drop(permit);
        match outcomes {
            Some(outcomes) => self.all_ended(sifted, records, outcomes, report, stop_at_failure),
            None => return self.stopped(report, VecDeque::new()),
        }
        if slice.is_over() {
            tokio::task::yield_now().await;
            *slice = Slice::begin();
        }
    }

    pub(super) async fn run_blocking_batch(self: Arc<Self>, call: PlainCall, run: Run, stop_at_failure: bool) {
        let permit = self.handler.permit(&self.halted).await;
        let Some(_permit) = permit.filter(|_| !self.halted.is_set()) else {
            return self.stopped(Reporter::new(&self, run.id), run.records);
        };
        let desk = self.clone();
        let called = tokio::task::spawn_blocking(move || {
            let _call = BlockingCall::begin();
            let mut records = run.records;
            let sifted = desk.sift(&mut records);
            let outcomes = if records.is_empty() {
                Vec::new()
            } else {
                let deliveries = desk.deliveries(&records);
                let batch = Batch::new(&deliveries);
                let outcome = catch(|| call(&batch)).unwrap_or_else(|panic| Outcome::Failed(panic).into());
                batch.outcomes(outcome)
            };
            desk.all_ended(sifted, records, outcomes, Reporter::new(&desk, run.id), stop_at_failure);
        });
        // Its panics are caught inside; a runtime that shuts down drops it, and with it the records unfinished.
        let _ = called.await;
    }

    fn deliveries<'d>(&'d self, records: &'d VecDeque<Queued>) -> Vec<Delivery<'d>> {
        records.iter().map(|queued| self.delivery(queued)).collect()
    }

    /// Reports each record of a batch in its order, those that its handler did not get included; whether others follow, all of
    /// them decide.
    fn all_ended(
        &self,
        sifted: Vec<(Queued, End)>,
        mut records: VecDeque<Queued>,
        outcomes: Vec<Outcome>,
        mut report: Reporter<'_>,
        stop_at_failure: bool,
    ) {
        let mut goes_on = true;
        let mut ended = |(queued, end)| goes_on &= self.ended(queued, end, &mut report, stop_at_failure);
        let mut sifted = sifted.into_iter().peekable();
        for (queued, outcome) in records.drain(..).zip(outcomes) {
            while let Some(before) = sifted.next_if(|(it, _)| it.number < queued.number) {
                ended(before);
            }
            let end = End::of(outcome).unwrap_or_else(|_| unreachable!("nothing that a batch returns has replies"));
            ended((queued, end));
        }
        sifted.for_each(ended);
        if goes_on {
            report.over(records);
        } else {
            self.stopped(report, records);
        }
    }
}
