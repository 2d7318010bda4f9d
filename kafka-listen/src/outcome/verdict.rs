//! What an attribute says of an error: by `classify`, by patterns, or by both.

use super::Decision;

/// What follows a failure.
#[derive(Clone, Debug, PartialEq, Eq)]
#[doc(hidden)]
pub struct Verdict {
    /// What becomes of the record.
    pub decision: Decision,
    /// The `dlt_route` that its dead letter takes, by its place in the attribute; none is the DLT.
    pub route: Option<usize>,
    /// Whether a try in place may help, where there are any.
    pub in_place: bool,
}

impl Verdict {
    /// What follows a failure of which the attribute says nothing.
    pub const RETRY: Self = Self { decision: Decision::Retry, route: None, in_place: true };
}

impl From<Decision> for Verdict {
    fn from(decision: Decision) -> Self {
        Self { decision, ..Self::RETRY }
    }
}
