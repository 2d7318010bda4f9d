//! Errors of the client in words that say what to do.

use rdkafka::error::RDKafkaErrorCode as Code;

use super::reach::is_transient;

/// What an error of a group member means; `None` for noise that ends by itself, which is only logged.
pub(super) fn of_consumer(code: Code, reason: &str, group: &str) -> Option<String> {
    let reason = reason.trim();
    let text = match code {
        code if code != Code::AllBrokersDown && is_transient(code) => return None,
        Code::NodeUpdate => return None,
        Code::AllBrokersDown => "no broker can be reached; the client keeps trying".to_owned(),
        Code::InconsistentGroupProtocol => format!(
            "the group `{group}` has members that share out partitions in another way ({reason}); set the client \
             property `partition.assignment.strategy` to theirs, which is `range` unless they were told otherwise"
        ),
        Code::FencedInstanceId => format!(
            "another process of the group `{group}` has the same `group.instance.id`, and this one was shut out: give \
             each process one of its own ({reason})"
        ),
        Code::GroupAuthorizationFailed => {
            format!("no right to read as the group `{group}`: it takes the ACL `Read` on `Group {group}` ({reason})")
        }
        Code::TopicAuthorizationFailed => {
            format!("no right to read a topic: it takes the ACLs `Read` and `Describe` on it ({reason})")
        }
        Code::UnknownTopicOrPartition | Code::UnknownTopic => {
            format!("a topic is not there: create it; it is looked for again from time to time ({reason})")
        }
        Code::PollExceeded => format!(
            "the consumer of the group `{group}` was not polled in time and was shut out; it joins again ({reason})"
        ),
        Code::Authentication | Code::SaslAuthenticationFailed => format!(
            "the brokers refuse to log in: check `sasl.username`, `sasl.password` and `sasl.mechanism` ({reason})"
        ),
        other => format!("{other} ({reason})"),
    };
    Some(text)
}

/// Whether a group member is of no more use after this error, even where librdkafka goes on trying.
pub(super) fn is_fatal_for_consumer(code: Code) -> bool {
    matches!(
        code,
        Code::Fatal | Code::FencedInstanceId | Code::InconsistentGroupProtocol | Code::GroupAuthorizationFailed
    )
}
