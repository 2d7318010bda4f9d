//! Manual listeners: the record ends when its `Ack` says so, wherever that was taken.

use std::sync::{Arc, Mutex};

use kafka_listen::Event;
use kafka_listen::prelude::*;
use kafka_listen::testing::TestKafka;

use crate::support::{header, millis, seconds, send, times};

/// Acks that outlive their handlers, behind the texts of their records.
#[derive(Clone, Default)]
struct Held(Arc<Mutex<Vec<(String, Ack)>>>);

impl Held {
    fn texts(&self) -> Vec<String> {
        self.0.lock().unwrap().iter().map(|(text, _)| text.clone()).collect()
    }

    fn take(&self, text: &str) -> Ack {
        let mut held = self.0.lock().unwrap();
        let place = held.iter().position(|(held, _)| held == text).unwrap_or_else(|| panic!("no ack of {text}"));
        held.remove(place).1
    }
}

#[kafka_listener(topic = "t", attempts = 2, backoff(delay = "10s"))]
async fn held(text: &str, ack: Ack, State(held): State<Held>) {
    held.0.lock().unwrap().push((text.to_owned(), ack));
}

async fn holding(partitions: i32, texts: &[(i32, &str)]) -> (TestKafka, Held) {
    let (mut kafka, acks) = (TestKafka::new(), Held::default());
    kafka.create_topic("t", partitions);
    kafka.start(kafka.app().listener(held).state(acks.clone())).await.unwrap();
    for (partition, text) in texts {
        send(&kafka, "t", *partition, text).await;
    }
    kafka.advance(seconds(1)).await;
    (kafka, acks)
}

#[tokio::test(start_paused = true)]
async fn an_ack_that_outlives_its_handler_ends_the_record_and_its_lane_waits_for_it() {
    let (kafka, acks) = holding(2, &[(0, "a"), (0, "b"), (1, "c")]).await;
    assert_eq!(acks.texts(), ["a", "c"], "b waits for a");
    acks.take("c").done();
    kafka.advance(seconds(600)).await;
    let committed = |partition| kafka.cluster().committed("test", "t", partition);
    assert_eq!((committed(0), committed(1)), (Some(0), Some(1)), "as long as it takes");
    acks.take("a").done();
    kafka.advance(seconds(1)).await;
    assert_eq!((acks.texts(), committed(0)), (vec!["b".to_owned()], Some(1)));
    acks.take("b").done();
    kafka.settle().await;
    assert_eq!(kafka.deliveries().iter().map(|it| it.at.as_secs()).collect::<Vec<_>>(), [1, 601, 602]);
}

#[tokio::test(start_paused = true)]
async fn an_ack_says_what_becomes_of_its_record_and_dropped_it_is_a_failure() {
    let (kafka, acks) = holding(4, &[(0, "again"), (1, "later"), (2, "dead"), (3, "dropped")]).await;
    acks.take("again").retry();
    acks.take("later").retry_after(seconds(3));
    acks.take("dead").dead_letter("nobody wants it");
    drop(acks.take("dropped"));
    kafka.advance(seconds(20)).await;
    assert_eq!(acks.texts(), ["later", "again", "dropped"], "after 3 and 10 s");
    for text in acks.texts() {
        acks.take(&text).done();
    }
    kafka.settle().await;
    let dead = kafka.dead_letters("t");
    assert_eq!(dead.len(), 1);
    assert_eq!(header(&dead[0].headers, "kafka_exception-message"), Some(&b"nobody wants it"[..]));
    let dropped = kafka.deliveries().into_iter().find(|it| it.partition == 3).unwrap();
    assert_eq!(dropped.error.as_deref(), Some("the `Ack` was dropped without a call"));
}

#[tokio::test(start_paused = true)]
async fn a_late_ack_after_a_revoke_changes_nothing() {
    let (mut kafka, first) = holding(2, &[(0, "a"), (1, "b")]).await;
    let second = Held::default();
    kafka.start(kafka.app().listener(held).state(second.clone())).await.unwrap();
    kafka.advance(seconds(10)).await;
    let moved = second.texts();
    assert_eq!(moved.len(), 1, "one partition moved, and its record is delivered again");
    let partition = i32::from(moved[0] == "b");
    first.take(&moved[0]).done();
    kafka.advance(seconds(10)).await;
    assert_eq!(kafka.cluster().committed("test", "t", partition), Some(0), "it is the other's now");
    assert_eq!(kafka.cluster().committed("test", "t", 1 - partition), Some(0), "and it is no ack of what stayed");
    let refused = |event: &Event| matches!(event, Event::CommitFailed { .. });
    assert!(!kafka.events().iter().any(refused), "a commit was not even tried");
    second.take(&moved[0]).retry();
    first.take(&first.texts()[0]).done();
    kafka.advance(seconds(11)).await;
    let again = [&first, &second].into_iter().find(|held| !held.texts().is_empty()).unwrap();
    again.take(&moved[0]).done();
    kafka.settle().await;
    assert_eq!(kafka.records("t-retry").len(), 1, "the other's word counted, and nothing else");
}

#[tokio::test(start_paused = true)]
async fn a_stop_waits_for_acks_as_it_waits_for_handlers() {
    let (mut kafka, acks) = holding(1, &[(0, "a")]).await;
    let ack = acks.take("a");
    tokio::spawn(async move {
        tokio::time::sleep(seconds(5)).await;
        ack.done();
    });
    kafka.stop().await;
    assert_eq!((kafka.elapsed(), kafka.cluster().committed("test", "t", 0)), (seconds(6), Some(1)));
}

