//! `Ack`: the handler says itself when its record has ended, and how.

use std::borrow::Cow;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;

use super::{Delivery, FromDelivery, Needs, Rejection};
use crate::outcome::{Decision, Failure, Outcome};
use crate::sabotage::{Rule, broken};

/// A record's end in the handler's own hand. As a parameter it makes the listener manual: that the function has returned ends
/// nothing, one of these methods does. It may be moved into a task that outlives the function.
///
/// Dropped without a call it is a failure. What is called first counts: an error that the handler returns after it is only
/// told, as [`Event::FailedAfterAck`](crate::Event::FailedAfterAck); an error before it is a failure, and the ack then changes
/// nothing. Nor does it after the partition was taken away, or after `handler_timeout`, which counts until the ack is called.
///
/// Until then the record's lane waits: with `order = "partition"` the whole partition, with `"key"` its key, with `"none"`
/// nothing; and the delivery counts for `concurrency`.
///
/// ```
/// use kafka_listen::prelude::*;
///
/// #[kafka_listener(topic = "orders", group = "billing", order = "none", handler_timeout = "1m")]
/// async fn bill(order: &str, ack: Ack) {
///     let order = order.to_owned();
///     tokio::spawn(async move {
///         match charge(&order).await {
///             Ok(()) => ack.done(),
///             Err(reason) => ack.dead_letter(reason),
///         }
///     });
/// }
///
/// async fn charge(order: &str) -> Result<(), String> {
///     if order.is_empty() { Err("nothing to charge".to_owned()) } else { Ok(()) }
/// }
/// ```
#[derive(Debug)]
#[must_use = "an ack that is dropped without a call is a failure"]
pub struct Ack(oneshot::Sender<Outcome>);

impl Ack {
    /// The record is handled.
    pub fn done(self) {
        self.end(Outcome::Done);
    }

    /// It is tried again, as the listener's attribute says: [`Decision::Retry`].
    pub fn retry(self) {
        self.end(Decision::Retry.into());
    }

    /// It is tried again after this time: [`Decision::RetryAfter`].
    pub fn retry_after(self, delay: Duration) {
        self.end(Decision::RetryAfter(delay).into());
    }

    /// It goes to the DLT at once: [`Decision::DeadLetter`]. `reason` is what the dead letter tells as its error.
    pub fn dead_letter(self, reason: impl Into<String>) {
        self.end_for(Decision::DeadLetter, reason.into());
    }

    /// It goes at once to the dead-letter topic of this `dlt_route`: [`Decision::DeadLetterTo`]. `reason` is what the dead
    /// letter tells as its error.
    pub fn dead_letter_to(self, route: impl Into<Cow<'static, str>>, reason: impl Into<String>) {
        self.end_for(Decision::DeadLetterTo(route.into()), reason.into());
    }

    fn end_for(self, decision: Decision, reason: String) {
        self.end(Outcome::Failed(Box::new(Failure { message: reason, ..Failure::asked(decision) })));
    }

    fn end(self, outcome: Outcome) {
        // Nobody waits any more: the record was given up, and whoever has it now delivers it again.
        let _ = self.0.send(outcome);
    }
}

/// Makes the listener manual. Never rejects.
#[diagnostic::do_not_recommend]
impl<'d> FromDelivery<'d> for Ack {
    fn from_delivery(delivery: &'d Delivery<'d>) -> Result<Self, Rejection> {
        delivery.ack().and_then(AckSlot::take).ok_or_else(|| {
            Rejection::custom(
                "there is no `Ack` to be had: an extractor that takes one says so in `FromDelivery::needs`",
            )
        })
    }

    fn needs(needs: &mut Needs) {
        needs.ack();
    }
}

/// Where a delivery's ack lies until a parameter takes it.
#[derive(Debug)]
#[doc(hidden)]
pub struct AckSlot(Mutex<Option<Ack>>);

/// What a delivery's ack says.
#[derive(Debug)]
pub(crate) struct Acked(oneshot::Receiver<Outcome>);

impl AckSlot {
    /// An ack, and what it says.
    pub(crate) fn new() -> (Self, Acked) {
        let (sender, receiver) = oneshot::channel();
        (Self(Mutex::new(Some(Ack(sender)))), Acked(receiver))
    }

    /// Lets go of an ack that nobody took.
    pub(crate) fn close(&self) {
        drop(self.take());
    }

    fn take(&self) -> Option<Ack> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl Acked {
    /// What it has said already.
    pub(crate) fn said(&mut self) -> Option<Outcome> {
        self.0.try_recv().ok()
    }

    /// What it says in the end.
    pub(crate) async fn wait(&mut self) -> Outcome {
        let said = (&mut self.0).await;
        if said.is_err() && broken(Rule::Unacked) {
            return Outcome::Done;
        }
        said.unwrap_or_else(|_| Outcome::Failed(Box::new(Failure::unacked())))
    }
}
