//! Deliveries to a plain `fn`, on the runtime's threads for blocking work. Nothing can stop one that has begun.

use std::collections::VecDeque;
use std::sync::Arc;

use super::call::Desk;
use super::handler::BlockingCall;
use super::report::{End, Reporter};
use super::slice::Slice;
use crate::engine::{Queued, Run, RunId};
use crate::extract::{AckSlot, Acked, Delivery};
use crate::outcome::{Outcome, catch};
use crate::record::Outgoing;

/// What a slice leaves to be done.
struct Left {
    /// A record that is handled once these are written.
    replied: Option<(Queued, Vec<Outgoing>)>,
    rest: VecDeque<Queued>,
}

/// Calls a plain `fn`.
type PlainCall = for<'d> fn(&'d Delivery<'d>) -> Outcome;

impl Desk {
    pub(super) async fn run_blocking(self: Arc<Self>, call: PlainCall, run: Run, stop_at_failure: bool) {
        if self.handler.manual {
            return self.run_blocking_by_ack(call, run, stop_at_failure).await;
        }
        let (run, mut records) = (run.id, run.records);
        loop {
            let Some(permit) = self.handler.permit(&self.halted).await else {
                return self.stopped(Reporter::new(&self, run), records);
            };
            let desk = self.clone();
            let slice = tokio::task::spawn_blocking(move || desk.call_blocking(call, run, records, stop_at_failure));
            // Its panics are caught inside; a runtime that shuts down drops it, and with it the record unfinished.
            let Ok(Some(Left { replied, rest })) = slice.await else { return };
            if let Some((queued, replies)) = replied {
                let mut report = Reporter::new(&self, run);
                let Some(end) = self.replied(replies, &queued, &mut report).await else {
                    return self.stopped(report, rest);
                };
                if !self.ended(queued, end, &mut report, stop_at_failure) {
                    return self.stopped(report, rest);
                }
                if rest.is_empty() {
                    return report.over(rest);
                }
                report.flush();
            }
            drop(permit);
            records = rest;
        }
    }

    /// Answers what is left where others should have their turn, or where a reply is to be written, for which no thread waits.
    fn call_blocking(
        &self,
        call: PlainCall,
        run: RunId,
        mut records: VecDeque<Queued>,
        stop_at_failure: bool,
    ) -> Option<Left> {
        let mut report = Reporter::new(self, run);
        let mut slice = Slice::begin();
        let _call = BlockingCall::begin();
        while !self.halted.is_set()
            && let Some(queued) = records.pop_front()
        {
            let end = self.filtered(&queued).map_or_else(
                || {
                    let delivery = self.delivery(&queued);
                    End::of(catch(|| call(&delivery)).unwrap_or_else(Outcome::Failed))
                },
                Ok,
            );
            let end = match end {
                Ok(end) => end,
                Err(replies) => return Some(Left { replied: Some((queued, replies)), rest: records }),
            };
            if !self.ended(queued, end, &mut report, stop_at_failure) {
                self.stopped(report, records);
                return None;
            }
            report.flush();
            if slice.is_over() && self.handler.concurrency.is_some() && !records.is_empty() {
                return Some(Left { replied: None, rest: records });
            }
        }
        if records.is_empty() {
            report.over(records);
        } else {
            self.stopped(report, records);
        }
        None
    }

    /// No thread waits for an ack.
    async fn run_blocking_by_ack(self: Arc<Self>, call: PlainCall, run: Run, stop_at_failure: bool) {
        let mut report = Reporter::new(&self, run.id);
        let mut records = run.records;
        while let Some(queued) = records.pop_front() {
            report.flush();
            let permit = self.handler.permit(&self.halted).await;
            let Some(_permit) = permit.filter(|_| !self.halted.is_set()) else {
                records.push_front(queued);
                return self.stopped(report, records);
            };
            let desk = self.clone();
            let called = tokio::task::spawn_blocking(move || {
                let _call = BlockingCall::begin();
                if let Some(end) = desk.filtered(&queued) {
                    return (queued, Err(end));
                }
                let (slot, acked) = AckSlot::new();
                let delivery = desk.delivery(&queued).with_ack(&slot);
                let outcome = catch(|| call(&delivery)).unwrap_or_else(Outcome::Failed);
                (queued, Ok((acked, outcome)))
            });
            let Ok((queued, called)) = called.await else { return };
            let end = match called {
                Err(end) => Some(end),
                Ok((acked, outcome)) => self.acked(&queued, outcome, acked, &mut report).await,
            };
            let Some(end) = end else { return self.stopped(report, records) };
            if !self.ended(queued, end, &mut report, stop_at_failure) {
                return self.stopped(report, records);
            }
        }
        report.over(records);
    }

    /// How a delivery ends whose function has returned: by its ack, after its replies.
    async fn acked(
        &self,
        queued: &Queued,
        outcome: Outcome,
        mut acked: Acked,
        report: &mut Reporter<'_>,
    ) -> Option<End> {
        let outcome = match self.settled(outcome, queued, report).await? {
            End::Failed(failure) => self.first_said(queued, Outcome::Failed(failure), &mut acked),
            _ => self.cancelled.run_until_cancelled(acked.wait()).await?,
        };
        self.settled(outcome, queued, report).await
    }
}
