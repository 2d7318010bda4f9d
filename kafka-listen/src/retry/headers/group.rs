//! Whose record it is: the consumer group that a record of a retry topic or DLT names.

use crate::record::TopicName;
use crate::retry::Chain;

/// The group that a record names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GroupHeader<'a> {
    /// None: Spring's asynchronous listeners write none.
    Missing,
    /// This one.
    Named(&'a [u8]),
}

/// Whether a record that was read from `topic`, and names this group, is for the listener of `group`.
///
/// A record that names no group is. So is one that names `group` with the suffix of `topic`, or of any topic of the
/// chain: Spring reads each retry topic with a group of its own, whose name it writes into a record that came there
/// without one, and carries on from there.
pub fn is_ours(named: GroupHeader<'_>, group: &str, chain: &Chain, topic: &TopicName) -> bool {
    let GroupHeader::Named(named) = named else { return true };
    let Some(rest) = named.strip_prefix(group.as_bytes()) else { return false };
    let topics = chain.steps().iter().map(|step| &step.topic).chain([topic]);
    rest.is_empty() || topics.filter_map(|topic| chain.suffix_of(topic)).any(|suffix| suffix.as_bytes() == rest)
}
