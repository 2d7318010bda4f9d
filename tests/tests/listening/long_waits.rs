//! Thousands of waits in one partition that differ: each is on time, and nothing is written for it.

use std::time::Duration;

use kafka_listen::Event;
use kafka_listen::prelude::*;
use kafka_listen::testing::TestKafka;

use crate::support::{Notes, seconds, send, times};

/// More than the window of a partition.
const MANY: usize = 6_000;
const HOUR: u128 = 3_600_000;

#[derive(Debug, thiserror::Error)]
#[error("busy")]
struct Busy(Duration);

fn judge(error: &Busy) -> Decision {
    if error.0.is_zero() { Decision::Retry } else { Decision::RetryAfter(error.0) }
}

fn fails_once(text: &str, attempt: &Attempt) -> Result<(), Busy> {
    let wait = text.parse().map_or(Duration::ZERO, seconds);
    if attempt.number == 1 { Err(Busy(wait)) } else { Ok(()) }
}

macro_rules! listener {
    ($name:ident: $($arguments:tt)*) => {
        #[kafka_listener(topic = "t", attempts = 2, classify = judge, max_retry_after = "1h", $($arguments)*)]
        async fn $name(text: &str, attempt: Attempt, State(notes): State<Notes>) -> Result<(), Busy> {
            notes.add(text);
            fails_once(text, &attempt)
        }
    };
}
listener!(soon: backoff(delay = "10s"));
listener!(in_an_hour: backoff(delay = "1h"));
listener!(spread: backoff(delay = "10m", jitter = 1.0));

/// An application with this listener, and so many records that fail with this text.
async fn failing(app: impl FnOnce(App) -> App, count: usize, text: &str) -> TestKafka {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    kafka.create_topic("t", 1);
    kafka.start(app(kafka.app()).state(notes)).await.unwrap();
    for _ in 0..count {
        send(&kafka, "t", 0, text).await;
    }
    kafka
}

/// Of how many records it was told that they are written once more, and how often that too many wait.
fn moved_and_too_many(kafka: &TestKafka) -> (usize, usize) {
    let count = |is: fn(&Event) -> bool| kafka.events().iter().filter(|event| is(event)).count();
    (count(|it| matches!(it, Event::MovedBack { .. })), count(|it| matches!(it, Event::TooManyWaits { .. })))
}

#[tokio::test(start_paused = true)]
async fn thousands_that_come_back_in_an_hour_hold_up_no_retry_behind_them() {
    let kafka = failing(|app| app.listener(soon), MANY, "3600").await;
    kafka.advance(seconds(60)).await;
    for _ in 0..1000 {
        send(&kafka, "t", 0, "soon").await;
    }
    kafka.settle().await;
    assert_eq!(times(&kafka, "t-retry"), [vec![70_000; 1000], vec![HOUR; MANY]].concat());
    assert_eq!(moved_and_too_many(&kafka), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn thousands_of_waits_that_a_jitter_spreads_are_each_on_time() {
    let kafka = failing(|app| app.listener(spread).jitter_seed(1), MANY, "x").await;
    let epoch = kafka.cluster().now().as_millis();
    kafka.settle().await;
    let due = |event| match event {
        Event::Retried { due, .. } => Some(u128::try_from(due.as_millis() - epoch).unwrap()),
        _ => None,
    };
    let mut due: Vec<_> = kafka.events().into_iter().filter_map(due).collect();
    due.sort_unstable();
    assert_eq!(due.len(), MANY);
    assert!(due[0] < 601_000 && due[MANY - 1] > 1_199_000, "from ten minutes to twenty");
    assert_eq!(times(&kafka, "t-retry"), due);
    // Once three quarters of 4096 had ended that a crash would have repeated, what stood in front of them was moved, here about
    // a third of all.
    let (moved, told) = moved_and_too_many(&kafka);
    assert!((1..=MANY / 2).contains(&moved), "{moved}");
    assert_eq!(told, 0);
}

#[tokio::test(start_paused = true)]
async fn where_all_wait_for_an_hour_as_their_topic_says_nothing_is_written_and_nothing_is_late() {
    let kafka = failing(|app| app.listener(in_an_hour).limits(4096, 100_000, 1_000_000), MANY, "x").await;
    kafka.settle().await;
    assert_eq!(times(&kafka, "t-retry"), [HOUR; MANY]);
    assert_eq!((moved_and_too_many(&kafka), kafka.records("t-retry").len()), ((0, 0), MANY));
}

#[tokio::test(start_paused = true)]
async fn more_long_waits_than_memory_is_for_are_told_of_and_written_nowhere() {
    let kafka = failing(|app| app.listener(soon).limits(4096, 100_000, 1_000_000), MANY, "3600").await;
    kafka.advance(seconds(60)).await;
    send(&kafka, "t", 0, "soon").await;
    kafka.advance(seconds(600)).await;
    let (moved, told) = moved_and_too_many(&kafka);
    assert_eq!(moved, 0);
    assert!((1..=11).contains(&told), "{told}");
    kafka.settle().await;
    assert_eq!(times(&kafka, "t-retry"), vec![HOUR; MANY + 1], "late: it is read when the first of them are over");
    assert_eq!(kafka.records("t-retry").len(), MANY + 1);
}
