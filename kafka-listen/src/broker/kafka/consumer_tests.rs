//! When a consumer wants to be polled again, for which no broker is needed; and what it does with partitions that nobody
//! leads, on librdkafka's mock cluster.

use std::collections::BTreeMap;

use rdkafka::mocking::MockCluster;

use super::*;
use crate::broker::OffsetReset;
use crate::record::TopicName;

fn place() -> TopicPartition {
    TopicPartition { topic: TopicName::new("t").unwrap(), partition: 0 }
}

fn consumer(reset: OffsetReset) -> KafkaConsumer {
    consumer_at("127.0.0.1:1", reset, "cooperative-sticky")
}

fn consumer_at(servers: &str, reset: OffsetReset, strategy: &str) -> KafkaConsumer {
    let properties = [("bootstrap.servers", servers), ("partition.assignment.strategy", strategy)];
    let properties = properties.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    let properties = Properties::new(&properties).unwrap();
    let topics = vec![(place().topic, reset)];
    let spec = ConsumerSpec {
        group: "g".to_owned(),
        topics,
        properties: BTreeMap::new(),
        read_ahead: 0,
        waits: false,
        grows: false,
    };
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

/// Polls until it was told of so many partitions; which.
fn assigned(consumer: &mut KafkaConsumer, count: usize) -> Vec<i32> {
    let (mut partitions, began) = (Vec::new(), now());
    while partitions.len() < count {
        assert!(now().since(began) < Duration::from_secs(30), "only {partitions:?}");
        let mut events = Vec::new();
        consumer.poll(&mut events);
        for event in events {
            let ConsumerEvent::Assigned(assigned) = event else { continue };
            partitions.extend(assigned.iter().map(|it| it.partition.partition));
        }
        std::thread::park_timeout(Duration::from_millis(5));
    }
    partitions
}

#[test]
fn a_partition_that_nobody_leads_does_not_hold_up_the_others_and_begins_when_somebody_does() {
    for strategy in ["cooperative-sticky", "range"] {
        let cluster = MockCluster::new(1).unwrap();
        cluster.create_topic("t", 3, 1).unwrap();
        cluster.partition_leader("t", 1, None).unwrap();
        let mut consumer = consumer_at(&cluster.bootstrap_servers(), OffsetReset::Earliest, strategy);
        let mut first = assigned(&mut consumer, 2);
        first.sort();
        assert_eq!(first, [0, 2], "{strategy}");
        cluster.partition_leader("t", 1, Some(1)).unwrap();
        assert_eq!(assigned(&mut consumer, 1), [1], "{strategy}");
        let read: Vec<_> = consumer.assignments.positions().iter().map(|(place, _)| place.partition).collect();
        assert_eq!(read.len(), 3, "{strategy}: {read:?}");
        consumer.close();
    }
}
