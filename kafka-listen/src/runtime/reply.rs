//! Writes what a handler sends on: its delivery ends when all of it is acknowledged.

use super::call::Desk;
use super::report::{End, Reporter};
use crate::engine::Queued;
use crate::outcome::{Failure, Outcome};
use crate::record::Outgoing;

impl Desk {
    /// How a delivery ends whose handler has returned this; `None` if it was cancelled. Before it waits, what was done is
    /// reported.
    pub(super) async fn settled(&self, outcome: Outcome, queued: &Queued, report: &mut Reporter<'_>) -> Option<End> {
        match End::of(outcome) {
            Ok(end) => Some(end),
            // Boxed, so that others do not carry its size.
            Err(replies) => Box::pin(self.replied(replies, queued, report)).await,
        }
    }

    /// How a delivery ends whose handler has returned nothing but replies.
    pub(super) async fn replied(
        &self,
        replies: Vec<Outgoing>,
        queued: &Queued,
        report: &mut Reporter<'_>,
    ) -> Option<End> {
        report.flush();
        let written = self.cancelled.run_until_cancelled(self.reply(replies, queued)).await?;
        Some(written.map_or_else(End::Failed, |()| End::Done))
    }

    /// Writes them in their order, all on the way together.
    pub(super) async fn reply(&self, replies: Vec<Outgoing>, queued: &Queued) -> Result<(), Box<Failure>> {
        let written = self.producer().write_answers(replies, queued.record.headers()).await;
        written.map_err(|error| Box::new(Failure::of(error)))
    }
}
