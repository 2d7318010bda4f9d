//! Every name that an expansion of this crate's attributes may use, and nothing else. Not for users.

use std::any::TypeId;

pub use core::module_path;
pub use inventory;
pub use std::boxed::Box;
pub use std::result::Result::{Err, Ok};

pub use crate::broker::OffsetReset;
pub use crate::extract::{Delivery, FromDelivery, FromHeader, Needs, Rejection};
pub use crate::listener::{Call, DltHandler, HandlerFuture, Listener, Order, SameDelay, Suffix};
pub use crate::outcome::Outcome;

use crate::outcome::HandlerReturn;

/// The identity of a function: every function has a type of its own.
pub fn function_id<F: 'static>(_: F) -> TypeId {
    TypeId::of::<F>()
}

/// What a handler's return value means.
pub fn outcome<R: HandlerReturn>(returned: R) -> Outcome {
    returned.into_outcome()
}

/// A parameter could not be built.
pub fn rejected(rejection: Rejection, parameter: &'static str) -> Outcome {
    Outcome::Failed(Box::new(rejection.into_failure(parameter)))
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
