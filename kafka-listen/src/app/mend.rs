//! Chain topics that somebody deleted while the application runs are created again.
//!
//! What was to be written there waits meanwhile and is tried again by the engine; here is only what makes the topic exist.
//! It never creates a source topic.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::task::JoinHandle;

use super::current::CurrentPlan;
use crate::observe::{Event, Observer};
use crate::sabotage::{Rule, broken};
use crate::topics::Ensure;

/// Hears of records that found no topic.
#[derive(Clone, Default)]
pub(super) struct Missing(Arc<Notify>);

impl Observer for Missing {
    fn observe(&self, event: &Event) {
        if let Event::PublishFailed { missing: true, .. } = event
            && !broken(Rule::Mend)
        {
            self.0.notify_one();
        }
    }
}

/// The task that creates them; ends when this is dropped.
pub(super) struct Mending(JoinHandle<()>);

impl Mending {
    /// `noticed` is how long consumers take to notice that a topic is gone.
    pub(super) fn start(missing: Missing, ensure: Ensure, plan: CurrentPlan, noticed: Duration) -> Self {
        Self(tokio::spawn(async move {
            loop {
                missing.0.notified().await;
                // Whoever still has its partitions would go on in the new topic where it stood in the old one, and pass over what
                // lies before.
                tokio::time::sleep(noticed).await;
                // One that failed is asked for again by the next record that finds no topic.
                if let Err(error) = ensure.all(&plan.get()).await {
                    let error = super::Error::from(error);
                    tracing::warn!(%error, "a chain topic is missing and could not be created again");
                }
            }
        }))
    }
}

impl Drop for Mending {
    fn drop(&mut self) {
        self.0.abort();
    }
}
