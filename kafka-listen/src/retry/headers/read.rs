//! What the headers of a record in a retry topic say about its next delivery.

use super::group::GroupHeader;
use super::{codec, names};
use crate::clock::Timestamp;
use crate::record::Headers;

/// What a record of a retry topic or DLT says about itself. On a source topic none of it may be believed: anybody who
/// writes there could have made it up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryHeaders<'a> {
    /// The number of this delivery, at least 1.
    pub attempt: u32,
    /// Not before this; see [`believable_due`](super::believable_due).
    pub due: Option<Timestamp>,
    /// The group that failed it.
    pub group: GroupHeader<'a>,
}

impl<'a> RetryHeaders<'a> {
    /// Reads them; never fails. Of several headers of one name the last counts, and one without a value is none.
    pub fn read(headers: Headers<'a>) -> Self {
        let mut read = Self { attempt: 1, due: None, group: GroupHeader::Missing };
        for header in headers.iter() {
            if header.name == names::ATTEMPTS.as_bytes() {
                read.attempt = header.value.map_or(1, codec::attempt);
            } else if header.name == names::DUE.as_bytes() {
                read.due = header.value.and_then(codec::number).map(Timestamp::from_millis);
            } else if header.name == names::GROUP.as_bytes() {
                read.group = header.value.map_or(GroupHeader::Missing, GroupHeader::Named);
            }
        }
        read
    }
}
