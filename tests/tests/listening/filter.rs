//! `filter`: which records of the source topic are for the handler. The others are told and have ended, in their order; a
//! record is asked about once, and a filter that panics loses nothing.

use std::sync::atomic::{AtomicUsize, Ordering};

use kafka_listen::Event;
use kafka_listen::prelude::*;
use kafka_listen::testing::TestKafka;

use crate::support::{Notes, failed, seconds, send};

/// What is addressed to nobody is for nobody.
fn is_for_us(delivery: &Delivery<'_>) -> bool {
    delivery.value() != Some(b"other")
}

fn skipped(kafka: &TestKafka) -> Vec<String> {
    let skipped = kafka.events().into_iter().filter_map(|event| match event {
        Event::Skipped { listener, record } => Some(format!("{listener} {record}")),
        _ => None,
    });
    skipped.collect()
}

#[kafka_listener(topic = "t", attempts = 1, filter = is_for_us)]
async fn take(text: &str, State(notes): State<Notes>) {
    if text == "slow" {
        tokio::time::sleep(seconds(5)).await;
    }
    notes.add(text);
}

#[tokio::test(start_paused = true)]
async fn what_is_not_wanted_is_told_and_its_offset_moves_on_in_order() {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    kafka.create_topic("t", 1);
    kafka.start(kafka.app().listener(take).state(notes.clone())).await.unwrap();
    for text in ["other", "slow", "other", "a", "other"] {
        send(&kafka, "t", 0, text).await;
    }
    kafka.advance(seconds(1)).await;
    assert_eq!(kafka.cluster().committed("test", "t", 0), Some(1), "it passes no record that has not ended");
    kafka.settle().await;
    assert_eq!(notes.all(), ["slow", "a"]);
    assert_eq!(skipped(&kafka), ["take t/0@0", "take t/0@2", "take t/0@4"]);
    assert_eq!(kafka.deliveries().len(), 2, "what is skipped is no delivery");
    assert!(kafka.dead_letters("t").is_empty());
}

static ASKED: AtomicUsize = AtomicUsize::new(0);

/// Wants nothing that it is asked about again.
fn once(_: &Delivery<'_>) -> bool {
    ASKED.fetch_add(1, Ordering::Relaxed) == 0
}

#[kafka_listener(topic = "t", attempts = 3, blocking(attempts = 2), filter = once)]
async fn fails(State(notes): State<Notes>, attempt: Attempt) -> Result<(), String> {
    notes.add(format!("{} {}", attempt.number, attempt.in_place));
    Err("never".to_owned())
}

#[dlt_handler(fails)]
async fn is_dead(State(notes): State<Notes>) {
    notes.add("dead");
}

#[tokio::test(start_paused = true)]
async fn a_record_is_asked_about_once_however_often_it_is_tried() {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    kafka.create_topic("t", 1);
    kafka.start(kafka.app().listener(fails).state(notes.clone())).await.unwrap();
    send(&kafka, "t", 0, "x").await;
    kafka.settle().await;
    assert_eq!(notes.all(), ["1 1", "1 2", "2 1", "2 2", "3 1", "3 2", "dead"]);
    assert_eq!(ASKED.load(Ordering::Relaxed), 1);
}

fn panics(delivery: &Delivery<'_>) -> bool {
    assert!(delivery.value() != Some(b"bad"), "cannot judge this");
    true
}

#[kafka_listener(topic = "t", attempts = 1, filter = panics)]
async fn behind_a_panic(text: &str, State(notes): State<Notes>) {
    notes.add(text);
}

#[kafka_listener(topic = "t", attempts = 2, filter = panics)]
async fn tried_again(text: &str, attempt: Attempt, State(notes): State<Notes>) {
    notes.add(format!("{text} {}", attempt.number));
}

#[kafka_listener(topic = "t", attempts = 1, filter = panics)]
fn plain_behind_a_panic(text: &str, State(notes): State<Notes>) {
    notes.add(text);
}

