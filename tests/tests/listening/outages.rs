//! What breaks outside: nothing is committed past what is not safe, and everything heals by itself.

use kafka_listen::prelude::*;
use kafka_listen::testing::{CommitFault, PublishErrorKind, PublishFault, TestKafka};
use kafka_listen::{Event, FailureKind};

use crate::support::{Notes, header, millis, raw, seconds, send, times};

#[kafka_listener(topic = "t", attempts = 2)]
async fn work(text: &str, State(notes): State<Notes>) -> Result<(), String> {
    notes.add(text);
    if text == "fail" { Err("never".to_owned()) } else { Ok(()) }
}

async fn started(partitions: i32) -> (TestKafka, Notes) {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    kafka.create_topic("t", partitions);
    kafka.start(kafka.app().listener(work).state(notes.clone())).await.unwrap();
    (kafka, notes)
}

fn told(kafka: &TestKafka, is: impl Fn(&Event) -> bool) -> usize {
    kafka.events().iter().filter(|event| is(event)).count()
}

#[tokio::test(start_paused = true)]
async fn while_a_retry_topic_cannot_be_written_nothing_is_committed_past_it_and_then_it_heals() {
    for kind in [PublishErrorKind::NotWritten, PublishErrorKind::NoSuchTopic, PublishErrorKind::Unknown] {
        let (kafka, notes) = started(2).await;
        kafka.cluster().fail_publishes("t-retry", kind);
        for (partition, text) in [(0, "ok"), (0, "fail"), (0, "behind"), (1, "elsewhere")] {
            kafka.cluster().produce(raw("t", partition, Some(text.as_bytes()), &[])).unwrap();
        }
        kafka.advance(seconds(600)).await;
        assert_eq!(kafka.cluster().committed("test", "t", 0), Some(1), "{kind:?}");
        assert_eq!(kafka.cluster().committed("test", "t", 1), Some(1));
        assert!(notes.all().contains(&"elsewhere".to_owned()));
        let failed = told(&kafka, |event| matches!(event, Event::PublishFailed { .. }));
        assert!((10..100).contains(&failed), "told, and no hot loop: {failed} tries in ten minutes");
        kafka.cluster().heal();
        kafka.settle().await;
        assert_eq!(kafka.cluster().committed("test", "t", 0), Some(3));
        assert_eq!(kafka.dead_letters("t").len(), 1);
        assert_eq!(notes.all().iter().filter(|text| *text == "fail").count(), 2, "delivered as often as it may be");
    }
}

#[tokio::test(start_paused = true)]
async fn while_the_dlt_cannot_be_written_its_retry_topic_waits() {
    let (kafka, notes) = started(1).await;
    kafka.cluster().fail_publishes("t-dlt", PublishErrorKind::NotWritten);
    send(&kafka, "t", 0, "fail").await;
    kafka.advance(seconds(100)).await;
    assert_eq!((kafka.lag("test", "t"), kafka.lag("test-retry", "t-retry")), (0, 1));
    kafka.cluster().heal();
    kafka.settle().await;
    assert_eq!((kafka.lag("test-retry", "t-retry"), kafka.dead_letters("t").len()), (0, 1));
    assert_eq!(notes.all(), ["fail"; 2], "the handler is not called again");
}

