//! The whole crate on a real Apache Kafka, which the tests start by themselves. What breaks from outside, and processes that are
//! killed and stopped, are in `faults`.

#[path = "kafka/support.rs"]
mod support;

#[path = "kafka/acls.rs"]
mod acls;
#[path = "kafka/batches.rs"]
mod batches;
#[path = "kafka/bytes.rs"]
mod bytes;
#[path = "kafka/chain.rs"]
mod chain;
#[path = "kafka/errors.rs"]
mod errors;
#[path = "kafka/fates.rs"]
mod fates;
#[path = "kafka/flow.rs"]
mod flow;
#[path = "kafka/groups.rs"]
mod groups;
#[path = "kafka/hundred.rs"]
mod hundred;
#[path = "listening/hundred_listeners.rs"]
mod hundred_listeners;
#[path = "kafka/left_over.rs"]
mod left_over;
#[path = "kafka/many_waiting.rs"]
mod many_waiting;
#[path = "kafka/membership.rs"]
mod membership;
#[path = "kafka/own_consumers.rs"]
mod own_consumers;
#[expect(unsafe_code, reason = "headers that the client refuses are written and read by librdkafka itself")]
#[path = "kafka/raw.rs"]
mod raw;
#[path = "kafka/topic_pattern.rs"]
mod topic_pattern;
#[path = "kafka/transactions.rs"]
mod transactions;
