//! Topics that hold dead letters, by their names.

use crate::record::TopicName;

/// Whether a topic is a DLT by its name: it ends in `dlt` or `dlq` behind a `.`, `-` or `_`.
pub(super) fn is_dlt_name(topic: &TopicName) -> bool {
    let end = topic.rsplit(['.', '-', '_']).next().filter(|end| end.len() < topic.len());
    end.is_some_and(|end| end.eq_ignore_ascii_case("dlt") || end.eq_ignore_ascii_case("dlq"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dlt_is_known_by_its_end() {
        let is = |name: &str| is_dlt_name(&TopicName::new(name).unwrap());
        assert!(["email.send.dlt", "chat-topic.DLT", "x-dlq", "a_Dlq"].into_iter().all(is));
        assert!(!["dlt", "email.send", "a.dlts", "adlt", "dlt.a"].into_iter().any(is));
    }
}
