//! What is refused because a promise would not hold with it, and what librdkafka does not take.

use rdkafka::config::ClientConfig;

use super::config::unusable;
use super::property::{canonical, is_property, nearest_property};

/// A property that the user may set to these values only, and why.
struct Refused {
    name: &'static str,
    allowed: &'static [&'static str],
    why: &'static str,
}

const fn refused(name: &'static str, allowed: &'static [&'static str], why: &'static str) -> Refused {
    Refused { name, allowed, why }
}

const REFUSED: &[Refused] = &[
    refused("group.id", &[], "the group is the listener's `group`, or the application's"),
    refused("enable.auto.commit", &["false"], "offsets are committed when their records have ended, never by a timer"),
    refused("enable.auto.offset.store", &["false"], "offsets are committed when their records have ended"),
    refused(
        "auto.offset.reset",
        &["error"],
        "where a listener begins is its `offset_reset`; the client's own reset passes over records in silence",
    ),
    refused("enable.partition.eof", &["false"], "its marks move the client's position past a record"),
    refused("enable.idempotence", &["true"], "without it the client's retries can double and reorder records"),
    refused(
        "request.required.acks",
        &["all", "-1"],
        "an offset is committed once its retry record is acknowledged, which must mean that it is kept",
    ),
    refused("delivery.report.only.error", &["false"], "every record's acknowledgement is waited for"),
    refused("allow.auto.create.topics", &["false"], "a typo must not create a topic"),
    refused("transactional.id", &[], "transactions are not supported yet"),
    refused("offset.store.method", &["broker"], "offsets are kept by the group"),
    refused("log.queue", &["true"], "logs go to `tracing`"),
];

/// What is wrong with one property: nobody knows it, a promise would not hold with it, or librdkafka does not take the
/// value.
pub fn property_problem(name: &str, value: &str) -> Option<String> {
    if !is_property(name) {
        let hint = match nearest_property(name) {
            Some(nearest) => format!("did you mean `{nearest}`?"),
            None => "librdkafka's CONFIGURATION.md lists them".to_owned(),
        };
        return Some(format!("there is no client property `{name}`; {hint}"));
    }
    if value.contains('\0') {
        return Some(format!("the client property `{name}` has a null character, which ends a text of the client"));
    }
    match REFUSED.iter().find(|refused| refused.name == canonical(name)) {
        Some(refused) if !refused.allowed.contains(&value) => {
            Some(format!("the client property `{name}` cannot be `{value}`: {}", refused.why))
        }
        _ => {
            let taken = ClientConfig::new().set(name, value).create_native_config();
            taken.err().map(|error| unusable(error).0)
        }
    }
}
