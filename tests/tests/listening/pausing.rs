//! A listener that is paused on the handle: nothing of it starts, its membership is kept, and nothing is lost.

use kafka_listen::prelude::*;
use kafka_listen::testing::TestKafka;
use kafka_listen::{Error, Event, PauseReason};

use crate::support::{Notes, millis, seconds, send, times};

#[kafka_listener(topic = "t", attempts = 3, backoff(delay = "10s"))]
async fn work(text: &str, State(notes): State<Notes>) -> Result<(), String> {
    if text == "slow" {
        tokio::time::sleep(seconds(5)).await;
    }
    notes.add(text);
    if text == "fail" { Err("never".to_owned()) } else { Ok(()) }
}

#[dlt_handler(work)]
async fn work_is_dead(text: &str, State(notes): State<Notes>) {
    notes.add(format!("dead {text}"));
}

#[kafka_listener(topic = "u", attempts = 1)]
async fn other(text: &str, State(notes): State<Notes>) {
    notes.add(format!("other {text}"));
}

#[kafka_listener(topic = "t", group = "plain", attempts = 1)]
fn blocking(text: &str, State(notes): State<Notes>) {
    notes.add(text);
}

fn work_alone(kafka: &TestKafka, notes: &Notes) -> App {
    kafka.app().listener(work).state(notes.clone())
}

fn app(kafka: &TestKafka, notes: &Notes) -> App {
    work_alone(kafka, notes).listener(other)
}

#[tokio::test(start_paused = true)]
async fn nothing_of_a_paused_listener_starts_and_resumed_it_goes_on_where_it_was() {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    kafka.create_topic("t", 2);
    kafka.create_topic("u", 1);
    let instance = kafka.start(app(&kafka, &notes)).await.unwrap();
    for text in ["slow", "a", "b"] {
        send(&kafka, "t", 0, text).await;
    }
    kafka.advance(seconds(1)).await;
    kafka.pause(instance, "work").unwrap();
    send(&kafka, "t", 1, "c").await;
    send(&kafka, "u", 0, "x").await;
    kafka.advance(seconds(3600)).await;
    assert_eq!(notes.all(), ["other x", "slow"], "what ran may end, and the other listener goes on");
    assert_eq!(kafka.cluster().committed("test", "t", 0), Some(1), "and what ended is committed");
    assert_eq!(kafka.cluster().members("test").len(), 1, "the membership is kept, whatever the session time-out");
    let paused = kafka.paused(instance);
    assert_eq!((paused.len(), paused[0].listener.as_str(), &paused[0].reason), (1, "work", &PauseReason::Asked));
    kafka.resume(instance, "work").unwrap();
    assert!(kafka.paused(instance).is_empty());
    kafka.settle().await;
    let mut rest = notes.all().split_off(2);
    rest.sort();
    assert_eq!(rest, ["a", "b", "c"], "each once");
}

#[tokio::test(start_paused = true)]
async fn what_was_handed_out_behind_a_running_record_keeps_its_order_over_a_pause() {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    kafka.create_topic("t", 1);
    let instance = kafka.start(work_alone(&kafka, &notes)).await.unwrap();
    for text in ["slow", "a", "b", "c", "d"] {
        // Each is read by itself, and waits behind the one before it.
        send(&kafka, "t", 0, text).await;
        kafka.advance(millis(100)).await;
    }
    kafka.pause(instance, "work").unwrap();
    kafka.advance(seconds(60)).await;
    assert_eq!(notes.all(), ["slow"]);
    kafka.resume(instance, "work").unwrap();
    kafka.settle().await;
    assert_eq!(notes.all(), ["slow", "a", "b", "c", "d"]);
}

#[tokio::test(start_paused = true)]
async fn retries_and_dead_letters_of_a_paused_listener_wait_and_overdue_ones_run_at_once() {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    kafka.create_topic("t", 1);
    kafka.create_topic("u", 1);
    let instance = kafka.start(app(&kafka, &notes)).await.unwrap();
    send(&kafka, "t", 0, "fail").await;
    kafka.advance(seconds(15)).await;
    kafka.pause(instance, "work").unwrap();
    kafka.advance(seconds(85)).await;
    assert_eq!(notes.all(), ["fail", "fail"]);
    kafka.resume(instance, "work").unwrap();
    kafka.advance(millis(1)).await;
    assert_eq!(times(&kafka, "t-retry"), [10_000, 100_000], "at once, not after another delay");
    assert_eq!(notes.all(), ["fail", "fail", "fail", "dead fail"]);
    kafka.pause(instance, "work").unwrap();
    kafka.cluster().produce(crate::support::raw("t-dlt", 0, Some(b"by hand"), &[])).unwrap();
    kafka.advance(seconds(60)).await;
    assert_eq!(notes.all().len(), 4, "the DLT, too");
    kafka.resume(instance, "work").unwrap();
    kafka.settle().await;
    assert_eq!(notes.all().last().unwrap(), "dead by hand");
}

