//! A member of a group with fewer partitions than members: it has nothing to read, and knows it.

use std::time::{Duration, Instant};

use kafka_listen::__internals::broker::ConsumerEvent;
use kafka_listen_tests::real_kafka::shared;

use crate::member::{LONG, Member, cluster, create};

#[tokio::test]
async fn a_member_that_gets_nothing_is_told_so() {
    let kafka = shared();
    create(kafka, "idle", 1, &[]).await;
    let broker = cluster(kafka, &[]);
    let mut first = Member::join(&broker, "idle", &["idle"]);
    assert_eq!(first.assigned().len(), 1);
    let mut second = Member::join(&broker, "idle", &["idle"]);
    let deadline = Instant::now() + LONG;
    let nothing = |event: &ConsumerEvent| matches!(event, ConsumerEvent::Assigned(assigned) if assigned.is_empty());
    while !second.poll(Duration::from_millis(50)).iter().any(nothing) {
        first.poll(Duration::from_millis(50));
        assert!(Instant::now() < deadline, "whoever waits for its start would wait for ever");
    }
}
