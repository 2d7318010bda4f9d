//! Listeners that take batches: how large they are, when they go out, which run side by side.

use kafka_listen::prelude::*;
use kafka_listen::testing::TestKafka;

use crate::support::{Notes, millis, seconds, send};

/// A broker with a topic `t` of so many partitions.
fn broker(partitions: i32) -> (TestKafka, Notes) {
    let kafka = TestKafka::new();
    kafka.create_topic("t", partitions);
    (kafka, Notes::default())
}

async fn send_all(kafka: &TestKafka, texts: &[&str]) {
    for text in texts {
        kafka.producer().to("t").partition(0).key(&text[..1]).text(*text).send().await.unwrap();
    }
}

#[kafka_listener(topic = "t", attempts = 1, batch(max = 3, wait = "200ms"))]
async fn three(texts: Vec<&str>, State(notes): State<Notes>) {
    notes.add(texts.join(" "));
}

#[tokio::test(start_paused = true)]
async fn a_full_batch_goes_at_once_and_one_that_is_not_when_its_first_record_has_waited() {
    let (mut kafka, notes) = broker(1);
    send_all(&kafka, &["1", "2", "3", "4", "5", "6", "7"]).await;
    kafka.start(kafka.app().listener(three).state(notes.clone())).await.unwrap();
    kafka.settle().await;
    assert_eq!(notes.all(), ["1 2 3", "4 5 6", "7"]);
    let at: Vec<_> = kafka.deliveries().iter().map(|delivery| delivery.at.as_millis()).collect();
    assert_eq!(at, [0, 0, 0, 0, 0, 0, 200]);
    assert_eq!(kafka.lag("test", "t"), 0);
}

#[tokio::test(start_paused = true)]
async fn what_comes_while_the_first_waits_goes_with_it() {
    let (mut kafka, notes) = broker(1);
    kafka.start(kafka.app().listener(three).state(notes.clone())).await.unwrap();
    send_all(&kafka, &["1"]).await;
    kafka.advance(millis(150)).await;
    send_all(&kafka, &["2"]).await;
    kafka.advance(millis(49)).await;
    assert!(notes.all().is_empty());
    kafka.settle().await;
    assert_eq!(notes.all(), ["1 2"]);
    assert_eq!(kafka.deliveries()[0].at, millis(200), "the wait is that of the first, and is not begun anew");
}

#[tokio::test(start_paused = true)]
async fn a_batch_is_of_one_partition() {
    let (mut kafka, notes) = broker(3);
    for (partition, text) in [(0, "a"), (1, "b"), (2, "c"), (0, "a"), (1, "b")] {
        send(&kafka, "t", partition, text).await;
    }
    kafka.start(kafka.app().listener(three).state(notes.clone())).await.unwrap();
    kafka.settle().await;
    let mut all = notes.all();
    all.sort();
    assert_eq!(all, ["a a", "b b", "c"]);
}

#[kafka_listener(topic = "t", attempts = 1, batch(wait = "1s"))]
async fn a_second_each(texts: Vec<&str>, State(notes): State<Notes>) {
    notes.add(format!("{} begin", texts.len()));
    tokio::time::sleep(seconds(5)).await;
    notes.add(format!("{} end", texts.len()));
}

#[tokio::test(start_paused = true)]
async fn batches_of_a_partition_run_one_after_the_other_and_grow_meanwhile() {
    let (mut kafka, notes) = broker(1);
    kafka.start(kafka.app().listener(a_second_each).state(notes.clone())).await.unwrap();
    for _ in 0..24 {
        send(&kafka, "t", 0, "x").await;
        kafka.advance(millis(250)).await;
    }
    kafka.settle().await;
    assert_eq!(notes.all(), ["4 begin", "4 end", "20 begin", "20 end"]);
}

#[kafka_listener(topic = "t", attempts = 1, order = "none", concurrency = 2, batch(max = 2, wait = 0))]
async fn two_batches_at_once(texts: Vec<&str>, State(notes): State<Notes>) {
    notes.add(format!("{} begin", texts.join(" ")));
    tokio::time::sleep(seconds(1)).await;
    notes.add(format!("{} end", texts.join(" ")));
}

#[tokio::test(start_paused = true)]
async fn without_order_as_many_batches_run_side_by_side_as_concurrency_allows() {
    let (mut kafka, notes) = broker(1);
    send_all(&kafka, &["1", "2", "3", "4", "5"]).await;
    kafka.start(kafka.app().listener(two_batches_at_once).state(notes.clone())).await.unwrap();
    kafka.settle().await;
    assert_eq!(notes.all(), ["1 2 begin", "3 4 begin", "1 2 end", "3 4 end", "5 begin", "5 end"]);
    assert_eq!(kafka.deliveries().last().unwrap().at, seconds(2));
}

#[kafka_listener(topic = "t", attempts = 3, backoff(delay = "1s"), batch(max = 10, wait = "500ms"))]
async fn failing_once(texts: Vec<(&str, Attempt)>, State(notes): State<Notes>) -> Vec<Result<(), String>> {
    notes.add(texts.iter().map(|(text, attempt)| format!("{text}/{}", attempt.number)).collect::<Vec<_>>().join(" "));
    let result = |(text, attempt): &(&str, Attempt)| match text.starts_with("fail") && attempt.number == 1 {
        true => Err("no".to_owned()),
        false => Ok(()),
    };
    texts.iter().map(result).collect()
}

#[tokio::test(start_paused = true)]
async fn retries_go_by_what_is_due_and_wait_for_nobody() {
    let (mut kafka, notes) = broker(1);
    kafka.start(kafka.app().listener(failing_once).state(notes.clone())).await.unwrap();
    send_all(&kafka, &["fail1", "ok", "fail2"]).await;
    kafka.settle().await;
    assert_eq!(notes.all(), ["fail1/1 ok/1 fail2/1", "fail1/2 fail2/2"]);
    assert_eq!(kafka.deliveries().last().unwrap().at, millis(1500), "due a second after the batch failed");
    assert_eq!((kafka.lag("test", "t"), kafka.lag("test-retry", "t-retry")), (0, 0));
}

#[kafka_listener(topic = "t", attempts = 1, batch(max = 3, wait = "200ms"))]
fn plain(texts: Vec<&str>, State(notes): State<Notes>) -> Result<(), String> {
    std::thread::sleep(millis(1));
    notes.add(texts.join(" "));
    Ok(())
}

#[tokio::test]
async fn a_plain_fn_takes_batches_too() {
    let (mut kafka, notes) = broker(1);
    send_all(&kafka, &["1", "2", "3", "4"]).await;
    kafka.start(kafka.app().listener(plain).state(notes.clone())).await.unwrap();
    kafka.settle().await;
    assert_eq!(notes.all(), ["1 2 3", "4"]);
}
