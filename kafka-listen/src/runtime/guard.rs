//! One delivery to an `async fn`, from its call to its end: it ends by itself, by its ack, because it takes too long, or
//! because its partition leaves. A panic is a failure like another.

use std::future::poll_fn;
use std::task::Poll;

use tokio::time::{Instant, timeout};

use super::call::Desk;
use super::report::{End, Reporter};
use crate::engine::Queued;
use crate::extract::{AckSlot, Acked, Delivery};
use crate::listener::HandlerFuture;
use crate::observe;
use crate::outcome::{Failure, Outcome, catch};
use crate::sabotage::{Rule, broken};

/// Calls an `async fn`.
pub(super) type AsyncCall = for<'d> fn(&'d Delivery<'d>) -> HandlerFuture<'d>;

impl Desk {
    /// Hands a record to the handler, if it is for it; `None` if it was cancelled. Before it waits, what was done is reported.
    pub(super) async fn deliver(&self, call: AsyncCall, queued: &Queued, report: &mut Reporter<'_>) -> Option<End> {
        if let Some(end) = self.filtered(queued) {
            return Some(end);
        }
        if self.handler.manual {
            // Boxed, so that others do not carry its size.
            let outcome = Box::pin(self.deliver_by_ack(call, queued, report)).await?;
            return self.settled(outcome, queued, report).await;
        }
        let delivery = self.delivery(queued);
        let outcome = self.guarded(call(&delivery), report).await?;
        self.settled(outcome, queued, report).await
    }

    async fn deliver_by_ack(&self, call: AsyncCall, queued: &Queued, report: &mut Reporter<'_>) -> Option<Outcome> {
        let (slot, mut acked) = AckSlot::new();
        let delivery = self.delivery(queued).with_ack(&slot);
        let handling = Box::pin(async {
            let outcome = match call(&delivery).await {
                Outcome::Replied(replies) => {
                    self.reply(replies, queued).await.map_or_else(Outcome::Failed, |()| Outcome::Done)
                }
                outcome => outcome,
            };
            match outcome {
                Outcome::Done if !broken(Rule::Ack) => {
                    slot.close();
                    acked.wait().await
                }
                outcome => outcome,
            }
        });
        let outcome = self.guarded(handling, report).await?;
        Some(self.first_said(queued, outcome, &mut acked))
    }

    /// What was said by the ack before the handler failed counts; of the failure is told.
    pub(super) fn first_said(&self, queued: &Queued, outcome: Outcome, acked: &mut Acked) -> Outcome {
        match (outcome, acked.said()) {
            (Outcome::Failed(failure), Some(said)) if !broken(Rule::FirstSaid) => {
                let (listener, record) = (self.source.id.clone(), self.place_of(queued));
                self.tap.all.tell(&observe::Event::FailedAfterAck { listener, record, failure: *failure });
                said
            }
            (outcome, _) => outcome,
        }
    }

    /// Polls a handler until it ends, by itself or not.
    pub(super) async fn guarded<O: From<Outcome>>(
        &self,
        mut handling: HandlerFuture<'_, O>,
        report: &mut Reporter<'_>,
    ) -> Option<O> {
        let mut end = None;
        let began = self.handler.timeout.map(|_| Instant::now());
        let outcome = poll_fn(|cx| {
            match catch(|| handling.as_mut().poll(cx)) {
                Ok(Poll::Ready(outcome)) => return Poll::Ready(Some(outcome)),
                Err(panic) => return Poll::Ready(Some(Outcome::Failed(panic).into())),
                Ok(Poll::Pending) => report.flush(),
            }
            let end = end.get_or_insert_with(|| Box::pin(self.end(began)));
            end.as_mut().poll(cx).map(|ended| ended.map(O::from))
        });
        let outcome = outcome.await;
        if end.is_some() {
            // What it holds may panic when it is dropped; that must not take its lane along.
            let _ = catch(|| drop(handling));
        }
        outcome
    }

    /// What ends a delivery that does not end by itself: its partition leaves, or it takes too long.
    async fn end(&self, began: Option<Instant>) -> Option<Outcome> {
        let cancelled = self.cancelled.cancelled();
        let (Some(began), Some(limit)) = (began, self.handler.timeout) else {
            cancelled.await;
            return None;
        };
        match timeout(limit.saturating_sub(began.elapsed()), cancelled).await {
            Ok(()) => None,
            Err(_) => Some(Outcome::Failed(Box::new(Failure::timeout(limit)))),
        }
    }
}