#[tokio::test(start_paused = true)]
async fn a_partition_that_comes_to_a_paused_listener_is_paused_until_it_is_resumed() {
    let (mut kafka, one, two) = (TestKafka::new(), Notes::default(), Notes::default());
    kafka.create_topic("t", 4);
    let first = kafka.start(work_alone(&kafka, &one)).await.unwrap();
    let second = kafka.start(work_alone(&kafka, &two)).await.unwrap();
    kafka.pause(second, "work").unwrap();
    kafka.advance(seconds(1)).await;
    for partition in 0..4 {
        send(&kafka, "t", partition, &format!("{partition}")).await;
    }
    kafka.advance(seconds(1)).await;
    assert_eq!(one.all().len(), 2, "a pause is this process's own");
    kafka.stop_one(first).await;
    kafka.advance(seconds(60)).await;
    assert!(two.all().is_empty(), "it has all of the partitions now, and handles none");
    kafka.resume(second, "work").unwrap();
    kafka.settle().await;
    assert_eq!(two.all().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_pause_right_before_a_stop_repeats_nothing_and_ends_with_the_process() {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    kafka.create_topic("t", 1);
    kafka.create_topic("u", 1);
    for text in ["slow", "a"] {
        send(&kafka, "t", 0, text).await;
    }
    let instance = kafka.start(app(&kafka, &notes)).await.unwrap();
    kafka.advance(seconds(1)).await;
    kafka.pause(instance, "work").unwrap();
    kafka.stop().await;
    assert_eq!(notes.all(), ["slow"]);
    kafka.start(app(&kafka, &notes)).await.unwrap();
    kafka.settle().await;
    assert_eq!(notes.all(), ["slow", "a"]);
}

#[tokio::test(start_paused = true)]
async fn it_is_told_once_however_often_it_is_asked_for() {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    kafka.create_topic("t", 1);
    kafka.create_topic("u", 1);
    let instance = kafka.start(app(&kafka, &notes)).await.unwrap();
    kafka.resume(instance, "work").unwrap();
    for _ in 0..3 {
        kafka.pause(instance, "work").unwrap();
    }
    for _ in 0..3 {
        kafka.resume(instance, "work").unwrap();
    }
    let told = kafka.events().into_iter().filter_map(|event| match event {
        Event::Paused { listener, reason } => Some(format!("{listener}: {reason}")),
        Event::Resumed { listener } => Some(format!("{listener} goes on")),
        _ => None,
    });
    assert_eq!(told.collect::<Vec<_>>(), ["work: the application asked for it", "work goes on"]);
}

#[tokio::test(start_paused = true)]
async fn an_unknown_listener_is_an_error_that_knows_the_nearest() {
    let mut kafka = TestKafka::new();
    kafka.create_topic("t", 1);
    kafka.create_topic("u", 1);
    let instance = kafka.start(app(&kafka, &Notes::default())).await.unwrap();
    let error = kafka.pause(instance, "worc").unwrap_err();
    assert!(matches!(error, Error::NoListener { .. }));
    assert_eq!(error.to_string(), "there is no listener `worc`; did you mean `work`?");
    let error = kafka.resume(instance, "send_email").unwrap_err();
    assert_eq!(error.to_string(), "there is no listener `send_email`; there are `work`, `other`");
}

/// A plain function runs on other threads, in real time: it is paused between two records at the latest.
#[tokio::test]
async fn a_plain_function_is_paused_too() {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    kafka.create_topic("t", 1);
    let instance = kafka.start(kafka.app().listener(blocking).state(notes.clone())).await.unwrap();
    kafka.pause(instance, "blocking").unwrap();
    for number in 0..100 {
        send(&kafka, "t", 0, &number.to_string()).await;
    }
    kafka.advance(millis(100)).await;
    assert!(notes.all().is_empty());
    kafka.resume(instance, "blocking").unwrap();
    kafka.settle().await;
    assert_eq!(notes.all(), (0..100).map(|number| number.to_string()).collect::<Vec<_>>());
}
