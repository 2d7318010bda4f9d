//! What came of handing a record to a handler, and what its handler asks for.

mod decision;
mod failure;
mod returns;
mod verdict;

pub use decision::{Decision, Outcome};
pub use failure::{Failure, FailureKind};
pub use returns::{Fallible, HandlerReturn};
pub use verdict::Verdict;
