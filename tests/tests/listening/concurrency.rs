//! How many deliveries run at once, and in which order.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use kafka_listen::prelude::*;
use kafka_listen::testing::TestKafka;

use crate::support::{Notes, seconds, send};

/// Counts how many are inside at once.
#[derive(Clone, Default)]
struct Gauge(Arc<(AtomicUsize, AtomicUsize)>);

impl Gauge {
    async fn a_second(&self) {
        let inside = self.0.0.fetch_add(1, Ordering::SeqCst) + 1;
        self.0.1.fetch_max(inside, Ordering::SeqCst);
        tokio::time::sleep(seconds(1)).await;
        self.0.0.fetch_sub(1, Ordering::SeqCst);
    }

    fn most(&self) -> usize {
        self.0.1.load(Ordering::SeqCst)
    }
}

/// Sends ten records to each of four partitions, with five keys and none; answers how many ran at once, and how long all
/// of it took.
async fn forty_records(app: impl FnOnce(App) -> App) -> (usize, u64) {
    let (mut kafka, gauge) = (TestKafka::new(), Gauge::default());
    kafka.create_topic("t", 4);
    for number in 0..40 {
        let draft = kafka.producer().to("t").partition(number % 4).key(format!("k{}", number % 5));
        draft.text(number.to_string()).send().await.unwrap();
    }
    kafka.start(app(kafka.app()).state(gauge.clone())).await.unwrap();
    kafka.settle().await;
    let deliveries = kafka.deliveries();
    assert_eq!(deliveries.len(), 40);
    (gauge.most(), deliveries.last().unwrap().at.as_secs())
}

#[kafka_listener(topic = "t", attempts = 1)]
async fn by_partition(State(gauge): State<Gauge>) {
    gauge.a_second().await;
}

#[kafka_listener(topic = "t", attempts = 1, order = "key")]
async fn by_key(State(gauge): State<Gauge>) {
    gauge.a_second().await;
}

#[kafka_listener(topic = "t", attempts = 1, order = "none")]
async fn in_any_order(State(gauge): State<Gauge>) {
    gauge.a_second().await;
}

#[kafka_listener(topic = "t", attempts = 1, order = "none", concurrency = 7)]
async fn seven_at_once(State(gauge): State<Gauge>) {
    gauge.a_second().await;
}

#[tokio::test(start_paused = true)]
async fn one_at_a_time_of_each_partition_by_default() {
    assert_eq!(forty_records(|app| app.listener(by_partition)).await, (4, 10));
}

#[tokio::test(start_paused = true)]
async fn one_at_a_time_of_each_key() {
    // In each partition five keys with two records each.
    assert_eq!(forty_records(|app| app.listener(by_key)).await, (20, 2));
}

#[tokio::test(start_paused = true)]
async fn all_at_once() {
    assert_eq!(forty_records(|app| app.listener(in_any_order)).await, (40, 1));
}

#[tokio::test(start_paused = true)]
async fn a_limit_holds_over_all_partitions() {
    assert_eq!(forty_records(|app| app.listener(seven_at_once)).await, (7, 6));
}

#[kafka_listener(topic = "t", attempts = 2, concurrency = 2, order = "none")]
async fn limited_and_failing(State(gauge): State<Gauge>, attempt: Attempt) -> Result<(), String> {
    gauge.a_second().await;
    if attempt.is_last() { Ok(()) } else { Err("once".to_owned()) }
}

#[tokio::test(start_paused = true)]
async fn a_limit_counts_first_deliveries_and_retries_together() {
    let (mut kafka, gauge) = (TestKafka::new(), Gauge::default());
    kafka.create_topic("t", 3);
    kafka.start(kafka.app().listener(limited_and_failing).state(gauge.clone())).await.unwrap();
    for number in 0..30 {
        send(&kafka, "t", number % 3, "x").await;
    }
    kafka.settle().await;
    assert_eq!(kafka.deliveries().len(), 60);
    assert_eq!(gauge.most(), 2);
    assert_eq!(kafka.deliveries().last().unwrap().at, seconds(30), "and nothing idles");
}

#[kafka_listener(topic = "t", attempts = 1, order = "key")]
async fn noting(text: &str, State(notes): State<Notes>) {
    notes.add(format!("{text} begins"));
    // Later ones would be done first if they were let.
    tokio::time::sleep(seconds(10 - text[1..].parse::<u64>().unwrap())).await;
    notes.add(format!("{text} ends"));
}

#[tokio::test(start_paused = true)]
async fn records_of_one_key_run_in_their_order_without_overlap() {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    kafka.create_topic("t", 1);
    for text in ["a1", "b1", "a2", "b2", "a3"] {
        kafka.producer().to("t").partition(0).key(&text[..1]).text(text).send().await.unwrap();
    }
    kafka.start(kafka.app().listener(noting).state(notes.clone())).await.unwrap();
    kafka.settle().await;
    let of = |key: &str| notes.all().into_iter().filter(|note| note.starts_with(key)).collect::<Vec<_>>();
    assert_eq!(of("a"), ["a1 begins", "a1 ends", "a2 begins", "a2 ends", "a3 begins", "a3 ends"]);
    assert_eq!(of("b"), ["b1 begins", "b1 ends", "b2 begins", "b2 ends"]);
    assert!(notes.all()[..2] == ["a1 begins", "b1 begins"], "keys run side by side");
}
