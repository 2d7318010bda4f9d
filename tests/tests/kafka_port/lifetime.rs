//! The ends of things: consumers dropped with their records in use, with their brokers away, shut out of their group.

use std::thread;
use std::time::{Duration, Instant};

use kafka_listen::__internals::broker::{Broker, ConsumerEvent, OffsetReset};
use kafka_listen::__internals::record::{HeaderBuf, OwnedBody, TopicPartition};
use kafka_listen_tests::real_kafka::{RealKafka, shared};

use crate::member::{LONG, Member, cluster, create, record, send, topic};

/// Much longer than a drop takes, much shorter than any of librdkafka's own time-outs.
const AT_ONCE: Duration = Duration::from_secs(1);

async fn filled(kafka: &RealKafka, name: &str, partitions: i32, records: usize) {
    create(kafka, name, partitions, &[]).await;
    let producer = cluster(kafka, &[]).producer().unwrap();
    for number in 0..records {
        let mut record = record(&topic(name), Some(i32::try_from(number).unwrap() % partitions), number.to_string());
        let headers = vec![HeaderBuf::new("number", number.to_string())];
        record.body = OwnedBody { headers, ..record.body.to_owned_body() }.pack().unwrap();
        send(&*producer, record);
    }
    producer.flush().await;
}

fn members(kafka: &RealKafka, group: &str) -> String {
    let class = "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand";
    kafka.tool(class, ["--describe", "--state", "--group", group])
}

#[tokio::test]
async fn records_outlive_their_consumer_and_neither_drop_waits() {
    let kafka = shared();
    filled(kafka, "outlive", 1, 500).await;
    let mut member = Member::join(&cluster(kafka, &[]), "outlive", &["outlive"]);
    let id = member.assigned()[0].id;
    let records = member.take(id, 500);
    let begin = Instant::now();
    drop(member);
    assert!(begin.elapsed() < AT_ONCE, "the holder of the consumer waited {:?}", begin.elapsed());
    let deadline = Instant::now() + LONG;
    while !members(kafka, "outlive").contains("Empty") {
        assert!(Instant::now() < deadline, "the group was not left:\n{}", members(kafka, "outlive"));
    }
    // The headers are parsed only now, and by two threads at once.
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                for (number, record) in records.iter().enumerate() {
                    let expected = number.to_string();
                    assert_eq!(record.value(), Some(expected.as_bytes()));
                    assert_eq!(record.headers().get("number"), Some(expected.as_bytes()));
                }
            });
        }
    });
    let begin = Instant::now();
    drop(records);
    assert!(begin.elapsed() < AT_ONCE, "the holder of the last record waited {:?}", begin.elapsed());
}

#[tokio::test]
async fn a_consumer_whose_broker_is_gone_is_dropped_at_once_and_closes_soon() {
    let kafka = RealKafka::start(&[]);
    filled(&kafka, "away", 2, 100).await;
    let broker = cluster(&kafka, &[]);
    let mut dropped = Member::join(&broker, "dropped", &["away"]);
    let mut closed = Member::join(&broker, "closed", &["away"]);
    let (first, second) = (dropped.assigned(), closed.assigned());
    dropped.take(first[0].id, 50);
    closed.take(second[0].id, 50);
    kafka.pause();
    let begin = Instant::now();
    drop(dropped);
    assert!(begin.elapsed() < AT_ONCE, "{:?}", begin.elapsed());
    let begin = Instant::now();
    closed.leave();
    assert!(begin.elapsed() < Duration::from_secs(10), "{:?}", begin.elapsed());
}

