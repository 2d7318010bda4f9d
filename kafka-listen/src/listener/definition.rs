//! What an attribute builds: one `static` for each annotated function, made by a method for each of its [`keys`](super::keys).

use std::any::TypeId;
use std::future::Future;
use std::panic::Location;
use std::pin::Pin;

use super::site::Site;
use crate::broker::OffsetReset;
use crate::engine::Order;
use crate::extract::{Batch, Delivery, Needs};
use crate::outcome::{BatchOutcome, Outcome};
use crate::retry::{GroupNaming, SameDelay, Suffix};

/// The future of one delivery, or of a batch of them.
pub type HandlerFuture<'d, O = Outcome> = Pin<Box<dyn Future<Output = O> + Send + 'd>>;

/// The future of a batch.
pub type BatchFuture<'d> = HandlerFuture<'d, BatchOutcome>;

/// Builds the parameters of a handler and calls it.
#[derive(Clone, Copy)]
pub enum Call {
    /// An `async fn`.
    Async(for<'d> fn(&'d Delivery<'d>) -> HandlerFuture<'d>),
    /// A plain `fn`, to be called where blocking is allowed.
    Blocking(for<'d> fn(&'d Delivery<'d>) -> Outcome),
    /// An `async fn` that takes records together.
    AsyncBatch(for<'d> fn(&'d Batch<'d>) -> BatchFuture<'d>),
    /// A plain `fn` that takes records together.
    BlockingBatch(for<'d> fn(&'d Batch<'d>) -> BatchOutcome),
}

/// Says whether a record is for the handler.
pub type Filter = for<'d> fn(&'d Delivery<'d>) -> bool;

/// A setting that is known now, or a text with `${NAME:default}` that will be at start-up.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Setting<T> {
    /// Known.
    Value(T),
    /// Filled at start-up.
    Text(&'static str),
}

/// What follows when a DLT handler fails.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DltOnError {
    /// It gets the same dead letter again, ever more slowly.
    #[default]
    Retry,
    /// The dead letter stays in its topic, and the next one follows.
    Skip,
}

/// What `#[kafka_listener]` registers.
#[derive(Clone, Copy)]
pub struct Listener {
    pub(crate) site: Site,
    pub(crate) function: fn() -> TypeId,
    pub(crate) needs: fn(&mut Needs),
    pub(crate) call: Call,
    pub(crate) topics: &'static [&'static str],
    pub(crate) topic_pattern: Option<&'static str>,
    pub(crate) group: Option<&'static str>,
    pub(crate) id: Option<&'static str>,
    pub(crate) concurrency: Option<Setting<u32>>,
    pub(crate) order: Option<Setting<Order>>,
    pub(crate) batch_max: Option<Setting<u32>>,
    pub(crate) batch_wait: Option<Setting<u64>>,
    pub(crate) filter: Option<Filter>,
    pub(crate) attempts: Option<Setting<u32>>,
    pub(crate) delay: Option<Setting<u64>>,
    pub(crate) multiplier: Option<Setting<f64>>,
    pub(crate) max_delay: Option<Setting<u64>>,
    pub(crate) jitter: Option<Setting<f64>>,
    pub(crate) blocking_attempts: Option<Setting<u32>>,
    pub(crate) blocking_delay: Option<Setting<u64>>,
    pub(crate) blocking_multiplier: Option<Setting<f64>>,
    pub(crate) blocking_max_delay: Option<Setting<u64>>,
    pub(crate) handler_timeout: Option<Setting<u64>>,
    /// Whether the attribute says which errors are tried in place.
    pub(crate) blocking_retry_on: bool,
    pub(crate) timeout: Option<Setting<u64>>,
    pub(crate) properties: &'static [(&'static str, &'static str)],
    pub(crate) auto_start: Option<Setting<bool>>,
    pub(crate) max_retry_after: Option<Setting<u64>>,
    pub(crate) retry_suffix: Option<&'static str>,
    pub(crate) dlt_suffix: Option<&'static str>,
    pub(crate) suffix: Option<Setting<Suffix>>,
    pub(crate) same_delay: Option<Setting<SameDelay>>,
    /// Unset: a dead-letter topic has none of its own, any other topic has one.
    pub(crate) dlt: Option<Setting<bool>>,
    pub(crate) dlt_on_error: Option<Setting<DltOnError>>,
    /// That of shared settings, which may be for others of those who share them.
    pub(crate) shared_dlt_on_error: Option<Setting<DltOnError>>,
    pub(crate) dlt_routes: &'static [&'static str],
    pub(crate) offset_reset: Option<Setting<OffsetReset>>,
    pub(crate) auto_create: Option<Setting<bool>>,
    pub(crate) partitions: Option<Setting<u32>>,
    pub(crate) replication: Option<Setting<u32>>,
    pub(crate) retention: Option<Setting<u64>>,
    pub(crate) group_naming: Option<Setting<GroupNaming>>,
}

impl Listener {
    /// A listener with nothing but defaults.
    #[track_caller]
    pub const fn new(
        function_name: &'static str,
        module: &'static str,
        function: fn() -> TypeId,
        needs: fn(&mut Needs),
        call: Call,
    ) -> Self {
        Self {
            site: Site { function: function_name, module, location: Location::caller() },
            function,
            needs,
            call,
            topics: &[],
            topic_pattern: None,
            group: None,
            id: None,
            concurrency: None,
            order: None,
            batch_max: None,
            batch_wait: None,
            filter: None,
            attempts: None,
            delay: None,
            multiplier: None,
            max_delay: None,
            jitter: None,
            blocking_attempts: None,
            blocking_delay: None,
            blocking_multiplier: None,
            blocking_max_delay: None,
            handler_timeout: None,
            blocking_retry_on: false,
            timeout: None,
            properties: &[],
            auto_start: None,
            max_retry_after: None,
            retry_suffix: None,
            dlt_suffix: None,
            suffix: None,
            same_delay: None,
            dlt: None,
            dlt_on_error: None,
            shared_dlt_on_error: None,
            dlt_routes: &[],
            offset_reset: None,
            auto_create: None,
            partitions: None,
            replication: None,
            retention: None,
            group_naming: None,
        }
    }

    /// Whether its handler takes records together.
    pub(crate) fn takes_batches(&self) -> bool {
        matches!(self.call, Call::AsyncBatch(_) | Call::BlockingBatch(_))
    }

    /// Whether it says how records are tried in place.
    pub(crate) fn is_blocking(&self) -> bool {
        self.blocking_attempts.is_some()
            || self.blocking_delay.is_some()
            || self.blocking_multiplier.is_some()
            || self.blocking_max_delay.is_some()
            || self.blocking_retry_on
    }
}

/// What `#[dlt_handler]` registers.
pub struct DltHandler {
    pub(crate) site: Site,
    pub(crate) listener: fn() -> TypeId,
    pub(crate) needs: fn(&mut Needs),
    pub(crate) call: Call,
}

impl DltHandler {
    /// A handler for the dead letters of `listener`.
    #[track_caller]
    pub const fn new(
        function_name: &'static str,
        module: &'static str,
        listener: fn() -> TypeId,
        needs: fn(&mut Needs),
        call: Call,
    ) -> Self {
        let site = Site { function: function_name, module, location: Location::caller() };
        Self { site, listener, needs, call }
    }
}

inventory::collect!(&'static Listener);
inventory::collect!(&'static DltHandler);
