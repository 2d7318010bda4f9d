//! `Cancel`: who looks at it learns that a record is being given up.

use std::time::Duration;

use kafka_listen::prelude::*;
use kafka_listen::testing::TestKafka;

use crate::support::{Notes, millis, seconds, send};

#[derive(Clone)]
struct Start(tokio::time::Instant);

#[kafka_listener(topic = "t", attempts = 2)]
async fn watched(text: &str, cancel: Cancel, State(notes): State<Notes>, State(start): State<Start>) {
    let told = format!("{text} told at");
    match text {
        "wraps up" => {
            cancel.cancelled().await;
            notes.add(format!("{told} {:?}", start.0.elapsed()));
        }
        "slow" => {
            tokio::time::sleep(seconds(3)).await;
            notes.add(format!("slow, told: {}", cancel.is_cancelled()));
        }
        _ => {
            // What was spawned is not dropped with its handler.
            tokio::spawn(async move {
                cancel.cancelled().await;
                notes.add(format!("{told} {:?}", start.0.elapsed()));
            });
            std::future::pending::<()>().await;
        }
    }
}

fn app(kafka: &TestKafka, notes: &Notes) -> App {
    kafka.app().listener(watched).state(notes.clone()).state(Start(tokio::time::Instant::now()))
}

#[tokio::test(start_paused = true)]
async fn a_stop_sets_it_when_the_drain_is_over_and_disturbs_nobody_before() {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    kafka.create_topic("t", 2);
    kafka.start(app(&kafka, &notes).drain(seconds(5))).await.unwrap();
    send(&kafka, "t", 0, "slow").await;
    send(&kafka, "t", 1, "endless").await;
    kafka.advance(seconds(1)).await;
    kafka.stop().await;
    kafka.advance(millis(1)).await;
    assert_eq!(notes.all(), ["slow, told: false", "endless told at 6s"]);
}

#[tokio::test(start_paused = true)]
async fn a_revoke_sets_it_at_once_and_what_ends_then_in_time_still_counts() {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    kafka.create_topic("t", 2);
    kafka.start(app(&kafka, &notes)).await.unwrap();
    for partition in [0, 1] {
        send(&kafka, "t", partition, "wraps up").await;
    }
    kafka.advance(seconds(7)).await;
    kafka.start(app(&kafka, &notes)).await.unwrap();
    kafka.advance(seconds(1)).await;
    let told = notes.all();
    assert_eq!(told.len(), 1, "that partition's, and not the one that stays: {told:?}");
    let at = told[0].strip_prefix("wraps up told at ").unwrap();
    assert!(at.starts_with("7") || at.starts_with("8"), "{at}");
    let committed = [0, 1].map(|partition| kafka.cluster().committed("test", "t", partition).unwrap());
    assert_eq!(committed.iter().sum::<i64>(), 1, "it was handled, and is not delivered again");
    assert_eq!(kafka.deliveries().len(), 1);
}

#[kafka_listener(topic = "t", group = "plain", attempts = 2)]
fn spins(cancel: Cancel, State(notes): State<Notes>) -> Result<(), String> {
    notes.add("begins");
    while !cancel.is_cancelled() {
        std::thread::sleep(Duration::from_millis(1));
    }
    notes.add("ends");
    Err("given up".to_owned())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_plain_function_that_looks_at_it_can_end() {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    kafka.create_topic("t", 1);
    kafka.start(kafka.app().listener(spins).state(notes.clone()).drain(millis(50))).await.unwrap();
    send(&kafka, "t", 0, "x").await;
    while notes.all().is_empty() {
        kafka.advance(millis(1)).await;
    }
    kafka.stop().await;
    while notes.all().len() < 2 {
        kafka.advance(millis(1)).await;
    }
    assert!(kafka.records("t-retry").is_empty(), "its failure is nobody's: the record is delivered again");
    assert_eq!(kafka.cluster().committed("plain", "t", 0), Some(0));
}
