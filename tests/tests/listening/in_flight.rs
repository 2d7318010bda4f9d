//! Stops and rebalances while copies are being written and commits are being answered.

use kafka_listen::prelude::*;
use kafka_listen::testing::{CommitFault, TestKafka};

use crate::support::{Notes, millis, raw, seconds, send};

#[kafka_listener(topic = "t", attempts = 2)]
async fn work(text: &str, attempt: Attempt, State(notes): State<Notes>) -> Result<(), String> {
    notes.add(format!("{text} {}", attempt.number));
    if text.starts_with("fail") { Err("never".to_owned()) } else { Ok(()) }
}

async fn started(kafka: &mut TestKafka, notes: &Notes) {
    kafka.start(kafka.app().listener(work).state(notes.clone())).await.unwrap();
}

fn times_of(notes: &Notes, note: &str) -> usize {
    notes.all().iter().filter(|it| *it == note).count()
}

#[tokio::test(start_paused = true)]
async fn a_stop_waits_for_acknowledgements_and_repeats_nothing() {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    kafka.create_topic("t", 1);
    started(&mut kafka, &notes).await;
    kafka.cluster().delay_publishes("t-retry", seconds(3));
    kafka.cluster().produce(raw("t", 0, Some(b"fail"), &[])).unwrap();
    kafka.advance(millis(100)).await;
    kafka.stop().await;
    assert_eq!(kafka.elapsed(), seconds(3));
    assert_eq!(kafka.cluster().committed("test", "t", 0), Some(1));
    kafka.cluster().heal();
    started(&mut kafka, &notes).await;
    kafka.settle().await;
    assert_eq!(notes.all(), ["fail 1", "fail 2"]);
}

#[tokio::test(start_paused = true)]
async fn a_rebalance_waits_for_acknowledgements_that_come_soon() {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    kafka.create_topic("t", 2);
    started(&mut kafka, &notes).await;
    kafka.cluster().delay_publishes("t-retry", seconds(1));
    for partition in 0..2 {
        kafka.cluster().produce(raw("t", partition, Some(b"fail"), &[])).unwrap();
    }
    kafka.advance(millis(100)).await;
    started(&mut kafka, &notes).await;
    kafka.settle().await;
    assert_eq!((times_of(&notes, "fail 1"), times_of(&notes, "fail 2")), (2, 2));
    assert_eq!(kafka.dead_letters("t").len(), 2);
}

#[tokio::test(start_paused = true)]
async fn one_that_comes_too_late_for_a_rebalance_costs_a_repeat_and_loses_nothing() {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    kafka.create_topic("t", 2);
    started(&mut kafka, &notes).await;
    kafka.cluster().delay_publishes("t-retry", seconds(8));
    for partition in 0..2 {
        kafka.cluster().produce(raw("t", partition, Some(b"fail"), &[])).unwrap();
    }
    kafka.advance(millis(100)).await;
    started(&mut kafka, &notes).await;
    kafka.advance(seconds(30)).await;
    kafka.cluster().heal();
    kafka.settle().await;
    assert_eq!(times_of(&notes, "fail 1"), 3, "the partition that moved was begun again");
    assert_eq!((times_of(&notes, "fail 2"), kafka.dead_letters("t").len()), (3, 3));
    assert_eq!(kafka.lag("test", "t"), 0);
}

#[tokio::test(start_paused = true)]
async fn the_last_commit_of_a_stop_is_sent_again_if_it_fails() {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    kafka.create_topic("t", 1);
    started(&mut kafka, &notes).await;
    kafka.advance(seconds(1)).await;
    let mut left = 3;
    kafka.cluster().on_commit(move |_| {
        left -= 1;
        (left > 0).then_some(CommitFault::Refuse)
    });
    send(&kafka, "t", 0, "x").await;
    kafka.advance(millis(1)).await;
    kafka.stop().await;
    assert_eq!(kafka.cluster().committed("test", "t", 0), Some(1));
    assert!(kafka.elapsed() < seconds(3));
}

#[tokio::test(start_paused = true)]
async fn a_stop_ends_though_the_broker_is_away_and_nothing_is_lost() {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    kafka.create_topic("t", 1);
    started(&mut kafka, &notes).await;
    kafka.cluster().set_reachable(false);
    kafka.advance(seconds(1)).await;
    kafka.stop().await;
    assert!(kafka.elapsed() < seconds(40), "{:?}", kafka.elapsed());
    kafka.cluster().set_reachable(true);
    send(&kafka, "t", 0, "x").await;
    started(&mut kafka, &notes).await;
    kafka.settle().await;
    assert_eq!(notes.all(), ["x 1"]);
}

#[tokio::test(start_paused = true)]
async fn a_crash_between_the_acknowledgement_and_the_commit_repeats_the_record_and_loses_nothing() {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    kafka.create_topic("t", 1);
    let dying = kafka.start(kafka.app().listener(work).state(notes.clone())).await.unwrap();
    kafka.advance(seconds(1)).await;
    kafka.cluster().on_commit(|_| Some(CommitFault::Refuse));
    send(&kafka, "t", 0, "fail").await;
    kafka.advance(millis(50)).await;
    assert_eq!((kafka.records("t-retry").len(), kafka.cluster().committed("test", "t", 0)), (1, Some(0)));
    kafka.crash(dying);
    kafka.cluster().heal();
    started(&mut kafka, &notes).await;
    kafka.settle().await;
    assert_eq!((times_of(&notes, "fail 1"), times_of(&notes, "fail 2"), kafka.dead_letters("t").len()), (2, 2, 2));
}