#[tokio::test(start_paused = true)]
async fn a_stop_while_nothing_can_be_written_loses_nothing() {
    let (mut kafka, notes) = started(1).await;
    kafka.cluster().fail_publishes("t-retry", PublishErrorKind::NotWritten);
    send(&kafka, "t", 0, "fail").await;
    kafka.advance(seconds(1)).await;
    kafka.stop().await;
    assert_eq!(kafka.cluster().committed("test", "t", 0), Some(0));
    kafka.cluster().heal();
    kafka.start(kafka.app().listener(work).state(notes)).await.unwrap();
    kafka.settle().await;
    assert_eq!(kafka.dead_letters("t").len(), 1);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_committed_before_the_copy_is_acknowledged() {
    let (kafka, _) = started(1).await;
    kafka.cluster().delay_publishes("t-retry", seconds(5));
    kafka.cluster().produce(raw("t", 0, Some(b"fail"), &[])).unwrap();
    kafka.advance(millis(4900)).await;
    assert_eq!(kafka.records("t-retry").len(), 1, "it is written, but nobody knows");
    assert_eq!(kafka.cluster().committed("test", "t", 0), Some(0));
    kafka.advance(millis(200)).await;
    assert_eq!(kafka.cluster().committed("test", "t", 0), Some(1));
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_lost_costs_at_most_a_second_copy() {
    let (kafka, notes) = started(1).await;
    let mut first = true;
    kafka.cluster().on_publish(move |record| {
        (&*record.topic == "t-retry" && std::mem::take(&mut first)).then_some(PublishFault::LoseAnswer)
    });
    send(&kafka, "t", 0, "fail").await;
    kafka.settle().await;
    assert_eq!((kafka.records("t-retry").len(), notes.all().len(), kafka.dead_letters("t").len()), (2, 3, 2));
}

#[tokio::test(start_paused = true)]
async fn commits_that_fail_are_sent_again_and_repeat_nothing() {
    for fault in [CommitFault::Refuse, CommitFault::LoseAnswer, CommitFault::Delay(seconds(3))] {
        let (mut kafka, notes) = started(1).await;
        let mut number = 0;
        kafka.cluster().on_commit(move |_| {
            number += 1;
            (number % 3 != 0).then_some(fault)
        });
        for number in 0..30 {
            send(&kafka, "t", 0, &number.to_string()).await;
            kafka.advance(millis(50)).await;
        }
        kafka.settle().await;
        assert_eq!(kafka.cluster().committed("test", "t", 0), Some(30), "{fault:?}");
        kafka.cluster().heal();
        kafka.stop().await;
        kafka.start(kafka.app().listener(work).state(notes.clone())).await.unwrap();
        kafka.settle().await;
        assert_eq!(notes.all().len(), 30, "{fault:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_broker_that_is_away_for_a_minute_loses_nothing_and_is_not_waited_for_by_waits() {
    let (mut kafka, notes) = started(2).await;
    send(&kafka, "t", 0, "fail").await;
    kafka.advance(millis(500)).await;
    kafka.cluster().set_reachable(false);
    kafka.advance(seconds(60)).await;
    kafka.cluster().set_reachable(true);
    send(&kafka, "t", 1, "ok").await;
    kafka.settle().await;
    assert_eq!(notes.all().iter().filter(|text| *text == "fail").count(), 2);
    assert_eq!(times(&kafka, "t-retry"), [1000], "it was read before, and runs when due");
    assert_eq!(kafka.dead_letters("t").len(), 1);
    assert_eq!((kafka.lag("test", "t"), kafka.lag("test-retry", "t-retry")), (0, 0));
    kafka.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_record_that_its_dlt_does_not_take_leaves_at_least_its_place() {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    kafka.cluster().create_topic_with("t", 1, &[("max.message.bytes", "5000000")]).unwrap();
    kafka.create_topic("t-retry", 1);
    kafka.create_topic("t-dlt", 1);
    kafka.start(kafka.app().listener(work).state(notes)).await.unwrap();
    let large = "x".repeat(2_000_000);
    kafka.cluster().produce(raw("t", 0, Some(format!("{large}\u{0}").as_bytes()), &[])).unwrap();
    kafka.settle().await;
    assert!(kafka.dead_letters("t").is_empty(), "handled");
    kafka.stop().await;
    kafka.start(kafka.app().listener(fails)).await.unwrap();
    kafka.cluster().produce(raw("t", 0, Some(large.as_bytes()), &[(b"k", Some(b"v"))])).unwrap();
    kafka.settle().await;
    let dead = &kafka.dead_letters("t")[0];
    assert_eq!(dead.value, None);
    assert_eq!(header(&dead.headers, "kafka_original-offset"), Some(&1_i64.to_be_bytes()[..]));
    assert_eq!(header(&dead.headers, "kafka_listen-left-out"), Some(&b"value"[..]));
    assert_eq!(header(&dead.headers, "k"), Some(&b"v"[..]));
    assert!(told(&kafka, |event| matches!(event, Event::Shrunk { .. })) > 0);
    let dead =
        |event: &Event| matches!(event, Event::DeadLettered { failure, .. } if failure.kind == FailureKind::TooLarge);
    assert_eq!(told(&kafka, dead), 1, "who counts dead letters sees it");
    assert_eq!(kafka.lag("test", "t"), 0);
}

#[kafka_listener(topic = "t", attempts = 2)]
async fn fails() -> Result<(), String> {
    Err("never".to_owned())
}
