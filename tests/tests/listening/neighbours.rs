//! What waits holds up nothing else.

use kafka_listen::prelude::*;
use kafka_listen::testing::TestKafka;

use crate::support::{millis, seconds, send, times};

#[kafka_listener(topic = "mails", attempts = 5, backoff(delay = 1000, multiplier = 2))]
async fn deliver(text: &str) -> Result<(), String> {
    if text.starts_with("fail") { Err("refused".to_owned()) } else { Ok(()) }
}

#[tokio::test(start_paused = true)]
async fn of_a_thousand_records_the_good_ones_are_handled_before_the_first_retry_runs() {
    let mut kafka = TestKafka::new();
    kafka.create_topic("mails", 1);
    for number in 0..1000 {
        let text = if number % 100 == 0 { "fail" } else { "ok" };
        send(&kafka, "mails", 0, text).await;
    }
    kafka.start(kafka.app().listener(deliver)).await.unwrap();
    kafka.settle().await;
    let deliveries = kafka.deliveries();
    let first_retry = deliveries.iter().position(|it| it.attempt > 1).unwrap();
    assert_eq!(first_retry, 1000, "all first deliveries come before");
    assert!(deliveries[..1000].iter().all(|it| it.at.is_zero()));
    assert_eq!(deliveries.len(), 1000 + 10 * 4);
    assert_eq!(kafka.dead_letters("mails").len(), 10);
}

#[tokio::test(start_paused = true)]
async fn each_delay_runs_by_its_own_clock() {
    let mut kafka = TestKafka::new();
    kafka.create_topic("mails", 1);
    kafka.start(kafka.app().listener(deliver)).await.unwrap();
    for _ in 0..40 {
        send(&kafka, "mails", 0, "fail").await;
        kafka.advance(millis(333)).await;
    }
    kafka.settle().await;
    let first = times(&kafka, "mails");
    assert_eq!(first, (0..40).map(|number| number * 333).collect::<Vec<u128>>());
    for (topic, after) in [
        ("mails-retry-1000", 1000),
        ("mails-retry-2000", 3000),
        ("mails-retry-4000", 7000),
        ("mails-retry-8000", 15_000),
    ] {
        let expected: Vec<_> = first.iter().map(|at| at + after).collect();
        assert_eq!(times(&kafka, topic), expected, "{topic}: neither early nor late");
    }
}

#[kafka_listener(topic = "slow", attempts = 2, backoff(delay = "10m"))]
async fn slow(text: &str) -> Result<(), String> {
    if text.starts_with("fail") { Err("refused".to_owned()) } else { Ok(()) }
}

#[tokio::test(start_paused = true)]
async fn a_wait_of_minutes_holds_up_neither_the_source_nor_another_topic() {
    let mut kafka = TestKafka::new();
    kafka.create_topic("slow", 1);
    kafka.create_topic("mails", 1);
    kafka.start(kafka.app().listener(slow).listener(deliver)).await.unwrap();
    for number in 0..5000 {
        send(&kafka, "slow", 0, if number % 2 == 0 { "fail" } else { "ok" }).await;
    }
    kafka.advance(seconds(60)).await;
    send(&kafka, "slow", 0, "ok").await;
    send(&kafka, "mails", 0, "fail").await;
    kafka.settle().await;
    assert_eq!(times(&kafka, "slow").last(), Some(&60_000));
    assert_eq!(times(&kafka, "mails-retry-1000"), [61_000]);
    let retries = times(&kafka, "slow-retry");
    assert_eq!(retries.len(), 2500);
    assert!(retries.iter().all(|at| *at == 600_000), "{:?} to {:?}", retries.iter().min(), retries.iter().max());
}

#[tokio::test(start_paused = true)]
async fn more_waiting_records_than_fit_into_memory_are_all_on_time() {
    let mut kafka = TestKafka::new();
    kafka.create_topic("mails", 1);
    kafka.start(kafka.app().listener(deliver)).await.unwrap();
    for _ in 0..6_000 {
        send(&kafka, "mails", 0, "fail").await;
    }
    kafka.settle().await;
    let last = times(&kafka, "mails-retry-8000");
    assert_eq!(last.len(), 6_000);
    assert!(last.iter().all(|at| *at == 15_000), "{:?} to {:?}", last.iter().min(), last.iter().max());
}
