//! Why a listener is paused, as its event and its handle tell it.

use std::fmt;

use super::RecordPlace;

/// Why a listener is paused.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PauseReason {
    /// The application asked for it, by [`Handle::pause`](crate::Handle::pause).
    Asked,
    /// The handler asked for it, by [`Decision::Stop`](crate::Decision::Stop). The listener begins with this record again.
    Stopped {
        /// The record.
        record: RecordPlace,
        /// Why, in the words of the handler's error.
        message: String,
    },
}

impl fmt::Display for PauseReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Asked => f.write_str("the application asked for it"),
            Self::Stopped { record, message } => write!(f, "its handler asked for it at {record}: {message}"),
        }
    }
}