#[tokio::test(start_paused = true)]
async fn a_filter_that_panics_is_a_failure_and_loses_nothing() {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    kafka.create_topic("t", 1);
    kafka.start(kafka.app().listener(behind_a_panic).state(notes.clone())).await.unwrap();
    for text in ["a", "bad", "b"] {
        send(&kafka, "t", 0, text).await;
    }
    kafka.settle().await;
    assert_eq!(notes.all(), ["a", "b"]);
    let dead = kafka.dead_letters("t");
    assert_eq!(dead.len(), 1);
    assert_eq!(dead[0].value.as_deref(), Some(&b"bad"[..]));
    let failure = &failed(&kafka)[0];
    assert_eq!((failure.offset, failure.error.as_deref()), (1, Some("cannot judge this")));
    assert!(skipped(&kafka).is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_a_filter_could_not_judge_is_for_the_handler_when_it_is_tried_again() {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    kafka.create_topic("t", 1);
    kafka.start(kafka.app().listener(tried_again).state(notes.clone())).await.unwrap();
    send(&kafka, "t", 0, "bad").await;
    kafka.settle().await;
    assert_eq!(notes.all(), ["bad 2"]);
}

#[tokio::test]
async fn a_plain_function_has_a_filter_too() {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    kafka.create_topic("t", 1);
    kafka.start(kafka.app().listener(plain_behind_a_panic).state(notes.clone())).await.unwrap();
    for text in ["a", "bad", "b"] {
        send(&kafka, "t", 0, text).await;
    }
    kafka.settle().await;
    assert_eq!((notes.all(), kafka.dead_letters("t").len()), (vec!["a".to_owned(), "b".to_owned()], 1));
}

#[kafka_listener(topic = "t", attempts = 1, order = "key", filter = is_for_us)]
async fn by_key(Key(key): Key<&str>, text: &str, State(notes): State<Notes>) {
    if text == "slow" {
        tokio::time::sleep(seconds(5)).await;
    }
    notes.add(format!("{key} {text}"));
}

#[tokio::test(start_paused = true)]
async fn by_key_a_skipped_record_waits_for_its_turn_and_holds_nobody_up() {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    kafka.create_topic("t", 1);
    kafka.start(kafka.app().listener(by_key).state(notes.clone())).await.unwrap();
    for (key, text) in [("k", "slow"), ("k", "other"), ("k", "b"), ("l", "other"), ("l", "c")] {
        kafka.producer().to("t").key(key).text(text).send().await.unwrap();
    }
    kafka.advance(seconds(1)).await;
    assert_eq!((notes.all(), skipped(&kafka)), (vec!["l c".to_owned()], vec!["by_key t/0@3".to_owned()]));
    kafka.settle().await;
    assert_eq!(notes.all(), ["l c", "k slow", "k b"]);
    assert_eq!(skipped(&kafka), ["by_key t/0@3", "by_key t/0@1"]);
}

#[kafka_listener(topic = "t", attempts = 1, filter = is_for_us)]
async fn by_ack(text: &str, ack: Ack, State(notes): State<Notes>) {
    notes.add(text);
    ack.done();
}

#[kafka_listener(topic = "t", group = "plain", attempts = 1, filter = is_for_us)]
fn plain_by_ack(text: &str, ack: Ack, State(notes): State<Notes>) {
    notes.add(text);
    ack.done();
}

#[tokio::test]
async fn a_skipped_record_needs_no_ack() {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    kafka.create_topic("t", 1);
    kafka.start(kafka.app().listener(by_ack).state(notes.clone())).await.unwrap();
    for text in ["other", "a", "other"] {
        send(&kafka, "t", 0, text).await;
    }
    kafka.settle().await;
    kafka.stop().await;
    kafka.start(kafka.app().listener(plain_by_ack).state(notes.clone())).await.unwrap();
    kafka.settle().await;
    assert_eq!(notes.all(), ["a", "a"]);
    assert_eq!(skipped(&kafka).len(), 4);
}

fn judges(delivery: &Delivery<'_>) -> bool {
    is_for_us(delivery) && panics(delivery)
}

#[kafka_listener(topic = "t", attempts = 1, batch(max = 10, wait = "1s"), filter = judges)]
async fn together(texts: Vec<&str>, State(notes): State<Notes>) {
    notes.add(texts.join(" "));
}

#[kafka_listener(topic = "t", group = "plain", attempts = 1, batch(max = 10, wait = "100ms"), filter = judges)]
fn plain_together(texts: Vec<&str>, State(notes): State<Notes>) {
    notes.add(texts.join(" "));
}

#[tokio::test]
async fn a_batch_is_made_of_what_is_wanted() {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    kafka.create_topic("t", 1);
    for text in ["other", "a", "bad", "other", "b"] {
        send(&kafka, "t", 0, text).await;
    }
    kafka.start(kafka.app().listener(together).state(notes.clone())).await.unwrap();
    kafka.settle().await;
    kafka.stop().await;
    kafka.start(kafka.app().listener(plain_together).state(notes.clone())).await.unwrap();
    kafka.settle().await;
    assert_eq!((notes.all(), skipped(&kafka).len()), (vec!["a b".to_owned(), "a b".to_owned()], 4));
    assert_eq!(kafka.dead_letters("t").len(), 2, "of each listener one");
}

#[tokio::test(start_paused = true)]
async fn of_a_batch_that_is_not_wanted_nobody_hears() {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    kafka.create_topic("t", 1);
    kafka.start(kafka.app().listener(together).state(notes.clone())).await.unwrap();
    for _ in 0..3 {
        send(&kafka, "t", 0, "other").await;
    }
    kafka.settle().await;
    assert_eq!((notes.all().len(), skipped(&kafka).len()), (0, 3));
}
