//! The vocabulary of what Kafka stores: records, their headers, and where they stand.
//!
//! Imports nothing of this crate but time, so that everything else may import it.

mod assignment;
mod headers;
mod outgoing;
mod packed;
mod pieces;
#[expect(clippy::module_inception, reason = "the record is what the module is called after")]
mod record;
mod topic;

pub use assignment::{Assigned, AssignmentId};
pub use headers::{Header, HeaderBuf, HeaderIter, Headers};
pub use outgoing::{Outgoing, PublishError, PublishErrorKind, Wanted, Written};
pub use packed::Packed;
pub(crate) use pieces::{Packing, Pieces};
pub use record::{Batch, Body, OwnedBody, Record, RecordTime, TimestampType};
pub use topic::{InvalidTopicName, TopicName, TopicPartition};
