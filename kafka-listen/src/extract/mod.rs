//! Extractors: how the parameters of a handler are built from a delivery.
//!
//! Each parameter's type implements [`FromDelivery`]; a new one is one `impl`. An extractor reads and never waits; what it
//! cannot read becomes a [`Rejection`], which no further delivery could mend and which sends the record straight to
//! the dead-letter topic.
//!
//! Implementations for one type alone are marked `do_not_recommend`: where a parameter is no extractor, rustc then lists
//! the wrappers that could make it one, and no other types.

mod ack;
mod batch;
mod cancel;
mod delivery;
mod from;
mod header;
mod json;
mod key;
mod needs;
mod option;
mod past;
mod place;
mod rejection;
#[cfg(test)]
pub(crate) mod sample;
mod state;
mod tuple;
mod value;

pub(crate) use ack::Acked;
pub use ack::{Ack, AckSlot};
pub use batch::{Batch, Beside};
pub use cancel::Cancel;
pub use delivery::{Attempt, Context, Delivery, Place};
pub use from::{FromDelivery, FromHeader};
pub use json::Json;
pub use key::Key;
pub use needs::Needs;
pub use place::{Offset, Partition, Topic};
pub use rejection::{Rejection, RejectionKind};
pub use state::{State, States};
