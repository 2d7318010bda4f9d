//! What this crate sets unless the user says otherwise, each with its reason.

use std::time::Duration;

/// A property's name and its value.
pub(super) type Default = (&'static str, &'static str);

/// For clients of every kind.
pub(super) const EVERY_CLIENT: &[Default] = &[
    ("client.id", "kafka-listen"),
    // A typo must not create a topic.
    ("allow.auto.create.topics", "false"),
    // Small requests, commits above all, are not held back for a fuller packet.
    ("socket.nagle.disable", "true"),
    // A broker that comes back is found within a second, not ten.
    ("reconnect.backoff.ms", "50"),
    ("reconnect.backoff.max.ms", "1000"),
    // A partition that was added is read within ten seconds, not five minutes; one small request each time.
    (METADATA_INTERVAL, "10000"),
];

/// How often a client looks at its topics anew.
pub(super) const METADATA_INTERVAL: &str = "topic.metadata.refresh.interval.ms";

/// For members of a group.
pub(super) const CONSUMER: &[Default] = &[
    // Offsets are committed when their records have ended, and only then.
    ("enable.auto.commit", "false"),
    ("enable.auto.offset.store", "false"),
    // Where reading begins is decided here, and what is gone from the log is told.
    ("auto.offset.reset", "error"),
    // Records of transactions that were aborted are not handled.
    ("isolation.level", "read_committed"),
    // The default stops fetching for a whole second whenever enough is queued, however fast the queue is read.
    ("fetch.queue.backoff.ms", "5"),
];

/// A rebalance waits this long for a member that has asked to join and is gone since; the client's own five minutes leave
/// room for handlers that run between two polls, and here none does.
pub(super) const POLL_INTERVAL: Duration = Duration::from_secs(60);

/// Partitions that stay where they are are read on during a rebalance.
pub(super) const STRATEGY: Default = ("partition.assignment.strategy", "cooperative-sticky");

/// For the producer.
pub(super) const PRODUCER: &[Default] = &[
    // A retry by the client neither doubles nor reorders, and an acknowledgement means that it is kept.
    ("enable.idempotence", "true"),
    ("request.required.acks", "all"),
    // Waiting is left to the client, for ever: a record that it gave up may have been written, and writing it again
    // would double it.
    ("message.timeout.ms", "0"),
    // Keys go where Java's client puts them.
    ("partitioner", "murmur2_random"),
    // What is written here was read before, so whether it fits is for the topic to say; this is the client's maximum.
    ("message.max.bytes", "1000000000"),
    // A record that is small only when compressed was taken so by its source, and must be by its retry topic.
    ("compression.codec", "lz4"),
    // The first records of a batch wait this long for company: well below the precision of a retry's delay.
    ("queue.buffering.max.ms", "1"),
    // A topic that is gone is told after this time, so that it can be created again.
    ("topic.metadata.propagation.max.ms", "5000"),
];
