//! Every name that an expansion of this crate's attributes may use, and nothing else. Not for users.

use std::any::TypeId;
use std::future::Future;

pub use core::module_path;
pub use inventory;
pub use std::option::Option::{None, Some};
pub use std::result::Result::Ok;

pub use crate::broker::OffsetReset;
pub use crate::extract::{Batch, Beside, Delivery, FromDelivery, FromHeader, Needs, Rejection};
pub use crate::listener::{
    BatchFuture, Call, DltHandler, DltOnError, GroupNaming, HandlerFuture, Listener, Order, SameDelay, Settings,
    Suffix, judge,
};
pub use crate::outcome::{
    BatchOutcome, BatchReturn, Decision, Fallible, FallibleBatch, HandlerReturn, Outcome, Verdict,
};

/// The identity of a function: every function has a type of its own.
pub fn function_id<F: 'static>(_: F) -> TypeId {
    TypeId::of::<F>()
}

/// A delivery, or a batch of them, to an `async fn`: `call` builds the parameters and calls it, at the first poll, so that an extractor's
/// panic is the delivery's own.
pub fn run<'d, F, R, O>(
    call: impl FnOnce() -> Result<F, Outcome> + Send + 'd,
    outcome: fn(R) -> O,
) -> HandlerFuture<'d, O>
where
    // On the handler's own future, so that one that is not `Send` is one error.
    F: Future<Output = R> + Send + 'd,
    R: 'd,
    O: From<Outcome> + 'd,
{
    Box::pin(async move {
        match call() {
            Ok(handler) => outcome(handler.await),
            Err(rejected) => rejected.into(),
        }
    })
}

/// A delivery, or a batch of them, to a plain `fn`.
pub fn run_blocking<R, O: From<Outcome>>(call: impl FnOnce() -> Result<R, Outcome>, outcome: fn(R) -> O) -> O {
    call().map_or_else(O::from, outcome)
}

/// What follows when a parameter could not be built.
pub fn rejected(parameter: &'static str) -> impl FnOnce(Rejection) -> Outcome {
    move |rejection| Outcome::Failed(Box::new(rejection.into_failure(parameter)))
}

/// The parameter `#[header(name)]`.
///
/// # Errors
/// There is no such header, it is null, or its value is no `T`.
pub fn header<'d, T: FromHeader<'d>>(delivery: &'d Delivery<'d>, name: &'static str) -> Result<T, Rejection> {
    match delivery.headers().get(name) {
        Some(value) => T::from_header(value)
            .map_err(|error| Rejection::decode(format!("the header `{name}` cannot be read"), error)),
        None => T::absent().ok_or_else(|| Rejection::missing(format!("the record has no header `{name}`"))),
    }
}
