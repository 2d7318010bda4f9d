//! Two versions of one listener, with different chains, side by side, as a rolling deploy has them.

use kafka_listen::prelude::*;
use kafka_listen::testing::TestKafka;

use crate::support::{Notes, seconds, send};

#[kafka_listener(topic = "t", group = "g", id = "work", attempts = 5, backoff(delay = 1000, multiplier = 2))]
async fn long_chain(attempt: Attempt, State(notes): State<Notes>) -> Result<(), String> {
    notes.add(format!("long {}", attempt.number));
    Err("never".to_owned())
}

#[kafka_listener(topic = "t", group = "g", id = "work", attempts = 3, backoff(delay = 1000, multiplier = 2))]
async fn short_chain(attempt: Attempt, State(notes): State<Notes>) -> Result<(), String> {
    notes.add(format!("short {} of {}, last: {}", attempt.number, attempt.of, attempt.is_last()));
    Err("never".to_owned())
}

#[tokio::test(start_paused = true)]
async fn side_by_side_every_record_ends_in_the_dlt_once() {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    kafka.create_topic("t", 4);
    kafka.start(kafka.app().listener(long_chain).state(notes.clone())).await.unwrap();
    kafka.start(kafka.app().listener(short_chain).state(notes.clone())).await.unwrap();
    kafka.advance(seconds(1)).await;
    for number in 0..40 {
        send(&kafka, "t", number % 4, "x").await;
    }
    kafka.settle().await;
    assert_eq!(kafka.dead_letters("t").len(), 40);
    assert!(notes.all().iter().any(|note| note.starts_with("short") && note.ends_with("of 3, last: true")));
    assert!(notes.all().len() <= 40 * 5);
}

#[tokio::test(start_paused = true)]
async fn an_older_versions_number_beyond_the_chain_is_its_last() {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    kafka.create_topic("t", 1);
    kafka.start(kafka.app().listener(long_chain).state(notes.clone())).await.unwrap();
    send(&kafka, "t", 0, "x").await;
    kafka.advance(seconds(2)).await;
    kafka.stop().await;
    // It waits in `t-retry-2000` as delivery 3, which is the last of the new version.
    kafka.start(kafka.app().listener(short_chain).state(notes.clone())).await.unwrap();
    kafka.settle().await;
    assert_eq!(notes.all(), ["long 1", "long 2", "short 3 of 3, last: true"]);
    assert_eq!(kafka.dead_letters("t").len(), 1);
}
