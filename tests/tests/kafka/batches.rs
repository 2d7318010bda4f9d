//! Batches of a real topic: their sizes, the way of what fails in them, and what a stop in their middle leaves.

use std::sync::{Arc, Mutex};

use kafka_listen::prelude::*;
use kafka_listen_tests::real_kafka::shared;

use super::support::{app, create_topic, lag, produce, read_all, until};

/// The values of one call, each with its attempt.
type Batch = Vec<(String, u32)>;

/// What each call was given.
#[derive(Clone, Default)]
struct Calls(Arc<Mutex<Vec<Batch>>>);

impl Calls {
    fn add(&self, batch: &[(&str, Attempt)]) {
        self.0.lock().unwrap().push(batch.iter().map(|(value, it)| ((*value).to_owned(), it.number)).collect());
    }

    fn all(&self) -> Vec<Batch> {
        self.0.lock().unwrap().clone()
    }

    /// The values of all first deliveries, in order.
    fn first(&self) -> Vec<String> {
        self.all().into_iter().flatten().filter(|(_, attempt)| *attempt == 1).map(|(value, _)| value).collect()
    }
}

#[kafka_listener(
    topic = "batches",
    group = "batches-group",
    attempts = 2,
    backoff(delay = 500),
    batch(max = 64, wait = "300ms")
)]
async fn sixty_four(batch: Vec<(&str, Attempt)>, State(calls): State<Calls>) -> Vec<Result<(), String>> {
    calls.add(&batch);
    let fails = |value: &str, attempt: &Attempt| value.ends_with("00") || value.ends_with('7') && attempt.number == 1;
    batch.iter().map(|(value, attempt)| if fails(value, attempt) { Err("no".to_owned()) } else { Ok(()) }).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_records_go_in_batches_and_each_that_fails_goes_its_own_way() {
    create_topic("batches", 1, &[]);
    let values: Vec<_> = (1..=1000).map(|number| number.to_string()).collect();
    produce(shared(), "batches", values.clone());
    let calls = Calls::default();
    let running = app().listener(sixty_four).state(calls.clone()).start().await.unwrap();
    let deliveries = || calls.all().iter().map(Vec::len).sum::<usize>();
    until("all are handled or dead", || deliveries() == 1110).await;
    running.stop().await;

    assert_eq!(calls.first(), values, "once each, in order");
    let firsts = calls.all().into_iter().filter(|batch| batch.iter().all(|(_, attempt)| *attempt == 1));
    let sizes: Vec<_> = firsts.map(|batch| batch.len()).collect();
    assert!(sizes.iter().all(|size| *size <= 64), "{sizes:?}");
    assert!(sizes.iter().filter(|size| **size == 64).count() >= 10, "most are full: {sizes:?}");
    assert_eq!(deliveries(), 1110, "110 failed once, and nothing else came twice");
    assert_eq!(read_all(shared(), "batches-dlt").len(), 10);
    assert_eq!(
        (lag(shared(), "batches-group", "batches"), lag(shared(), "batches-group-retry", "batches-retry")),
        (0, 0)
    );
}

#[kafka_listener(topic = "half-batches", group = "half-batches-group", attempts = 1, batch(max = 10, wait = "10s"))]
async fn ten(batch: Vec<(&str, Attempt)>, State(calls): State<Calls>) {
    calls.add(&batch);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_leaves_half_a_batch_to_the_next_start() {
    create_topic("half-batches", 1, &[]);
    produce(shared(), "half-batches", (0..25).map(|number| number.to_string()));
    let calls = Calls::default();
    let running = app().listener(ten).state(calls.clone()).start().await.unwrap();
    until("two batches are full", || calls.all().len() == 2).await;
    running.stop().await;
    assert_eq!(calls.first().len(), 20);
    assert_eq!(lag(shared(), "half-batches-group", "half-batches"), 5);
    let running = app().listener(ten).state(calls.clone()).start().await.unwrap();
    until("the rest has waited", || calls.all().len() == 3).await;
    running.stop().await;
    assert_eq!(calls.first(), (0..25).map(|number| number.to_string()).collect::<Vec<_>>());
    assert_eq!(lag(shared(), "half-batches-group", "half-batches"), 0);
}
