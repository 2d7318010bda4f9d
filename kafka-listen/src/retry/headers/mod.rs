//! The headers of records in retry topics and dead-letter topics, byte for byte as Spring for Apache Kafka has them.
//!
//! Whatever is read here was written by somebody else: what makes no sense is as if it were not there.

mod again;
#[cfg(test)]
mod as_spring;
mod codec;
mod due;
mod first;
mod forward;
mod group;
mod last_error;
mod names;
mod origin;
mod read;
mod shrink;
#[cfg(test)]
mod untrusted;

pub use again::again;
pub use due::{ALWAYS_BELIEVED, believable_due};
pub use first::first_timestamp;
pub use forward::{Hop, forward};
#[cfg(test)]
use group::GroupHeader;
pub use group::is_ours;
pub use last_error::LastError;
pub use origin::Origin;
pub use read::RetryHeaders;
pub use shrink::Shrink;
#[cfg(test)]
pub(crate) use untrusted::any_header;
