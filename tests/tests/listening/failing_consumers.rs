//! A consumer that becomes useless ends the application with an error that says why.

use kafka_listen::prelude::*;
use kafka_listen::testing::TestKafka;

use crate::support::{Notes, millis, seconds, send};

#[kafka_listener(topic = "t", offset_reset = "error")]
async fn strict(text: &str, State(notes): State<Notes>) {
    notes.add(text);
}

#[tokio::test(start_paused = true)]
async fn a_partition_that_may_not_be_begun_ends_run_with_its_reason() {
    let (kafka, notes) = (TestKafka::new(), Notes::default());
    kafka.create_topic("t", 1);
    kafka.cluster().set_committed("test", "t", 0, 0).unwrap();
    let running = tokio::spawn(kafka.app().listener(strict).state(notes.clone()).run_until(std::future::pending()));
    kafka.advance(millis(100)).await;
    send(&kafka, "t", 0, "x").await;
    kafka.advance(seconds(1)).await;
    assert_eq!(notes.all(), ["x"]);
    kafka.cluster().create_partitions("t", 2).unwrap();
    let error = running.await.unwrap().unwrap_err().to_string();
    assert!(error.contains("t/1"), "{error}");
    assert_eq!(kafka.cluster().committed("test", "t", 0), Some(1), "what was handled is committed");
    assert!(kafka.cluster().members("test").is_empty(), "and the group was left");
}

#[kafka_listener(topic = "t", attempts = 2)]
async fn lenient(text: &str, State(notes): State<Notes>) -> Result<(), String> {
    notes.add(text);
    Err("never".to_owned())
}

#[tokio::test(start_paused = true)]
async fn a_topic_that_is_deleted_under_its_listener_costs_its_records_and_nothing_else() {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    for topic in ["t", "u"] {
        kafka.create_topic(topic, 1);
    }
    kafka.start(kafka.app().listener(lenient).listener(other).state(notes.clone())).await.unwrap();
    send(&kafka, "t", 0, "x").await;
    kafka.advance(millis(500)).await;
    kafka.cluster().delete_topic("t-retry");
    kafka.advance(seconds(10)).await;
    send(&kafka, "u", 0, "y").await;
    kafka.advance(seconds(10)).await;
    assert_eq!(notes.all()[..2], ["x", "u: y"]);
    kafka.stop().await;
}

#[kafka_listener(topic = "u")]
async fn other(text: &str, State(notes): State<Notes>) {
    notes.add(format!("u: {text}"));
}

#[tokio::test(start_paused = true)]
async fn a_retry_topic_that_was_deleted_is_created_again() {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    for topic in ["t", "u"] {
        kafka.create_topic(topic, 1);
    }
    kafka.start(kafka.app().listener(lenient).listener(other).state(notes.clone())).await.unwrap();
    kafka.cluster().delete_topic("u-dlt");
    for topic in ["t-retry", "t-dlt"] {
        kafka.cluster().delete_topic(topic);
    }
    send(&kafka, "t", 0, "x").await;
    kafka.advance(seconds(1)).await;
    assert_eq!(kafka.cluster().topics(), ["t", "t-dlt", "t-retry", "u", "u-dlt"]);
    kafka.settle().await;
    assert_eq!((notes.all(), kafka.dead_letters("t").len()), (vec!["x".to_owned(); 2], 1));
}
