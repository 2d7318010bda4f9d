//! A cluster: where the other ports come from.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use super::{Admin, ClientError, Consumer, ConsumerSpec, ProducerPort};
use crate::clock::Clock;

/// A future that a port returns.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A cluster, as this crate sees it.
pub trait Broker: Send + Sync {
    /// Joins a group. `wake` is called, from any thread, whenever [`Consumer::poll`] has something to tell.
    ///
    /// # Errors
    /// The settings are wrong; what is wrong with the cluster comes later, as [`ConsumerEvent::Failed`](super::ConsumerEvent::Failed).
    fn consumer(&self, spec: ConsumerSpec, wake: Wake) -> Result<Box<dyn Consumer>, ClientError>;

    /// The producer that writes retry and dead-letter records, and the application's own.
    ///
    /// # Errors
    /// The settings are wrong.
    fn producer(&self) -> Result<Arc<dyn ProducerPort>, ClientError>;

    /// Administration.
    ///
    /// # Errors
    /// The settings are wrong.
    fn admin(&self) -> Result<Arc<dyn Admin>, ClientError>;

    /// The clock that due times are compared with.
    fn clock(&self) -> Clock;

    /// What a consumer of this broker must be driven by.
    fn host(&self) -> Host;

    /// How long its consumers may take to notice that a topic is gone, and to let go of it.
    fn notices_within(&self) -> Duration;

    /// How often topics are looked for that appear while an application runs; `None` for never.
    fn looks_every(&self) -> Option<Duration>;

    /// Where it is, for messages.
    fn address(&self) -> String;
}

/// What calls [`Consumer::poll`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Host {
    /// A thread of its own: polling may take a moment.
    Thread,
    #[cfg_attr(not(feature = "embedded"), allow(dead_code, reason = "the in-process broker's"))]
    /// A Tokio task: polling is quick, and time may be virtual.
    Task,
}

/// Wakes whoever sleeps between two polls. Must only set a flag and unpark; never block.
#[derive(Clone)]
pub struct Wake(Arc<dyn Fn() + Send + Sync>);

impl Wake {
    /// A wake-up call that does `f`.
    pub fn new(f: impl Fn() + Send + Sync + 'static) -> Self {
        Self(Arc::new(f))
    }

    /// Wakes.
    pub fn wake(&self) {
        (self.0)();
    }
}

impl fmt::Debug for Wake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Wake")
    }
}
