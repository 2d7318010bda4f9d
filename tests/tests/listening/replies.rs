//! `Reply`: what a handler sends on is written before its delivery ends, and a reply that cannot be written fails it.

use std::sync::atomic::{AtomicBool, Ordering};

use kafka_listen::prelude::*;
use kafka_listen::testing::{PublishErrorKind, PublishFault, TestKafka};

use crate::support::{Notes, failed, header, millis, seconds, send};

#[kafka_listener(topic = "t", attempts = 3)]
async fn answers(text: &str, State(notes): State<Notes>) -> Result<Reply<String>, String> {
    notes.add(text);
    match text {
        "fail" => Err("never".to_owned()),
        text => Ok(Reply::to("out", format!("{text}!")).key(text)),
    }
}

async fn started() -> (TestKafka, Notes) {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    kafka.create_topic("t", 1);
    kafka.create_topic("out", 1);
    kafka.start(kafka.app().listener(answers).state(notes.clone())).await.unwrap();
    (kafka, notes)
}

/// The values of a topic, as text.
fn values(kafka: &TestKafka, topic: &str) -> Vec<String> {
    let values = kafka.records(topic).into_iter().map(|it| String::from_utf8(it.value.unwrap().to_vec()).unwrap());
    values.collect()
}

#[tokio::test(start_paused = true)]
async fn what_a_handler_returns_is_sent_on_and_nothing_of_what_fails_is() {
    let (kafka, notes) = started().await;
    for text in ["a", "fail", "b"] {
        send(&kafka, "t", 0, text).await;
    }
    kafka.settle().await;
    assert_eq!(values(&kafka, "out"), ["\"a!\"", "\"b!\""]);
    assert_eq!(kafka.records("out")[0].key.as_deref(), Some(&b"a"[..]));
    assert_eq!((notes.all().len(), kafka.dead_letters("t").len()), (5, 1));
}

