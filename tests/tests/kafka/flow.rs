//! Who waits for whom.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use kafka_listen::{Event, prelude::*};
use kafka_listen_tests::real_kafka::shared;

use super::support::{Events, app, create_topic, lag, produce, until};

#[derive(Clone, Default)]
struct Counts {
    handled: Arc<AtomicUsize>,
    handled_at_first_retry: Arc<Mutex<Option<usize>>>,
    failed: Arc<AtomicUsize>,
}

#[kafka_listener(topic = "busy", group = "busy-group", attempts = 2, backoff(delay = 2000))]
async fn busy(value: &str, attempt: Attempt, State(counts): State<Counts>) -> Result<(), String> {
    if attempt.number == 2 {
        let handled = counts.handled.load(Ordering::SeqCst);
        counts.handled_at_first_retry.lock().unwrap().get_or_insert(handled);
    }
    if value.ends_with("00") {
        counts.failed.fetch_add(1, Ordering::SeqCst);
        return Err("every hundredth".to_owned());
    }
    counts.handled.fetch_add(1, Ordering::SeqCst);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_thousand_with_ten_failing_the_others_are_handled_before_the_first_retry() {
    create_topic("busy", 1, &[]);
    produce(
        shared(),
        "busy",
        (0..1000).map(|number| number.to_string()).map(|it| if it == "0" { "000".into() } else { it }),
    );
    let counts = Counts::default();
    let running = app().listener(busy).state(counts.clone()).start().await.unwrap();
    until("all ten were retried", || counts.failed.load(Ordering::SeqCst) == 20).await;
    assert_eq!(*counts.handled_at_first_retry.lock().unwrap(), Some(990));
    running.stop().await;
}

#[derive(Clone, Default)]
struct Blocked {
    begun: Arc<AtomicUsize>,
    others: Arc<AtomicUsize>,
    ended: Arc<AtomicUsize>,
}

#[kafka_listener(topic = "blocked", group = "blocked-group", attempts = 2)]
async fn block(value: &str, State(blocked): State<Blocked>) {
    if value == "block" {
        blocked.begun.fetch_add(1, Ordering::SeqCst);
        // On purpose: a handler that does not know that it must not.
        std::thread::sleep(Duration::from_secs(20));
        blocked.ended.fetch_add(1, Ordering::SeqCst);
    } else {
        blocked.others.fetch_add(1, Ordering::SeqCst);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_handler_that_blocks_its_thread_holds_up_no_other_partition_and_no_rebalance() {
    create_topic("blocked", 2, &[]);
    let (blocked, events) = (Blocked::default(), Events::default());
    let settings = || app().property("session.timeout.ms", "6000").property("max.poll.interval.ms", "7000");
    let app = settings().listener(block).state(blocked.clone()).observer(events.observer());
    let mut running = app.start().await.unwrap();
    running.ready().await.unwrap();
    let producer = running.producer().clone();
    producer.to("blocked").partition(0).text("block").send().await.unwrap();
    until("the handler blocks", || blocked.begun.load(Ordering::SeqCst) == 1).await;

    let began = Instant::now();
    producer.to("blocked").partition(1).text("other").send().await.unwrap();
    until("the other partition goes on", || blocked.others.load(Ordering::SeqCst) == 1).await;
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());

    let second = Blocked::default();
    let app = settings().listener(block).state(second.clone());
    let mut joined = app.start().await.unwrap();
    joined.ready().await.unwrap();
    until("the group is rebalanced", || events.count(|it| matches!(it, Event::Revoked { .. })) > 0).await;
    assert_eq!(blocked.ended.load(Ordering::SeqCst), 0, "it still blocks");
    joined.stop().await;
    until("the handler ends", || blocked.ended.load(Ordering::SeqCst) == 1).await;
    let lost = events.count(|it| matches!(it, Event::Revoked { lost: true, .. }));
    assert_eq!(lost, 0, "the membership was kept");
    running.stop().await;
    assert_eq!(lag(shared(), "blocked-group-retry", "blocked-retry"), 0);
}

#[kafka_listener(topic = "rejected", group = "rejected-group", attempts = 2, backoff(delay = 100))]
async fn strict(number: Json<u32>) -> Result<(), String> {
    Err(format!("{} is refused", number.0))
}

#[dlt_handler(strict)]
async fn strict_too(number: Json<u32>, State(dead): State<Arc<Mutex<Vec<u32>>>>) {
    dead.lock().unwrap().push(number.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dlt_handler_that_cannot_read_a_dead_letter_does_not_stall() {
    create_topic("rejected", 1, &[]);
    produce(shared(), "rejected", ["no number".to_owned(), "7".to_owned()]);
    let (dead, events) = (Arc::<Mutex<Vec<u32>>>::default(), Events::default());
    let app = app().listener(strict).state(dead.clone()).observer(events.observer());
    let running = app.start().await.unwrap();
    until("the readable one is handled", || *dead.lock().unwrap() == [7]).await;
    running.stop().await;
    assert_eq!(events.count(|it| matches!(it, Event::PassedOver { .. })), 1);
    assert_eq!(lag(shared(), "rejected-group-dlt", "rejected-dlt"), 0);
}
