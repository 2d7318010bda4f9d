//! Records that the log lost before they were read: told with their number, and reading goes on in the same stay.

use kafka_listen::__internals::broker::{Broker, ConsumerEvent, OffsetReset};
use kafka_listen::__internals::record::AssignmentId;
use kafka_listen_tests::real_kafka::{RealKafka, shared};

use crate::member::{Member, cluster, create, record, send, topic};

/// Removes the records of a partition below this offset.
pub fn delete_below(kafka: &RealKafka, name: &str, partition: i32, offset: i64) {
    let file = kafka.dir().join(format!("{name}.json"));
    let json =
        format!(r#"{{"partitions":[{{"topic":"{name}","partition":{partition},"offset":{offset}}}],"version":1}}"#);
    std::fs::write(&file, json).unwrap();
    let file = file.to_str().unwrap();
    kafka.tool("org.apache.kafka.tools.DeleteRecordsCommand", ["--offset-json-file", file]);
}

async fn filled(kafka: &RealKafka, name: &str, records: usize, size: usize) {
    create(kafka, name, 1, &[]).await;
    let producer = cluster(kafka, &[]).producer().unwrap();
    (0..records).for_each(|_| send(&*producer, record(&topic(name), Some(0), vec![7; size])));
    producer.flush().await;
}

pub fn gone(events: &[ConsumerEvent]) -> Option<(AssignmentId, i64, i64)> {
    events.iter().find_map(|event| match event {
        ConsumerEvent::Gone { id, from, to } => Some((*id, *from, *to)),
        _ => None,
    })
}

/// What is fetched at once is less than what is there, so that reading has to go back to a log that has changed.
async fn while_reading(kafka: &RealKafka, name: &str, strategy: &str) {
    filled(kafka, name, 3000, 1000).await;
    let broker = cluster(kafka, &[]);
    let small = [
        ("partition.assignment.strategy", strategy),
        ("fetch.message.max.bytes", "10000"),
        ("queued.min.messages", "1"),
        ("queued.max.messages.kbytes", "16"),
    ];
    let mut member = Member::join_with(&broker, name, &[name], OffsetReset::Earliest, &small);
    let id = member.assigned()[0].id;
    let mut last = member.take(id, 10).last().unwrap().offset;
    delete_below(kafka, name, 0, 2900);
    let (of, from, to) = member.until(|member, events| {
        last = member.take_all(id).last().map_or(last, |record| record.offset);
        gone(events)
    });
    assert_eq!((of, from, to), (id, last + 1, 2900), "{strategy}");
    let rest = member.take(id, 100);
    assert_eq!(rest.iter().map(|record| record.offset).collect::<Vec<_>>(), (2900..3000).collect::<Vec<_>>());
    assert_eq!(member.consumer.position(id), Some(3000));
    member.leave();
}

#[tokio::test]
async fn while_reading_in_a_cooperative_group() {
    while_reading(shared(), "gone-cooperative", "cooperative-sticky").await;
}

#[tokio::test]
async fn while_reading_in_an_eager_group() {
    while_reading(shared(), "gone-eager", "range").await;
}

#[tokio::test]
async fn before_the_assignment() {
    let kafka = shared();
    filled(kafka, "gone-before", 100, 10).await;
    let broker = cluster(kafka, &[]);
    let mut first = Member::join(&broker, "gone-before", &["gone-before"]);
    let id = first.assigned()[0].id;
    first.consumer.commit(&[(id, 10)]);
    first.until(|_, events| {
        events.iter().any(|e| matches!(e, ConsumerEvent::Committed { error: None, .. })).then_some(())
    });
    first.leave();
    delete_below(kafka, "gone-before", 0, 60);
    let mut second = Member::join(&broker, "gone-before", &["gone-before"]);
    let (assigned, gone) = second.until(|_, events| {
        let assigned = events.iter().find_map(|event| match event {
            ConsumerEvent::Assigned(assigned) => assigned.first().cloned(),
            _ => None,
        });
        Some((assigned?, gone(events)?))
    });
    assert_eq!((assigned.start, assigned.committed), (60, Some(10)));
    assert_eq!(gone, (assigned.id, 10, 60));
    assert_eq!(second.take(assigned.id, 40)[0].offset, 60);
    second.leave();
}
