//! What came of handing a record to a handler, and what its handler asks for.

mod batch;
mod decision;
mod failure;
mod panics;
mod reply;
mod returns;
mod type_names;
mod verdict;

pub use batch::{BatchOutcome, BatchReturn, FallibleBatch};
pub use decision::{Decision, Outcome};
pub use failure::{Failure, FailureKind};
pub(crate) use panics::catch;
pub use reply::Reply;
pub use returns::{Fallible, HandlerReturn};
pub(crate) use type_names::name_of;
pub use verdict::Verdict;
