//! Waits and handlers that are longer than `max.poll.interval.ms`.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use kafka_listen::{Event, prelude::*};

use crate::rig::{PATIENCE, create_topic, shared};

/// What is longer than the poll interval of six seconds.
const LONG: Duration = Duration::from_secs(9);

/// The deliveries that have ended.
#[derive(Clone, Default)]
struct Seen(Arc<Mutex<Vec<String>>>);

impl Seen {
    fn note(&self, what: &str, attempt: Attempt) {
        self.0.lock().unwrap().push(format!("{what} {}", attempt.number));
    }
}

#[kafka_listener(
    topic = "slow.waits.${slow.suffix}",
    group = "slow-${slow.suffix}",
    attempts = 2,
    backoff(delay = "9s")
)]
async fn waits(attempt: Attempt, State(seen): State<Seen>) -> Result<(), String> {
    seen.note("waits", attempt);
    if attempt.number == 1 { Err("once".to_owned()) } else { Ok(()) }
}

#[kafka_listener(topic = "slow.sleeps.${slow.suffix}", group = "slow-${slow.suffix}", attempts = 2)]
async fn sleeps(attempt: Attempt, State(seen): State<Seen>) {
    tokio::time::sleep(LONG).await;
    seen.note("sleeps", attempt);
}

#[kafka_listener(topic = "slow.blocks.${slow.suffix}", group = "slow-${slow.suffix}", attempts = 2)]
fn blocks(attempt: Attempt, State(seen): State<Seen>) {
    std::thread::sleep(LONG);
    seen.note("blocks", attempt);
}

/// The three side by side, each record slower than the interval.
async fn nothing_is_rebalanced(suffix: &str) {
    let topics = ["waits", "sleeps", "blocks"].map(|name| format!("slow.{name}.{suffix}"));
    // A test's own client must not block the one thread that everything runs on.
    let created = topics.clone();
    tokio::task::spawn_blocking(move || created.iter().for_each(|topic| create_topic(shared(), topic, 1, &[])))
        .await
        .unwrap();
    let (seen, told) = (Seen::default(), Arc::<Mutex<Vec<Event>>>::default());
    let telling = told.clone();
    let mut running = App::new()
        .property("bootstrap.servers", shared().bootstrap())
        .property("session.timeout.ms", "6000")
        .property("max.poll.interval.ms", "6000")
        .property("slow.suffix", suffix)
        .listener(waits)
        .listener(sleeps)
        .listener(blocks)
        .state(seen.clone())
        .observer(move |event: &Event| telling.lock().unwrap().push(event.clone()))
        .start()
        .await
        .unwrap();
    running.ready().await.unwrap();
    for topic in &topics {
        running.producer().to(topic).partition(0).text("x").send().await.unwrap();
    }
    let all = async {
        while seen.0.lock().unwrap().len() < 4 {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(PATIENCE, all).await.unwrap();
    let count = |such: fn(&Event) -> bool| told.lock().unwrap().iter().filter(|event| such(event)).count();
    assert_eq!(count(|event| matches!(event, Event::Revoked { .. })), 0, "no rebalance");
    assert_eq!(count(|event| matches!(event, Event::Assigned { .. })), 6, "three sources, three retry topics");
    assert_eq!(count(|event| matches!(event, Event::ConsumerFailed { .. })), 0);
    running.stop().await;
    let mut seen = seen.0.lock().unwrap().clone();
    seen.sort_unstable();
    assert_eq!(seen, ["blocks 1", "sleeps 1", "waits 1", "waits 2"], "each once");
}

#[tokio::test(flavor = "multi_thread")]
async fn waits_and_handlers_longer_than_the_poll_interval_cause_no_rebalance() {
    nothing_is_rebalanced("multi").await;
}

#[tokio::test(flavor = "current_thread")]
async fn waits_and_handlers_longer_than_the_poll_interval_cause_no_rebalance_on_one_thread() {
    nothing_is_rebalanced("current").await;
}
