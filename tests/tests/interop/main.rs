//! A real Spring Boot application and ours on one real Kafka: they take records over from each other, and read each other's dead
//! letters.

#[expect(unsafe_code, reason = "headers that the client refuses are written and read by librdkafka itself")]
#[allow(dead_code, reason = "another target uses the rest")]
#[path = "../kafka/raw.rs"]
mod raw;
#[allow(dead_code, reason = "another target uses the rest")]
#[path = "../kafka/support.rs"]
mod support;

mod attributes;
mod chains;
mod compare;
mod forged;
mod handover;
mod headers;
mod members;
mod names;
mod required;
mod routes;
mod undecodable;

use std::sync::OnceLock;

use kafka_listen_tests::real_kafka;
use kafka_listen_tests::spring::Spring;

/// The application that all tests share. Each has listeners, topics and groups of its own there.
fn spring() -> &'static Spring {
    static SHARED: OnceLock<Spring> = OnceLock::new();
    SHARED.get_or_init(|| Spring::start(real_kafka::shared()))
}