#[kafka_listener(topic = "t", attempts = 2, order = "none", concurrency = 3, handler_timeout = "30s")]
async fn side_by_side(text: &str, ack: Ack, State(held): State<Held>) -> Result<(), String> {
    match text {
        "acked, then failed" => {
            ack.done();
            Err("too late".to_owned())
        }
        _ => {
            held.0.lock().unwrap().push((text.to_owned(), ack));
            if text == "failed" { Err("no".to_owned()) } else { Ok(()) }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn without_order_no_record_waits_for_anothers_ack_and_each_counts_for_concurrency_until_its_limit() {
    let (mut kafka, acks) = (TestKafka::new(), Held::default());
    kafka.create_topic("t", 1);
    kafka.start(kafka.app().listener(side_by_side).state(acks.clone())).await.unwrap();
    for text in ["a", "b", "c", "d"] {
        send(&kafka, "t", 0, text).await;
    }
    kafka.advance(seconds(1)).await;
    assert_eq!(acks.texts(), ["a", "b", "c"], "three at once");
    acks.take("b").done();
    kafka.advance(seconds(1)).await;
    assert_eq!(acks.texts(), ["a", "c", "d"]);
    kafka.advance(millis(28_500)).await;
    assert_eq!(times(&kafka, "t"), [1000, 30_000, 30_000], "two took too long");
    for text in ["a", "c", "d"] {
        acks.take(text).done();
    }
    kafka.advance(seconds(2)).await;
    assert_eq!(acks.texts(), ["a", "c"], "too late: they are tried again");
    for text in ["a", "c"] {
        acks.take(text).done();
    }
    kafka.settle().await;
    assert_eq!((kafka.records("t-retry").len(), kafka.dead_letters("t").len()), (2, 0));
}

/// Says that it takes an ack, and does not.
struct Forgetful;

impl<'d> FromDelivery<'d> for Forgetful {
    fn from_delivery(_: &'d Delivery<'d>) -> Result<Self, Rejection> {
        Ok(Self)
    }

    fn needs(needs: &mut kafka_listen::Needs) {
        Ack::needs(needs);
    }
}

#[kafka_listener(topic = "t", attempts = 1)]
async fn forgets(_: Forgetful) {}

#[tokio::test(start_paused = true)]
async fn an_ack_that_nobody_took_is_not_waited_for() {
    let mut kafka = TestKafka::new();
    kafka.create_topic("t", 1);
    kafka.start(kafka.app().listener(forgets)).await.unwrap();
    send(&kafka, "t", 0, "x").await;
    kafka.settle().await;
    assert_eq!(kafka.dead_letters("t").len(), 1);
}

#[tokio::test(start_paused = true)]
async fn what_is_said_first_counts() {
    let (mut kafka, acks) = (TestKafka::new(), Held::default());
    kafka.create_topic("t", 1);
    kafka.start(kafka.app().listener(side_by_side).state(acks.clone())).await.unwrap();
    for text in ["acked, then failed", "failed"] {
        send(&kafka, "t", 0, text).await;
    }
    kafka.advance(millis(10)).await;
    assert_eq!(acks.texts(), ["failed"]);
    acks.take("failed").done();
    kafka.advance(seconds(2)).await;
    let told = |event: &Event| match event {
        Event::FailedAfterAck { record, failure, .. } => Some((record.offset, failure.message.clone())),
        _ => None,
    };
    let told: Vec<_> = kafka.events().iter().filter_map(told).collect();
    assert_eq!(told, [(0, "too late".to_owned())]);
    assert_eq!(kafka.records("t-retry").len(), 1, "of the one that failed before its ack");
    assert_eq!(kafka.cluster().committed("test", "t", 0), Some(2));
}

#[kafka_listener(topic = "t", attempts = 1)]
fn plain(text: &str, ack: Ack, State(held): State<Held>) {
    if text != "dropped" {
        held.0.lock().unwrap().push((text.to_owned(), ack));
    }
}

#[tokio::test(start_paused = true)]
async fn a_plain_function_may_hand_its_ack_on_and_no_thread_waits() {
    let (mut kafka, acks) = (TestKafka::new(), Held::default());
    kafka.create_topic("t", 1);
    kafka.start(kafka.app().listener(plain).state(acks.clone())).await.unwrap();
    for text in ["dropped", "a", "b"] {
        send(&kafka, "t", 0, text).await;
    }
    while acks.texts().is_empty() {
        kafka.advance(millis(5)).await;
    }
    kafka.advance(seconds(60)).await;
    assert_eq!((acks.texts(), kafka.dead_letters("t").len()), (vec!["a".to_owned()], 1));
    acks.take("a").done();
    while acks.texts().is_empty() {
        kafka.advance(millis(5)).await;
    }
    acks.take("b").done();
    kafka.settle().await;
    kafka.stop().await;
}

#[kafka_listener(topic = "t")]
async fn two(one: Ack, other: Option<Ack>) {
    one.done();
    drop(other);
}

#[tokio::test(start_paused = true)]
async fn two_acks_of_one_record_are_refused_at_start_up() {
    let kafka = TestKafka::new();
    let error = kafka.app().listener(two).start().await.err().unwrap().to_string();
    assert!(error.contains("both `one: Ack` and `other: Option<Ack>` take the record's `Ack`"), "{error}");
}
