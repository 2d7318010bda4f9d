//! In which order records of a retry topic run, and that a handler which is slow holds up only its own lane.

use kafka_listen::Event;
use kafka_listen::prelude::*;
use kafka_listen::testing::TestKafka;

use crate::support::{Notes, millis, seconds, send, times};

#[kafka_listener(topic = "t", attempts = 2, backoff(delay = "10s"))]
async fn slow_retries(text: &str, attempt: Attempt, State(notes): State<Notes>) -> Result<(), String> {
    notes.add(format!("{text} {}", attempt.number));
    if attempt.number == 1 {
        return Err("once".to_owned());
    }
    tokio::time::sleep(seconds(5)).await;
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn retries_of_one_partition_run_one_after_the_other_in_the_order_of_their_due_times() {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    kafka.create_topic("t", 2);
    kafka.start(kafka.app().listener(slow_retries).state(notes.clone())).await.unwrap();
    for text in ["a", "b", "c"] {
        send(&kafka, "t", 0, text).await;
        kafka.advance(seconds(1)).await;
    }
    send(&kafka, "t", 1, "d").await;
    kafka.settle().await;
    assert_eq!(notes.all(), ["a 1", "b 1", "c 1", "d 1", "a 2", "d 2", "b 2", "c 2"]);
    assert_eq!(times(&kafka, "t-retry"), [15_000, 18_000, 20_000, 25_000]);
}

#[kafka_listener(topic = "t", attempts = 2, backoff(delay = 1000))]
async fn endless(text: &str, State(notes): State<Notes>) -> Result<(), String> {
    notes.add(text);
    match text {
        "endless" => std::future::pending().await,
        "fail" => Err("never".to_owned()),
        _ => Ok(()),
    }
}

#[tokio::test(start_paused = true)]
async fn a_handler_that_never_ends_holds_up_its_lane_and_nothing_else() {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    kafka.create_topic("t", 2);
    kafka.start(kafka.app().listener(endless).state(notes.clone())).await.unwrap();
    for (partition, text) in [(0, "fail"), (0, "endless"), (0, "behind"), (1, "fail"), (1, "ok")] {
        send(&kafka, "t", partition, text).await;
    }
    kafka.advance(seconds(3600)).await;
    assert_eq!(notes.all(), ["fail", "endless", "fail", "ok", "fail", "fail"]);
    assert_eq!(kafka.cluster().committed("test", "t", 0), Some(1), "up to the one that hangs");
    assert_eq!(kafka.cluster().committed("test", "t", 1), Some(2));
    assert_eq!(kafka.cluster().members("test").len(), 1, "however long it hangs, the group keeps the member");
    let silent = |event: &Event| match event {
        Event::HandlerSilent { partition, count: 1, age, .. } if partition.to_string() == "t/0" => Some(age.as_secs()),
        _ => None,
    };
    let told: Vec<_> = kafka.events().iter().filter_map(silent).collect();
    assert_eq!(told, (1..60).map(|minute| minute * 60).collect::<Vec<u64>>(), "each minute");
}

/// The number of deliveries before the first retry.
fn before_the_retry(kafka: &TestKafka) -> usize {
    kafka.deliveries().iter().position(|it| it.attempt == 2).unwrap()
}

#[kafka_listener(topic = "t", attempts = 2, backoff(delay = 10), concurrency = 1)]
async fn one_by_one(text: &str, attempt: Attempt) -> Result<(), String> {
    tokio::time::sleep(millis(1)).await;
    if text == "fail" && attempt.number == 1 { Err("once".to_owned()) } else { Ok(()) }
}

#[tokio::test(start_paused = true)]
async fn a_retry_gets_its_turn_though_the_limit_is_always_reached() {
    let mut kafka = TestKafka::new();
    kafka.create_topic("t", 2);
    for number in 0..1000 {
        send(&kafka, "t", number % 2, if number == 0 { "fail" } else { "ok" }).await;
    }
    kafka.start(kafka.app().listener(one_by_one)).await.unwrap();
    kafka.settle().await;
    assert!(before_the_retry(&kafka) < 20, "{}", before_the_retry(&kafka));
}

#[kafka_listener(topic = "t", attempts = 2, backoff(delay = 10), concurrency = 1)]
fn one_by_one_blocking(text: &str, attempt: Attempt) -> Result<(), String> {
    std::thread::sleep(millis(1));
    if text == "fail" && attempt.number == 1 { Err("once".to_owned()) } else { Ok(()) }
}

/// In real time: threads know of no other.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_plain_functions_too() {
    let mut kafka = TestKafka::new();
    kafka.create_topic("t", 2);
    for number in 0..1000 {
        send(&kafka, "t", number % 2, if number == 0 { "fail" } else { "ok" }).await;
    }
    kafka.start(kafka.app().listener(one_by_one_blocking)).await.unwrap();
    kafka.settle().await;
    assert!(before_the_retry(&kafka) < 500, "{}", before_the_retry(&kafka));
}