#[tokio::test]
async fn who_was_shut_out_loses_its_partitions_and_cannot_commit_for_them() {
    let kafka = shared();
    filled(kafka, "shut-out", 1, 100).await;
    let broker = cluster(kafka, &[]);
    let short = [("session.timeout.ms", "1000"), ("heartbeat.interval.ms", "200"), ("max.poll.interval.ms", "1000")];
    let mut slow = Member::join_with(&broker, "shut-out", &["shut-out"], OffsetReset::Earliest, &short);
    let old = slow.assigned()[0].id;
    slow.take(old, 100);
    // It is not polled until another member has its partition, and has committed for it.
    let mut other = Member::join(&broker, "shut-out", &["shut-out"]);
    let new = other.assigned()[0].clone();
    assert_eq!(new.start, 0);
    other.consumer.commit(&[(new.id, 100)]);
    other.until(|_, events| {
        events.iter().any(|e| matches!(e, ConsumerEvent::Committed { error: None, .. })).then_some(())
    });
    slow.until(|_, events| {
        let lost = |event: &ConsumerEvent| matches!(event, ConsumerEvent::Revoked { ids, lost: true } if ids == &[old]);
        events.iter().any(lost).then_some(())
    });
    slow.consumer.commit(&[(old, 5)]);
    let error = slow.until(|_, events| {
        events.iter().find_map(|event| match event {
            ConsumerEvent::Committed { offsets, error } if offsets == &[(old, 5)] => Some(error.clone()),
            _ => None,
        })
    });
    assert!(error.is_some_and(|why| why.contains("not assigned any more")));
    let place = TopicPartition { topic: topic("shut-out"), partition: 0 };
    let committed = broker.admin().unwrap().committed("shut-out", &[place]).await.unwrap();
    assert_eq!(committed, [Some(100)], "the owner's commit stands");
}

#[tokio::test]
async fn a_broker_that_is_killed_and_comes_back_interrupts_reading_and_writing_and_nothing_else() {
    let kafka = RealKafka::start(&[]);
    filled(&kafka, "back", 1, 100).await;
    let broker = cluster(&kafka, &[]);
    let mut member = Member::join(&broker, "back", &["back"]);
    let id = member.assigned()[0].id;
    member.take(id, 100);
    let producer = broker.producer().unwrap();
    (100..200).for_each(|number| send(&*producer, record(&topic("back"), Some(0), number.to_string())));
    kafka.kill();
    (200..300).for_each(|number| send(&*producer, record(&topic("back"), Some(0), number.to_string())));
    kafka.restart();
    producer.flush().await;
    let records = member.take(id, 200);
    let values: Vec<_> = records.iter().map(|record| String::from_utf8_lossy(record.value().unwrap())).collect();
    assert_eq!(values, (100..300).map(|number| number.to_string()).collect::<Vec<_>>(), "each once, in order");
    member.consumer.commit(&[(id, 300)]);
    member.until(|_, events| {
        events.iter().any(|e| matches!(e, ConsumerEvent::Committed { error: None, .. })).then_some(())
    });
}

/// The group would wait for a member that went without a word until its session ends, 45 s later.
#[tokio::test]
async fn whoever_holds_nothing_or_is_still_joining_leaves_too() {
    let kafka = shared();
    filled(kafka, "idle-leaver", 1, 10).await;
    let broker = cluster(kafka, &[]);
    let mut holder = Member::join(&broker, "idle-leaver", &["idle-leaver"]);
    assert_eq!(holder.assigned().len(), 1);
    let mut idle = Member::join(&broker, "idle-leaver", &["idle-leaver"]);
    idle.until(|_, events| {
        let empty = |event: &ConsumerEvent| matches!(event, ConsumerEvent::Assigned(assigned) if assigned.is_empty());
        holder.poll(Duration::ZERO);
        events.iter().any(empty).then_some(())
    });
    idle.leave();
    // Dropped at whatever point of joining it has come to.
    for step in 0..5 {
        let mut joining = Member::join(&broker, "idle-leaver", &["idle-leaver"]);
        (0..step * 3).for_each(|_| drop((joining.poll(Duration::from_millis(20)), holder.poll(Duration::ZERO))));
    }
    holder.leave();
    let begin = Instant::now();
    let mut next = Member::join(&broker, "idle-leaver", &["idle-leaver"]);
    assert_eq!(next.assigned().len(), 1);
    assert!(begin.elapsed() < Duration::from_secs(20), "the group waited for one that is gone: {:?}", begin.elapsed());
}
