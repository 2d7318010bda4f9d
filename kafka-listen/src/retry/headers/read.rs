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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{Body, HeaderBuf, OwnedBody};

    fn read(headers: Vec<HeaderBuf>, check: impl FnOnce(RetryHeaders<'_>)) {
        let body = OwnedBody { headers, ..OwnedBody::default() };
        check(RetryHeaders::read(Headers::of(&body as &dyn Body)));
    }

    #[test]
    fn a_header_without_a_value_is_none_even_after_one_with() {
        let null = |name: &'static str| HeaderBuf { name: name.into(), value: None };
        let headers = vec![
            HeaderBuf::new(names::ATTEMPTS, vec![3]),
            HeaderBuf::new(names::DUE, vec![3]),
            HeaderBuf::new(names::GROUP, "g"),
            null(names::ATTEMPTS),
            null(names::DUE),
            null(names::GROUP),
        ];
        read(headers, |read| {
            assert_eq!(read, RetryHeaders { attempt: 1, due: None, group: GroupHeader::Missing });
        });
    }

    #[test]
    fn a_due_time_of_no_length_or_too_many_bytes_is_none() {
        for length in [0, 9] {
            read(vec![HeaderBuf::new(names::DUE, vec![1; length])], |read| assert_eq!(read.due, None, "{length}"));
        }
        read(vec![HeaderBuf::new(names::DUE, vec![1, 0])], |read| {
            assert_eq!(read.due, Some(Timestamp::from_millis(256)));
        });
    }
}
