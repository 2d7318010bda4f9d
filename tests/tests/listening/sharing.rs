//! Several instances of one service: they share the partitions, come, go and die, and nothing is lost or repeated that
//! need not be.

use std::collections::BTreeMap;

use kafka_listen::prelude::*;
use kafka_listen::testing::TestKafka;

use crate::support::{Notes, millis, seconds, send, times};

#[kafka_listener(topic = "t", attempts = 2, backoff(delay = "60s"))]
async fn work(text: &str, State(notes): State<Notes>) -> Result<(), String> {
    if text.starts_with("slow") {
        tokio::time::sleep(millis(500)).await;
    }
    notes.add(text);
    if text.starts_with("fail") { Err("never".to_owned()) } else { Ok(()) }
}

fn app(kafka: &TestKafka, notes: &Notes) -> App {
    kafka.app().listener(work).state(notes.clone())
}

/// How often each text was handled.
fn counted(notes: &[&Notes]) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    notes.iter().flat_map(|notes| notes.all()).for_each(|text| *counts.entry(text).or_default() += 1);
    counts
}

#[tokio::test(start_paused = true)]
async fn two_instances_share_the_partitions_and_each_record_is_handled_once() {
    let (mut kafka, one, two) = (TestKafka::new(), Notes::default(), Notes::default());
    kafka.create_topic("t", 4);
    kafka.start(app(&kafka, &one)).await.unwrap();
    kafka.start(app(&kafka, &two)).await.unwrap();
    kafka.advance(seconds(1)).await;
    for number in 0..40 {
        send(&kafka, "t", number % 4, &format!("{number}")).await;
    }
    kafka.settle().await;
    assert_eq!((one.all().len(), two.all().len()), (20, 20));
    assert!(counted(&[&one, &two]).values().all(|count| *count == 1));
}

#[tokio::test(start_paused = true)]
async fn an_instance_without_partitions_is_ready_too() {
    let (mut kafka, one, two) = (TestKafka::new(), Notes::default(), Notes::default());
    kafka.create_topic("t", 1);
    let first = kafka.start(app(&kafka, &one)).await.unwrap();
    kafka.start(app(&kafka, &two)).await.unwrap();
    kafka.stop_one(first).await;
    send(&kafka, "t", 0, "x").await;
    kafka.settle().await;
    assert_eq!((one.all().len(), two.all().len()), (0, 1));
}

#[tokio::test(start_paused = true)]
async fn instances_that_come_and_go_while_records_flow_repeat_nothing() {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    kafka.create_topic("t", 4);
    kafka.start(app(&kafka, &notes)).await.unwrap();
    for round in 0..6 {
        let other = kafka.start(app(&kafka, &notes)).await.unwrap();
        for number in 0..40 {
            send(&kafka, "t", number % 4, &format!("slow {round}.{number}")).await;
        }
        kafka.advance(millis(700)).await;
        kafka.stop_one(other).await;
    }
    kafka.settle().await;
    let counts = counted(&[&notes]);
    assert_eq!(counts.len(), 240, "none lost");
    assert!(counts.values().all(|count| *count == 1), "none twice: {counts:?}");
}

#[tokio::test(start_paused = true)]
async fn a_rebalance_in_the_middle_of_a_wait_neither_shortens_nor_lengthens_it() {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    kafka.create_topic("t", 4);
    let first = kafka.start(app(&kafka, &notes)).await.unwrap();
    for partition in 0..4 {
        send(&kafka, "t", partition, &format!("fail {partition}")).await;
    }
    kafka.advance(seconds(20)).await;
    kafka.start(app(&kafka, &notes)).await.unwrap();
    kafka.advance(seconds(20)).await;
    kafka.stop_one(first).await;
    kafka.advance(seconds(10)).await;
    kafka.start(app(&kafka, &notes)).await.unwrap();
    kafka.settle().await;
    assert_eq!(times(&kafka, "t-retry"), [60_000; 4], "once each, when due");
    assert_eq!(kafka.dead_letters("t").len(), 4);
}

#[tokio::test(start_paused = true)]
async fn a_partition_that_comes_back_during_a_wait_goes_on() {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    kafka.create_topic("t", 2);
    kafka.start(app(&kafka, &notes)).await.unwrap();
    for partition in 0..2 {
        send(&kafka, "t", partition, "fail").await;
    }
    for _ in 0..5 {
        let other = kafka.start(app(&kafka, &notes)).await.unwrap();
        kafka.advance(seconds(5)).await;
        kafka.stop_one(other).await;
    }
    kafka.settle().await;
    assert_eq!(times(&kafka, "t-retry"), [60_000; 2]);
}

#[tokio::test(start_paused = true)]
async fn after_a_crash_another_instance_takes_over_and_loses_nothing() {
    let (mut kafka, one, two) = (TestKafka::new(), Notes::default(), Notes::default());
    kafka.create_topic("t", 4);
    let dying = kafka.start(app(&kafka, &one)).await.unwrap();
    kafka.start(app(&kafka, &two)).await.unwrap();
    kafka.advance(seconds(1)).await;
    for number in 0..40 {
        send(&kafka, "t", number % 4, &format!("slow {number}")).await;
    }
    kafka.advance(millis(1200)).await;
    kafka.crash(dying);
    let handled = one.all().len();
    kafka.advance(seconds(44)).await;
    assert_eq!(one.all().len(), handled, "a dead process handles nothing");
    kafka.settle().await;
    let counts = counted(&[&one, &two]);
    assert_eq!(counts.len(), 40, "none lost");
    let repeated = counts.values().filter(|count| **count > 1).count();
    assert!(repeated <= 2, "at most what was in flight or not committed: {repeated}");
    assert_eq!(kafka.lag("test", "t"), 0);
}

#[tokio::test(start_paused = true)]
async fn a_crash_during_a_wait_loses_nothing_and_the_wait_goes_on() {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    kafka.create_topic("t", 2);
    let dying = kafka.start(app(&kafka, &notes)).await.unwrap();
    for number in 0..10 {
        send(&kafka, "t", number % 2, &format!("fail {number}")).await;
    }
    kafka.advance(seconds(10)).await;
    kafka.crash(dying);
    kafka.start(app(&kafka, &notes)).await.unwrap();
    kafka.settle().await;
    // The dead process's session ends 45 s after its death, before anything is due.
    assert_eq!(times(&kafka, "t-retry"), [60_000; 10]);
    assert_eq!(kafka.dead_letters("t").len(), 10);
}

#[tokio::test(start_paused = true)]
async fn an_instance_that_the_group_gave_up_changes_nothing_late_and_joins_again() {
    let (mut kafka, one, two) = (TestKafka::new(), Notes::default(), Notes::default());
    kafka.create_topic("t", 2);
    kafka.start(app(&kafka, &one)).await.unwrap();
    let fenced = kafka.cluster().members("test")[0].id;
    kafka.start(app(&kafka, &two)).await.unwrap();
    kafka.advance(seconds(1)).await;
    for partition in 0..2 {
        for number in 0..4 {
            send(&kafka, "t", partition, &format!("slow {partition}.{number}")).await;
        }
    }
    kafka.advance(millis(700)).await;
    kafka.cluster().expel("test", fenced);
    kafka.settle().await;
    let counts = counted(&[&one, &two]);
    assert_eq!(counts.len(), 8);
    // What ran there was cancelled before it could take note, and nothing more of it started.
    assert!(counts.values().all(|count| *count == 1), "{counts:?}");
    assert_eq!(kafka.cluster().members("test").len(), 2, "it joined again");
    assert!((0..2).all(|partition| kafka.cluster().committed("test", "t", partition) == Some(4)));
}
