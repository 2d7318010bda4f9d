//! Every key, in every way its value can be written.

use kafka_listen::prelude::*;

mod limits {
    pub(super) const ATTEMPTS: u32 = 5;
    pub(super) const DELAY: u64 = 500;
}

fn is_wanted(_: &Delivery<'_>) -> bool {
    true
}

const GROWTH: f64 = 1.5;

#[kafka_listener(
    topics("every.key", "every.${KIND:other}.key"),
    group = "${GROUP:every}",
    id = "every",
    concurrency = 8,
    order = "key",
    filter = is_wanted,
    attempts = 4,
    backoff(delay = "1s", multiplier = 1.5, max_delay = "1m 30s", jitter = 0.2),
    blocking(attempts = 3, delay = "100ms", multiplier = 2, max_delay = 150),
    handler_timeout = "30s",
    timeout = "1d",
    max_retry_after = "2h",
    retry_suffix = "-again",
    dlt_suffix = ".dead",
    suffix = "index",
    same_delay = "multiple",
    dlt = true,
    dlt_on_error = "skip",
    dlt_route("by-hand"),
    offset_reset = "latest",
    auto_create = true,
    partitions = 6,
    replication = 3,
    retention = "30d",
    group_naming = "per-topic"
)]
async fn literals() {}

#[kafka_listener(
    topic = "every.constant",
    attempts = limits::ATTEMPTS - 1,
    concurrency = 2 * 4,
    backoff(delay = limits::DELAY, multiplier = GROWTH, max_delay = limits::DELAY * 100),
    blocking(attempts = limits::ATTEMPTS, delay = limits::DELAY, multiplier = GROWTH, max_delay = limits::DELAY * 2),
    handler_timeout = limits::DELAY,
    timeout = limits::DELAY,
    max_retry_after = limits::DELAY,
    retention = limits::DELAY * 1000
)]
async fn constants() {}

#[kafka_listener(
    topic = "${TOPIC}",
    attempts = "${ATTEMPTS:5}",
    concurrency = "${CONCURRENCY}",
    backoff(
        delay = "${DELAY:1s}",
        multiplier = "${MULTIPLIER:2}",
        max_delay = "${MAX_DELAY:60000}",
        jitter = "${JITTER:0}"
    ),
    blocking(
        attempts = "${TRIES:3}",
        delay = "${PAUSE:100}",
        multiplier = "${GROWTH}",
        max_delay = "${LONGEST_PAUSE:1s}"
    ),
    handler_timeout = "${HANDLER_TIMEOUT}",
    timeout = "${TIMEOUT:1d}",
    max_retry_after = "${MAX_RETRY_AFTER:1h}",
    retention = "${RETENTION:7d}",
    group_naming = "${GROUP_NAMING:role}"
)]
async fn placeholders() {}

#[kafka_listener(topic = "every.offset", offset_reset = "error", order = "none", dlt = false)]
async fn other_words() {}

#[kafka_listener(topic = "every.once", blocking(attempts = 1))]
async fn once() {}

#[kafka_listener(topic_pattern = r"^every\.(one|other)\.\d{2,}$")]
async fn pattern() {}

#[kafka_listener(topic_pattern = "^${TENANT}\\.", dlt = true, dlt_suffix = ".dlt")]
async fn pattern_of_placeholders() {}
