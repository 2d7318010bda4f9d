//! Partitions that nobody takes from hold nothing ahead; they go on where they were left.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use kafka_listen::__internals::broker::kafka::KafkaBroker;
use kafka_listen::__internals::broker::{Broker, ConsumerEvent, OffsetReset, Room, Taken};
use kafka_listen::__internals::record::{AssignmentId, Record};
use kafka_listen_tests::real_kafka::shared;

use crate::gone::{delete_below, gone};
use crate::member::{LONG, Member, cluster, create, record, send, topic};

const RECORDS: i64 = 150;
/// One member rests some of so many, and so does each of two that share twice as many.
const MANY: i32 = 65;

/// A topic with so many partitions, each with records, of which one fetch brings more than are taken together.
async fn filled(name: &str, partitions: i32) -> KafkaBroker {
    create(shared(), name, partitions, &[]).await;
    let broker = cluster(shared(), &[]);
    let producer = broker.producer().unwrap();
    for number in 0..RECORDS * i64::from(partitions) {
        let partition = (number % i64::from(partitions)) as i32;
        send(&*producer, record(&topic(name), Some(partition), number.to_string().into_bytes()));
    }
    producer.flush().await;
    broker
}

fn take_one(member: &mut Member, id: AssignmentId, records: &mut Vec<Record>) -> Taken {
    // One always goes, and others were read with it.
    member.consumer.take(id, Room { records: 100, bytes: 1 }, records)
}

/// Takes one record now and then, until none comes though there are more: it rests. Asking for it has ended that.
fn until_it_rests(member: &mut Member, id: AssignmentId, records: &mut Vec<Record>) {
    let pause = Duration::from_millis(1_200);
    let mut next = Instant::now();
    member.until(|member, _| {
        if !records.is_empty() && Instant::now() < next {
            return None;
        }
        let before = records.len();
        let taken = take_one(member, id, records);
        next = Instant::now() + pause;
        (before > 0 && taken == Taken::Drained && records.len() == before).then_some(())
    });
    assert!((records.len() as i64) < RECORDS, "there are more");
}

fn offsets(records: &[Record]) -> Vec<i64> {
    records.iter().map(|record| record.offset).collect()
}

#[tokio::test]
async fn what_rests_goes_on_where_it_was_left() {
    let broker = filled("resting", MANY).await;
    let mut member = Member::join(&broker, "resting", &["resting"]);
    let id = member.assigned()[0].id;
    let mut records = Vec::new();
    until_it_rests(&mut member, id, &mut records);
    let left = RECORDS as usize - records.len();
    records.extend(member.take(id, left));
    // Nothing is skipped, of what had been read ahead neither, and nothing comes twice.
    assert_eq!(offsets(&records), (0..RECORDS).collect::<Vec<_>>());
    assert_eq!(member.consumer.position(id), Some(RECORDS));
    member.leave();
}

#[tokio::test]
async fn what_the_log_loses_of_one_that_rests_is_told_and_the_rest_is_read() {
    let broker = filled("resting-gone", MANY).await;
    let mut member = Member::join(&broker, "resting-gone", &["resting-gone"]);
    let assigned = member.assigned().remove(0);
    let mut records = Vec::new();
    until_it_rests(&mut member, assigned.id, &mut records);
    let (next, begin) = (records.last().unwrap().offset + 1, RECORDS - 10);
    assert!(next < begin, "{next} is not the end");
    delete_below(shared(), "resting-gone", assigned.partition.partition, begin);
    let mut after = Vec::new();
    let gone = member.until(|member, events| {
        after.extend(member.take_all(assigned.id));
        gone(events)
    });
    assert_eq!(gone, (assigned.id, next, begin));
    after.extend(member.take(assigned.id, 10 - after.len()));
    assert_eq!(offsets(&after), (begin..RECORDS).collect::<Vec<_>>());
    member.leave();
}

/// Drives both, which let go of what they are to let go of, until it is so.
fn drive(a: &mut Member, b: &mut Member, mut done: impl FnMut(&mut Member, &mut Member) -> bool) {
    let deadline = Instant::now() + LONG;
    while !done(a, b) {
        for member in [&mut *a, &mut *b] {
            for event in member.poll(Duration::from_millis(20)) {
                if let ConsumerEvent::Revoked { ids, lost: false } = event {
                    member.consumer.release(&ids);
                    member.assigned.retain(|id, _| !ids.contains(id));
                }
            }
        }
        assert!(Instant::now() < deadline, "it does not come");
    }
}

async fn what_rested_is_read_when_it_comes_back(name: &str, strategy: &str) {
    let broker = filled(name, 2 * MANY).await;
    let join = || {
        let properties = [("partition.assignment.strategy", strategy), ("heartbeat.interval.ms", "200")];
        Member::join_with(&broker, name, &[name], OffsetReset::Earliest, &properties)
    };
    let mut first = join();
    let ids: Vec<_> = first.assigned().iter().map(|assigned| assigned.id).collect();
    // None is taken from but these, and all are told of: so all rest but the one that is asked for again in the end.
    let (mut of_one, mut of_other) = (Vec::new(), Vec::new());
    first.until(|member, _| (take_one(member, ids[1], &mut of_other) == Taken::More).then_some(()));
    until_it_rests(&mut first, ids[0], &mut of_one);
    let taken: HashMap<_, _> = [(ids[0], of_one.len()), (ids[1], of_other.len())].into();
    let mut second = join();
    drive(&mut first, &mut second, |a, b| [a, b].iter().all(|member| member.assigned.len() == MANY as usize));
    second.consumer.close();
    drive(&mut first, &mut second, |a, _| a.assigned.len() == 2 * MANY as usize);
    // Whoever has them: they are read to their ends, from where the stay began or from where it stood.
    let all: Vec<_> = first.assigned.values().cloned().collect();
    for assigned in all {
        let begin = taken.get(&assigned.id).map_or(assigned.start, |taken| *taken as i64);
        let records = first.take(assigned.id, (RECORDS - begin) as usize);
        assert_eq!(offsets(&records), (begin..RECORDS).collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn what_rested_is_read_when_it_comes_back_to_an_eager_member() {
    what_rested_is_read_when_it_comes_back("resting-eager", "range").await;
}

#[tokio::test]
async fn what_rested_is_read_when_it_comes_back_to_a_cooperative_member() {
    what_rested_is_read_when_it_comes_back("resting-cooperative", "cooperative-sticky").await;
}

#[tokio::test]
async fn where_partitions_are_few_none_rests_and_nothing_is_fetched_twice() {
    let few = MANY - 1;
    let broker = filled("resting-few", few).await;
    let mut member = Member::join(&broker, "resting-few", &["resting-few"]);
    let id = member.assigned()[0].id;
    let mut records = Vec::new();
    member.until(|member, _| (take_one(member, id, &mut records) == Taken::More).then_some(()));
    let before = records.len();
    member.consumer.rest(id);
    member.poll(Duration::ZERO);
    take_one(&mut member, id, &mut records);
    assert!(records.len() > before, "what was read ahead is still there");
    member.leave();
}
