//! Whose record it is: the consumer group that a record of a retry topic or DLT names.

use crate::record::TopicName;
use crate::retry::Chain;
use crate::sabotage::{Rule, broken};

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
    if broken(Rule::Groups) {
        return true;
    }
    let Some(rest) = named.strip_prefix(group.as_bytes()) else { return false };
    let topics = chain.steps().iter().map(|step| &step.topic).chain([topic]);
    rest.is_empty() || topics.filter_map(|topic| chain.suffix_of(topic)).any(|suffix| suffix.as_bytes() == rest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::retry::{Backoff, EndKind, Naming, Policy};

    #[test]
    fn a_record_is_ours_unless_it_names_another_group() {
        let topic = |name: &str| TopicName::new(name).unwrap();
        let second = std::time::Duration::from_secs(1);
        let policy = Policy::new(3, Backoff::new(second, 2.0, None, 0.0).unwrap()).unwrap();
        let chain = Chain::new(topic("t"), &policy, &Naming::default(), EndKind::Dlt).unwrap();
        let ours = |named: &str, read_from: &str| {
            is_ours(GroupHeader::Named(named.as_bytes()), "email", &chain, &topic(read_from))
        };
        assert!(is_ours(GroupHeader::Missing, "email", &chain, &topic("t-retry-1000")));
        for named in ["email", "email-retry-1000", "email-retry-2000", "email-dlt"] {
            assert!(ours(named, "t-dlt"), "{named}");
        }
        assert!(ours("email-retry-1000", "t-retry-2000"), "born in the topic before, by Spring's group of that topic");
        assert!(ours("email-retry-500", "t-retry-500"), "a topic that left the chain");
        for stranger in ["", "emai", "stranger", "email-retry", "email-retry-500", "email2", "Email"] {
            assert!(!ours(stranger, "t-retry-1000"), "{stranger}");
        }
        assert!(!is_ours(GroupHeader::Named(&[0xff]), "email", &chain, &topic("t-retry-1000")));
    }
}
