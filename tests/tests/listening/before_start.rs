//! Start order does not matter: what was written before the first start is handled.

use kafka_listen::Event;
use kafka_listen::prelude::*;
use kafka_listen::testing::TestKafka;

use crate::support::{Notes, Raw, millis, raw, seconds, send, times};

#[kafka_listener(topic = "t", attempts = 2, offset_reset = "latest")]
async fn latest(text: &str, State(notes): State<Notes>) -> Result<(), String> {
    notes.add(text);
    if text == "fail" { Err("never".to_owned()) } else { Ok(()) }
}

#[dlt_handler(latest)]
async fn is_dead(text: &str, State(notes): State<Notes>) {
    notes.add(format!("dead: {text}"));
}

#[tokio::test(start_paused = true)]
async fn chain_topics_are_read_from_their_beginning_whatever_the_source_is() {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    for topic in ["t", "t-retry", "t-dlt"] {
        kafka.create_topic(topic, 2);
        send(&kafka, topic, 1, topic).await;
    }
    kafka.start(kafka.app().listener(latest).state(notes.clone())).await.unwrap();
    kafka.settle().await;
    assert_eq!(sorted(notes.all()), ["dead: t-dlt", "t-retry"], "of the source only what comes from now on");
    send(&kafka, "t", 1, "new").await;
    kafka.settle().await;
    assert_eq!(notes.all()[2..], ["new"]);
}

fn sorted(mut notes: Vec<String>) -> Vec<String> {
    notes.sort();
    notes
}

#[tokio::test(start_paused = true)]
async fn latest_is_committed_at_once_so_that_a_crash_before_the_first_record_loses_nothing() {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    kafka.create_topic("t", 1);
    send(&kafka, "t", 0, "old").await;
    let first = kafka.start(kafka.app().listener(latest).state(notes.clone())).await.unwrap();
    kafka.advance(millis(1)).await;
    assert_eq!(kafka.cluster().committed("test", "t", 0), Some(1));
    kafka.crash(first);
    send(&kafka, "t", 0, "while nobody ran").await;
    kafka.start(kafka.app().listener(latest).state(notes.clone())).await.unwrap();
    kafka.settle().await;
    assert_eq!(notes.all(), ["while nobody ran"]);
}

#[tokio::test(start_paused = true)]
async fn a_partition_that_is_added_begins_at_its_beginning() {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    kafka.create_topic("t", 1);
    kafka.start(kafka.app().listener(latest).state(notes.clone())).await.unwrap();
    kafka.advance(seconds(1)).await;
    kafka.cluster().create_partitions("t", 2).unwrap();
    send(&kafka, "t", 1, "first of the new one").await;
    kafka.settle().await;
    assert_eq!(notes.all(), ["first of the new one"]);
}

#[kafka_listener(topic = "t", attempts = 2, offset_reset = "error")]
async fn refuses(_: &str) {}

#[tokio::test(start_paused = true)]
async fn offset_reset_error_does_not_guess() {
    let mut kafka = TestKafka::new();
    kafka.create_topic("t", 1);
    let error = kafka.start(kafka.app().listener(refuses)).await.unwrap_err().to_string();
    assert!(error.contains("the group `test` has no committed offset for t/0"), "{error}");
    assert!(error.contains("`offset_reset = \"error\"`"), "{error}");
    kafka.cluster().set_committed("test", "t", 0, 0).unwrap();
    kafka.start(kafka.app().listener(refuses)).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_due_time_that_no_chain_could_mean_is_cut_to_what_can_be_believed() {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    kafka.create_topic("t", 1);
    kafka.start(kafka.app().listener(latest).state(notes.clone())).await.unwrap();
    let due: Raw<'_> = (b"retry_topic-backoff-timestamp", Some(&[0x7f; 8]));
    kafka.cluster().produce(raw("t-retry", 0, Some(b"x"), &[due])).unwrap();
    send(&kafka, "t-retry", 0, "behind it").await;
    kafka.settle().await;
    assert_eq!(notes.all(), ["behind it", "x"]);
    assert_eq!(times(&kafka, "t-retry"), [0, 61 * 60 * 1000], "an hour, and a minute for clocks that differ");
    assert!(kafka.events().iter().any(|event| matches!(event, Event::DueClamped { .. })));
}

#[tokio::test(start_paused = true)]
async fn records_that_the_broker_removed_unread_are_told_of_and_reading_goes_on() {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    kafka.create_topic("t", 1);
    kafka.cluster().set_committed("test", "t", 0, 2).unwrap();
    for text in ["0", "1", "2", "3", "4", "5"] {
        send(&kafka, "t", 0, text).await;
    }
    kafka.cluster().delete_records("t", 0, 5);
    kafka.start(kafka.app().listener(latest).state(notes.clone())).await.unwrap();
    kafka.settle().await;
    assert_eq!(notes.all(), ["5"]);
    let gone: Vec<_> = kafka.events().into_iter().filter_map(gone).collect();
    assert_eq!(gone, [("t/0".to_owned(), 2, 5)]);
    assert_eq!(kafka.lag("test", "t"), 0);
}

fn gone(event: Event) -> Option<(String, i64, i64)> {
    let Event::Gone { partition, from, to, .. } = event else { return None };
    Some((partition.to_string(), from, to))
}

#[tokio::test(start_paused = true)]
async fn offsets_without_a_record_leave_no_lag() {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    kafka.create_topic("t", 1);
    kafka.start(kafka.app().listener(latest).state(notes.clone())).await.unwrap();
    send(&kafka, "t", 0, "1").await;
    kafka.cluster().skip_offsets("t", 0, 3);
    send(&kafka, "t", 0, "2").await;
    kafka.cluster().skip_offsets("t", 0, 1);
    kafka.settle().await;
    assert_eq!(notes.all(), ["1", "2"]);
    assert_eq!(kafka.cluster().committed("test", "t", 0), Some(6), "the marker at the end is passed, too");
}
