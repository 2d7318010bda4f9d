//! Who watches an application is told of every delivery that failed, and what follows from it.

use kafka_listen::Event;
use kafka_listen::prelude::*;
use kafka_listen::testing::TestKafka;

use crate::support::send;

#[kafka_listener(topic = "t", attempts = 2, blocking(attempts = 2))]
async fn never() -> Result<(), String> {
    Err("never".to_owned())
}

#[tokio::test(start_paused = true)]
async fn an_observer_is_told_of_each_try_each_retry_and_the_end() {
    let mut kafka = TestKafka::new();
    kafka.create_topic("t", 1);
    kafka.start(kafka.app().listener(never)).await.unwrap();
    send(&kafka, "t", 0, "x").await;
    kafka.settle().await;
    let told = kafka.events().into_iter().filter_map(|event| match event {
        Event::TriedAgain { record, failure, .. } => Some(format!("{record} again: {}", failure.message)),
        Event::Retried { record, topic, attempt, failure, .. } => {
            Some(format!("{record} to {topic} as {attempt}: {}", failure.message))
        }
        Event::DeadLettered { record, topic, failure, .. } => Some(format!("{record} to {topic}: {}", failure.message)),
        _ => None,
    });
    let expected = [
        "t/0@0 again: never",
        "t/0@0 to t-retry as 2: never",
        "t-retry/0@0 again: never",
        "t-retry/0@0 to t-dlt: never",
    ];
    assert_eq!(told.collect::<Vec<_>>(), expected);
}
