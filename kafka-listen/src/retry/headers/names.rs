//! The names of the headers.

pub(super) const ATTEMPTS: &str = "retry_topic-attempts";
pub(super) const DUE: &str = "retry_topic-backoff-timestamp";
pub(super) const FIRST_TIMESTAMP: &str = "retry_topic-original-timestamp";

pub(super) const ORIGINAL_TOPIC: &str = "kafka_original-topic";
pub(super) const ORIGINAL_PARTITION: &str = "kafka_original-partition";
pub(super) const ORIGINAL_OFFSET: &str = "kafka_original-offset";
pub(super) const ORIGINAL_TIMESTAMP: &str = "kafka_original-timestamp";
pub(super) const ORIGINAL_TIMESTAMP_TYPE: &str = "kafka_original-timestamp-type";
/// The odd prefix is Spring's.
pub(super) const GROUP: &str = "kafka_dlt-original-consumer-group";

pub(super) const ERROR_TYPE: &str = "kafka_exception-fqcn";
pub(super) const ERROR_CAUSE: &str = "kafka_exception-cause-fqcn";
pub(super) const ERROR_MESSAGE: &str = "kafka_exception-message";
pub(super) const ERROR_TRACE: &str = "kafka_exception-stacktrace";

/// Spring writes these for a key that it could not decode; a later failure replaces them.
pub(super) const KEY_ERROR_TYPE: &str = "kafka_key-exception-fqcn";
pub(super) const KEY_ERROR_MESSAGE: &str = "kafka_key-exception-message";
pub(super) const KEY_ERROR_TRACE: &str = "kafka_key-exception-stacktrace";

/// Names what was left out of a record that was too large.
pub(super) const LEFT_OUT: &str = "kafka_listen-left-out";

/// Whether a failure writes this header anew, so that no older one of its name is carried on.
pub(super) fn is_replaced(name: &[u8]) -> bool {
    const NAMES: [&str; 16] = [
        ATTEMPTS,
        DUE,
        FIRST_TIMESTAMP,
        ORIGINAL_TOPIC,
        ORIGINAL_PARTITION,
        ORIGINAL_OFFSET,
        ORIGINAL_TIMESTAMP,
        ORIGINAL_TIMESTAMP_TYPE,
        GROUP,
        ERROR_TYPE,
        ERROR_CAUSE,
        ERROR_MESSAGE,
        ERROR_TRACE,
        KEY_ERROR_TYPE,
        KEY_ERROR_MESSAGE,
        KEY_ERROR_TRACE,
    ];
    NAMES.iter().any(|known| known.as_bytes() == name)
}
