//! Batches when the application stops, a partition is taken away, or the listener stops itself.

use kafka_listen::prelude::*;
use kafka_listen::testing::TestKafka;

use crate::support::{Notes, millis, seconds, send};

#[kafka_listener(topic = "t", attempts = 1, batch(max = 3, wait = "1m"))]
async fn work(texts: Vec<&str>, cancel: Cancel, State(notes): State<Notes>) {
    if texts.iter().any(|text| text.starts_with("slow")) {
        tokio::time::sleep(seconds(2)).await;
    }
    if texts.contains(&"endless") {
        cancel.cancelled().await;
        notes.add("cancelled");
        std::future::pending::<()>().await;
    }
    notes.add(texts.join(" "));
}

async fn started(partitions: i32, texts: &[&str]) -> (TestKafka, Notes) {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    kafka.create_topic("t", partitions);
    kafka.start(kafka.app().listener(work).state(notes.clone())).await.unwrap();
    for text in texts {
        send(&kafka, "t", 0, text).await;
    }
    kafka.advance(millis(500)).await;
    (kafka, notes)
}

#[tokio::test(start_paused = true)]
async fn a_stop_lets_the_batch_that_runs_end_and_leaves_half_a_batch_to_the_next_start() {
    let (mut kafka, notes) = started(1, &["slow", "b", "c", "d", "e"]).await;
    kafka.stop().await;
    assert_eq!(kafka.elapsed(), seconds(2), "it waits for the handler, and not for more records");
    assert_eq!(notes.all(), ["slow b c"]);
    assert_eq!(kafka.cluster().committed("test", "t", 0), Some(3));
    kafka.start(kafka.app().listener(work).state(notes.clone())).await.unwrap();
    kafka.settle().await;
    assert_eq!(notes.all(), ["slow b c", "d e"], "nothing lost, nothing repeated");
}

#[tokio::test(start_paused = true)]
async fn batches_that_stand_behind_one_that_runs_do_not_begin_any_more() {
    let (mut kafka, notes) = started(1, &["slow", "b", "c", "d", "e", "f"]).await;
    kafka.stop().await;
    assert_eq!(notes.all(), ["slow b c"]);
    assert_eq!(kafka.cluster().committed("test", "t", 0), Some(3));
}

#[tokio::test(start_paused = true)]
async fn a_batch_that_does_not_end_in_time_is_given_up_whole_and_delivered_elsewhere() {
    let (mut kafka, notes) = started(1, &["endless", "b", "c"]).await;
    // The other one may get the partition.
    kafka.start(kafka.app().listener(work).state(notes.clone())).await.unwrap();
    kafka.stop().await;
    assert!(notes.all().iter().all(|note| note == "cancelled"), "{:?}", notes.all());
    assert_eq!(kafka.cluster().committed("test", "t", 0), Some(0), "nothing of it is committed");
    assert!(kafka.deliveries().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_rebalance_loses_and_repeats_nothing_of_a_half_batch() {
    let (mut kafka, notes) = started(2, &["a", "b"]).await;
    kafka.start(kafka.app().listener(work).state(notes.clone())).await.unwrap();
    kafka.advance(seconds(10)).await;
    for text in ["c", "d"] {
        send(&kafka, "t", 0, text).await;
        send(&kafka, "t", 1, text).await;
    }
    kafka.settle().await;
    let mut all: Vec<_> =
        notes.all().iter().flat_map(|note| note.split(' ').map(str::to_owned).collect::<Vec<_>>()).collect();
    all.sort();
    assert_eq!(all, ["a", "b", "c", "c", "d", "d"]);
}

fn stop_at(error: &String) -> Decision {
    if error == "stop" { Decision::Stop } else { Decision::Retry }
}

#[kafka_listener(topic = "t", attempts = 2, classify = stop_at, batch(max = 3, wait = "10ms"))]
async fn stopping(texts: Vec<&str>, State(notes): State<Notes>) -> Vec<Result<(), String>> {
    let resumed = !notes.all().is_empty();
    notes.add(texts.join(" "));
    let stops = |text: &&str| !resumed && *text == "stop";
    texts.iter().map(|text| if stops(text) { Err("stop".to_owned()) } else { Ok(()) }).collect()
}

#[tokio::test(start_paused = true)]
async fn a_record_that_stops_its_listener_is_the_only_one_of_its_batch_that_comes_again() {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    kafka.create_topic("t", 1);
    for text in ["a", "stop", "b", "c", "d", "e", "f", "g"] {
        send(&kafka, "t", 0, text).await;
    }
    let instance = kafka.start(kafka.app().listener(stopping).state(notes.clone())).await.unwrap();
    kafka.advance(seconds(5)).await;
    assert_eq!(notes.all(), ["a stop b"], "the batches behind it were out already and came back");
    assert_eq!(kafka.cluster().committed("test", "t", 0), Some(1));
    kafka.resume(instance, "stopping").unwrap();
    kafka.settle().await;
    assert_eq!(notes.all(), ["a stop b", "stop c d", "e f g"]);
}

#[tokio::test(start_paused = true)]
async fn a_paused_listener_keeps_what_it_collects() {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    kafka.create_topic("t", 1);
    let instance = kafka.start(kafka.app().listener(work).state(notes.clone())).await.unwrap();
    send(&kafka, "t", 0, "a").await;
    kafka.advance(seconds(1)).await;
    kafka.pause(instance, "work").unwrap();
    kafka.advance(seconds(100)).await;
    assert!(notes.all().is_empty());
    kafka.resume(instance, "work").unwrap();
    kafka.settle().await;
    assert_eq!(notes.all(), ["a"]);
}