#[tokio::test(start_paused = true)]
async fn nothing_is_committed_before_the_reply_is_acknowledged() {
    let (kafka, notes) = started().await;
    kafka.cluster().delay_publishes("out", seconds(5));
    send(&kafka, "t", 0, "a").await;
    send(&kafka, "t", 0, "b").await;
    kafka.advance(millis(4900)).await;
    assert_eq!(values(&kafka, "out"), ["\"a!\""], "it is written, but nobody knows");
    assert_eq!((kafka.cluster().committed("test", "t", 0), notes.all()), (Some(0), vec!["a".to_owned()]));
    assert!(kafka.deliveries().is_empty());
    kafka.advance(millis(300)).await;
    assert_eq!(kafka.cluster().committed("test", "t", 0), Some(1));
    kafka.settle().await;
    assert_eq!(values(&kafka, "out").len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_crash_before_the_commit_repeats_the_record_and_its_reply() {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    kafka.create_topic("t", 1);
    kafka.create_topic("out", 1);
    let app = || kafka.app().listener(answers).state(notes.clone());
    let (app, again) = (app(), app());
    let instance = kafka.start(app).await.unwrap();
    kafka.cluster().delay_publishes("out", seconds(5));
    send(&kafka, "t", 0, "a").await;
    kafka.advance(seconds(1)).await;
    kafka.crash(instance);
    kafka.cluster().heal();
    kafka.start(again).await.unwrap();
    kafka.settle().await;
    assert_eq!(values(&kafka, "out"), ["\"a!\"", "\"a!\""], "at least once");
}

#[tokio::test(start_paused = true)]
async fn a_reply_that_cannot_be_written_fails_the_delivery_which_is_retried_and_dead_lettered() {
    let (kafka, notes) = started().await;
    let mut refused = 0;
    kafka.cluster().on_publish(move |record| {
        refused += i32::from(&*record.topic == "out");
        (&*record.topic == "out" && refused <= 2).then_some(PublishFault::Refuse(PublishErrorKind::NotWritten))
    });
    send(&kafka, "t", 0, "a").await;
    kafka.settle().await;
    assert_eq!((notes.all().len(), values(&kafka, "out").len()), (3, 1), "the third delivery's reply is written");
    let error = failed(&kafka)[0].error.clone().unwrap();
    assert!(error.starts_with("a record for `out` was not sent: "), "{error}");

    kafka.cluster().fail_publishes("out", PublishErrorKind::TooLarge);
    send(&kafka, "t", 0, "b").await;
    kafka.settle().await;
    let dead = kafka.dead_letters("t");
    assert_eq!((dead.len(), dead[0].value.as_deref()), (1, Some(&b"b"[..])), "the record that was handled, as it is");
    assert_eq!(header(&dead[0].headers, "kafka_exception-fqcn"), Some(&b"kafka_listen::SendError"[..]));
}

#[kafka_listener(topic = "t", group = "plain", attempts = 2)]
fn plain(number: Json<u32>) -> Vec<Reply<u32>> {
    (0..number.0).map(|it| Reply::to("out", it)).collect()
}

#[kafka_listener(topic = "t", group = "sometimes", attempts = 2)]
async fn sometimes(number: Json<u32>) -> Result<Option<Reply<&'static str>>, String> {
    Ok((number.0 > 1).then(|| Reply::to("out", "many")))
}

#[kafka_listener(topic = "t", group = "dies", attempts = 1)]
async fn dies() -> Result<(), String> {
    Err("never".to_owned())
}

#[dlt_handler(dies)]
async fn is_dead(error: LastError) -> Reply<String> {
    Reply::to("out", error.message)
}

#[tokio::test]
async fn none_or_several_are_sent_by_plain_functions_and_dlt_handlers_too() {
    let mut kafka = TestKafka::new();
    kafka.create_topic("t", 1);
    kafka.create_topic("out", 1);
    for number in ["1", "0", "3"] {
        send(&kafka, "t", 0, number).await;
    }
    kafka.start(kafka.app().listener(plain)).await.unwrap();
    kafka.settle().await;
    assert_eq!(values(&kafka, "out"), ["0", "0", "1", "2"]);
    kafka.stop().await;
    kafka.start(kafka.app().listener(sometimes)).await.unwrap();
    kafka.settle().await;
    assert_eq!(values(&kafka, "out")[4..], ["\"many\""]);
    kafka.stop().await;
    kafka.start(kafka.app().listener(dies)).await.unwrap();
    kafka.settle().await;
    assert_eq!(values(&kafka, "out")[5..], ["\"never\"", "\"never\"", "\"never\""]);
}

static REFUSED: AtomicBool = AtomicBool::new(false);

#[kafka_listener(topic = "t", group = "plain", attempts = 2)]
fn plain_that_is_refused(text: &str, State(notes): State<Notes>) -> Reply<String> {
    notes.add(text);
    Reply::to("out", text.to_owned())
}

#[tokio::test]
async fn a_plain_function_whose_reply_is_refused_goes_on_with_the_next_record() {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    kafka.create_topic("t", 1);
    kafka.create_topic("out", 1);
    kafka.cluster().on_publish(|record| {
        let refused = &*record.topic == "out" && !REFUSED.swap(true, Ordering::Relaxed);
        refused.then_some(PublishFault::Refuse(PublishErrorKind::NotWritten))
    });
    for text in ["a", "b", "c"] {
        send(&kafka, "t", 0, text).await;
    }
    kafka.start(kafka.app().listener(plain_that_is_refused).state(notes.clone())).await.unwrap();
    kafka.settle().await;
    assert_eq!(notes.all(), ["a", "b", "c", "a"]);
    assert_eq!(values(&kafka, "out"), ["\"b\"", "\"c\"", "\"a\""]);
}

#[kafka_listener(topic = "t", group = "ack", attempts = 2)]
async fn by_ack(ack: Ack) -> Reply<&'static str> {
    tokio::spawn(async move {
        tokio::time::sleep(seconds(10)).await;
        ack.done();
    });
    Reply::to("out", "working on it")
}

#[kafka_listener(topic = "t", group = "plain-ack", attempts = 2)]
fn plain_by_ack(ack: Ack) -> Reply<&'static str> {
    ack.done();
    Reply::to("out", "done")
}

#[tokio::test(start_paused = true)]
async fn with_an_ack_the_reply_is_written_and_the_record_ends_at_the_ack() {
    let mut kafka = TestKafka::new();
    kafka.create_topic("t", 1);
    kafka.create_topic("out", 1);
    kafka.start(kafka.app().listener(by_ack).listener(plain_by_ack)).await.unwrap();
    send(&kafka, "t", 0, "x").await;
    kafka.advance(seconds(9)).await;
    let mut written = values(&kafka, "out");
    written.sort();
    assert_eq!(written, ["\"done\"", "\"working on it\""]);
    assert_eq!(kafka.cluster().committed("ack", "t", 0), Some(0));
    assert_eq!(kafka.cluster().committed("plain-ack", "t", 0), Some(1));
    kafka.advance(seconds(2)).await;
    assert_eq!(kafka.cluster().committed("ack", "t", 0), Some(1));
}

#[tokio::test(start_paused = true)]
async fn while_the_cluster_is_away_a_reply_waits_and_a_stop_loses_nothing() {
    let (mut kafka, notes) = started().await;
    kafka.cluster().delay_publishes("out", seconds(3600));
    send(&kafka, "t", 0, "a").await;
    kafka.advance(seconds(1)).await;
    kafka.stop().await;
    assert_eq!(kafka.cluster().committed("test", "t", 0), Some(0), "given up after the drain, and not handled");
    kafka.cluster().heal();
    kafka.start(kafka.app().listener(answers).state(notes.clone())).await.unwrap();
    kafka.settle().await;
    assert_eq!(notes.all(), ["a", "a"]);
}
