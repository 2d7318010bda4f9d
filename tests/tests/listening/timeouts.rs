//! `timeout`: no more retries once it has passed since the first record's timestamp.

use kafka_listen::Event;
use kafka_listen::prelude::*;
use kafka_listen::testing::{Outgoing, TestKafka};

use crate::support::{Notes, header, raw, seconds, send, times};

#[kafka_listener(topic = "t", attempts = 10, backoff(delay = "10s"), timeout = "35s")]
async fn late(text: &str, attempt: Attempt, State(notes): State<Notes>) -> Result<(), String> {
    notes.add(format!("{text} {} {}", attempt.number, attempt.is_last()));
    Err("never".to_owned())
}

#[tokio::test(start_paused = true)]
async fn the_failure_behind_it_is_the_last_and_knew_that_it_would_be() {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    kafka.create_topic("t", 1);
    kafka.start(kafka.app().listener(late).state(notes.clone())).await.unwrap();
    send(&kafka, "t", 0, "x").await;
    kafka.settle().await;
    assert_eq!(times(&kafka, "t-retry"), [10_000, 20_000, 30_000, 40_000], "a retry that was decided on runs");
    assert_eq!(notes.all(), ["x 1 false", "x 2 false", "x 3 false", "x 4 false", "x 5 true"]);
    let dead = kafka.dead_letters("t");
    assert_eq!(header(&dead[0].headers, "retry_topic-attempts"), Some(&6_i32.to_be_bytes()[..]));
}

/// A record that was written so many seconds ago, as far as its producer says.
fn old(kafka: &TestKafka, age: u64, headers: &[crate::support::Raw<'_>]) -> Outgoing {
    let timestamp = Some(kafka.cluster().now().before(seconds(age)));
    Outgoing { timestamp, ..raw("t", 0, Some(b"old"), headers) }
}

#[tokio::test(start_paused = true)]
async fn lag_counts_and_what_a_header_says_on_a_source_topic_does_not() {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    kafka.create_topic("t", 1);
    let forged: crate::support::Raw<'_> = (b"retry_topic-original-timestamp", Some(&[1]));
    kafka.cluster().produce(old(&kafka, 35, &[])).unwrap();
    kafka.cluster().produce(old(&kafka, 34, &[])).unwrap();
    kafka.cluster().produce(old(&kafka, 0, &[forged])).unwrap();
    kafka.start(kafka.app().listener(late).state(notes.clone())).await.unwrap();
    kafka.settle().await;
    let of = |n: usize| notes.all().iter().filter(|note| note.starts_with(&format!("old {n} "))).count();
    assert_eq!([of(1), of(2), of(3), of(5), of(6)], [3, 2, 1, 1, 0]);
}

#[kafka_listener(topic = "t", blocking(attempts = 100, delay = "10s"), timeout = "35s")]
async fn in_place(text: &str, attempt: Attempt, State(notes): State<Notes>) -> Result<Outcome, String> {
    notes.add(format!("{text} {} {}", attempt.in_place, attempt.is_last()));
    if text == "later" { Ok(Decision::RetryAfter(seconds(50)).into()) } else { Err("never".to_owned()) }
}

#[tokio::test(start_paused = true)]
async fn tries_in_place_end_with_it_too_and_so_do_waits_of_the_handlers_own() {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    kafka.create_topic("t", 2);
    kafka.start(kafka.app().listener(in_place).state(notes.clone())).await.unwrap();
    send(&kafka, "t", 0, "x").await;
    send(&kafka, "t", 1, "later").await;
    kafka.settle().await;
    let of = |text: &str| notes.all().into_iter().filter(|note| note.starts_with(text)).collect::<Vec<_>>();
    assert_eq!(of("x"), ["x 1 false", "x 2 false", "x 3 false", "x 4 false", "x 5 true"]);
    assert_eq!(of("later"), ["later 1 false", "later 2 true"], "the wait itself may be longer than what is left");
    assert_eq!(kafka.dead_letters("t").len(), 2);
}

#[kafka_listener(topic = "t", attempts = 10, timeout = "90s", dlt = false, handler_timeout = "60s")]
async fn hangs(ack: Ack) {
    let _held = ack;
    std::future::pending::<()>().await;
}

#[tokio::test(start_paused = true)]
async fn a_time_out_of_the_handler_counts_towards_it_and_without_a_dlt_the_reason_is_told() {
    let mut kafka = TestKafka::new();
    kafka.create_topic("t", 1);
    kafka.start(kafka.app().listener(hangs)).await.unwrap();
    send(&kafka, "t", 0, "x").await;
    kafka.settle().await;
    assert_eq!(times(&kafka, "t-retry"), [121_000]);
    let reason = |event: &Event| match event {
        Event::Discarded { reason, .. } => Some(reason.clone()),
        _ => None,
    };
    assert_eq!(kafka.events().iter().find_map(reason).as_deref(), Some("its `timeout` has passed"));
}
