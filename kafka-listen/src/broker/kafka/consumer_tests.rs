//! When a consumer wants to be polled again. No broker is there, and none is needed.

use std::collections::BTreeMap;

use super::*;
use crate::broker::OffsetReset;
use crate::record::TopicName;

fn place() -> TopicPartition {
    TopicPartition { topic: TopicName::new("t").unwrap(), partition: 0 }
}

fn consumer(reset: OffsetReset) -> KafkaConsumer {
    let properties = Properties::new(&[("bootstrap.servers".to_owned(), "127.0.0.1:1".to_owned())].into()).unwrap();
    let topics = vec![(place().topic, reset)];
    let spec = ConsumerSpec { group: "g".to_owned(), topics, properties: BTreeMap::new(), read_ahead: 0, grows: false };
    KafkaConsumer::new(&properties, spec, 1, Wake::new(|| {})).unwrap()
}

/// A consumer whose one partition has stopped.
fn stopped() -> KafkaConsumer {
    let mut consumer = consumer(OffsetReset::Earliest);
    let id = consumer.assignments.insert(&consumer.client, place(), 0).unwrap();
    consumer.stopped.insert(id, now());
    consumer
}

fn is_due(consumer: &KafkaConsumer) -> bool {
    consumer.wake_at().is_some_and(|at| at <= now())
}

#[test]
fn a_stopped_partition_is_looked_after_at_once() {
    assert!(is_due(&stopped()));
}

#[test]
fn a_stopped_partition_waits_quietly_for_the_end_of_a_rebalance() {
    let mut consumer = stopped();
    consumer.rebalances.revoke(vec![place()]);
    assert!(!is_due(&consumer), "nothing can be done before its holder has let go of it");
    consumer.rebalances.answered();
    assert!(is_due(&consumer));
}

#[test]
fn a_stopped_partition_is_left_alone_at_the_end() {
    let mut consumer = stopped();
    consumer.close();
    assert_eq!(consumer.stage, Stage::LettingGo);
    assert!(!is_due(&consumer));
}

#[test]
fn only_who_begins_with_the_latest_asks_before_joining() {
    assert!(is_due(&consumer(OffsetReset::Latest)));
    assert!(!is_due(&consumer(OffsetReset::Earliest)));
}
