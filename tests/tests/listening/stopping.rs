//! A clean stop and what comes after it.

use kafka_listen::Event;
use kafka_listen::prelude::*;
use kafka_listen::testing::TestKafka;

use crate::support::{Notes, millis, seconds, send, times};

#[kafka_listener(topic = "t", attempts = 2, backoff(delay = "60s"))]
async fn work(text: &str, State(notes): State<Notes>) -> Result<(), String> {
    if text.starts_with("slow") {
        tokio::time::sleep(seconds(3)).await;
    }
    if text == "endless" && notes.all().iter().all(|note| note != "stopped") {
        std::future::pending::<()>().await;
    }
    notes.add(text);
    if text == "fail" { Err("never".to_owned()) } else { Ok(()) }
}

fn app(kafka: &TestKafka, notes: &Notes) -> App {
    kafka.app().listener(work).state(notes.clone())
}

#[tokio::test(start_paused = true)]
async fn what_runs_may_end_and_the_next_start_begins_behind_it() {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    kafka.create_topic("t", 2);
    for partition in [0, 0, 0, 1, 1, 1] {
        send(&kafka, "t", partition, "slow").await;
    }
    kafka.start(app(&kafka, &notes)).await.unwrap();
    kafka.advance(seconds(4)).await;
    assert_eq!(notes.all().len(), 2);
    kafka.stop().await;
    assert_eq!(kafka.elapsed(), seconds(6), "the second of each partition, and not a moment longer");
    assert_eq!(notes.all().len(), 4);
    assert!((0..2).all(|partition| kafka.cluster().committed("test", "t", partition) == Some(2)));
    assert!(kafka.cluster().members("test").is_empty() && kafka.cluster().members("test-retry").is_empty());
    kafka.start(app(&kafka, &notes)).await.unwrap();
    kafka.settle().await;
    assert_eq!(notes.all().len(), 6, "nothing repeated");
}

#[kafka_listener(topic = "t")]
async fn lasts(State(notes): State<Notes>) {
    tokio::time::sleep(seconds(100)).await;
    notes.add("done");
}

#[tokio::test(start_paused = true)]
async fn a_drain_without_end_waits_for_as_long_as_a_handler_runs() {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    kafka.create_topic("t", 1);
    let app = kafka.app().listener(lasts).state(notes.clone()).drain(std::time::Duration::MAX);
    kafka.start(app).await.unwrap();
    send(&kafka, "t", 0, "x").await;
    kafka.advance(seconds(1)).await;
    kafka.stop().await;
    assert_eq!((notes.all(), kafka.elapsed()), (vec!["done".to_owned()], seconds(100)));
    assert_eq!(kafka.cluster().committed("test", "t", 0), Some(1));
}

#[tokio::test(start_paused = true)]
async fn a_restart_right_behind_a_stop_repeats_nothing() {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    kafka.create_topic("t", 3);
    for round in 0..20 {
        kafka.start(app(&kafka, &notes)).await.unwrap();
        for partition in 0..3 {
            send(&kafka, "t", partition, &format!("{round}.{partition}")).await;
        }
        kafka.advance(millis(round * 7)).await;
        kafka.stop().await;
    }
    kafka.start(app(&kafka, &notes)).await.unwrap();
    kafka.settle().await;
    let mut seen = notes.all();
    assert_eq!(seen.len(), 60);
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 60);
}

#[tokio::test(start_paused = true)]
async fn records_that_wait_do_not_delay_the_stop_and_run_when_due_after_the_restart() {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    kafka.create_topic("t", 1);
    kafka.start(app(&kafka, &notes)).await.unwrap();
    for _ in 0..3 {
        send(&kafka, "t", 0, "fail").await;
    }
    kafka.advance(seconds(10)).await;
    kafka.stop().await;
    assert!(kafka.elapsed() < seconds(11), "{:?}", kafka.elapsed());
    kafka.advance(seconds(10)).await;
    kafka.start(app(&kafka, &notes)).await.unwrap();
    kafka.settle().await;
    assert_eq!(times(&kafka, "t-retry"), [60_000; 3]);
    kafka.stop().await;
    kafka.advance(seconds(3600)).await;
    kafka.start(app(&kafka, &notes)).await.unwrap();
    kafka.settle().await;
    assert_eq!(notes.all().len(), 6);
}

#[tokio::test(start_paused = true)]
async fn what_became_due_while_nobody_ran_runs_at_once() {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    kafka.create_topic("t", 1);
    kafka.start(app(&kafka, &notes)).await.unwrap();
    send(&kafka, "t", 0, "fail").await;
    kafka.advance(seconds(1)).await;
    kafka.stop().await;
    kafka.advance(seconds(999)).await;
    kafka.start(app(&kafka, &notes)).await.unwrap();
    kafka.settle().await;
    assert_eq!(times(&kafka, "t-retry"), [1_000_000]);
}

#[kafka_listener(topic = "k", order = "key", attempts = 1)]
async fn by_key(text: &str, State(notes): State<Notes>) {
    if text.starts_with("slow") {
        tokio::time::sleep(seconds(1)).await;
    }
    notes.add(text);
}

#[kafka_listener(topic = "n", order = "none", concurrency = 2, attempts = 2, backoff(delay = "10m", jitter = 0.9))]
async fn in_any_order(text: &str, attempt: Attempt, State(notes): State<Notes>) -> Result<(), String> {
    tokio::time::sleep(millis(text.len() as u64)).await;
    notes.add(format!("{text} {}", attempt.number));
    if attempt.number == 1 { Err("once".to_owned()) } else { Ok(()) }
}

#[tokio::test(start_paused = true)]
async fn a_clean_stop_by_key_repeats_nothing_though_others_have_ended_behind_a_slow_key() {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    kafka.create_topic("k", 1);
    for number in 0..8 {
        let draft = kafka.producer().to("k").key("slow").partition(0).text(format!("slow {number}"));
        draft.send().await.unwrap();
        kafka.producer().to("k").key("quick").partition(0).text(format!("quick {number}")).send().await.unwrap();
    }
    let app = |kafka: &TestKafka| kafka.app().listener(by_key).state(notes.clone());
    kafka.start(app(&kafka)).await.unwrap();
    kafka.advance(millis(1500)).await;
    assert_eq!(notes.all().len(), 9, "all that are quick, and one of the others");
    kafka.stop().await;
    assert_eq!(kafka.elapsed(), seconds(8), "as long as the slow ones in front take");
    assert_eq!(kafka.cluster().committed("test", "k", 0), Some(16));
    kafka.start(app(&kafka)).await.unwrap();
    kafka.settle().await;
    assert_eq!(notes.all().len(), 16, "nothing repeated");
}

#[tokio::test(start_paused = true)]
async fn clean_stops_at_any_time_repeat_nothing_whatever_the_order_and_the_waits() {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    kafka.create_topic("n", 2);
    let app = |kafka: &TestKafka| kafka.app().listener(in_any_order).state(notes.clone());
    kafka.start(app(&kafka)).await.unwrap();
    for number in 0..200 {
        // Their lengths differ, and so do the times that they take.
        send(&kafka, "n", number % 2, &format!("{number}{}", "x".repeat((number * 37 % 50) as usize))).await;
    }
    for stop in 0..20 {
        kafka.advance(millis(100 * stop * stop)).await;
        kafka.stop().await;
        kafka.start(app(&kafka)).await.unwrap();
    }
    kafka.advance(seconds(600)).await;
    kafka.stop().await;
    kafka.start(app(&kafka)).await.unwrap();
    kafka.settle().await;
    let mut all = notes.all();
    assert_eq!(all.len(), 400, "each twice, as it must be");
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 400);
    let times = times(&kafka, "n-retry");
    assert!(times.iter().all(|at| (600_000..1_160_000).contains(at)), "never early, never late");
}

#[tokio::test(start_paused = true)]
async fn a_handler_that_will_not_end_is_cancelled_and_its_record_delivered_again() {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    kafka.create_topic("t", 2);
    kafka.start(app(&kafka, &notes).drain(seconds(5))).await.unwrap();
    for (partition, text) in [(0, "before"), (0, "endless"), (0, "behind"), (1, "ok")] {
        send(&kafka, "t", partition, text).await;
    }
    kafka.advance(seconds(1)).await;
    assert_eq!(notes.all(), ["before", "ok"]);
    kafka.stop().await;
    assert_eq!(kafka.elapsed(), seconds(6), "the drain and no more");
    assert_eq!(kafka.cluster().committed("test", "t", 0), Some(1));
    let cancelled = |event: &Event| matches!(event, Event::Revoked { cancelled: true, .. });
    assert!(kafka.events().iter().any(cancelled), "and told");
    notes.add("stopped");
    kafka.start(app(&kafka, &notes)).await.unwrap();
    kafka.settle().await;
    assert_eq!(notes.all(), ["before", "ok", "stopped", "endless", "behind"]);
}

#[tokio::test(start_paused = true)]
async fn an_application_whose_handle_is_dropped_stops_by_itself() {
    let (kafka, notes) = (TestKafka::new(), Notes::default());
    kafka.create_topic("t", 1);
    let mut handle = app(&kafka, &notes).start().await.unwrap();
    handle.ready().await.unwrap();
    send(&kafka, "t", 0, "x").await;
    kafka.advance(millis(10)).await;
    drop(handle);
    kafka.advance(seconds(1)).await;
    assert!(kafka.cluster().members("test").is_empty());
    assert_eq!(kafka.cluster().committed("test", "t", 0), Some(1));
}

#[tokio::test(start_paused = true)]
async fn run_until_serves_until_then() {
    let (kafka, notes) = (TestKafka::new(), Notes::default());
    kafka.create_topic("t", 1);
    send(&kafka, "t", 0, "slow").await;
    app(&kafka, &notes).run_until(kafka.advance(seconds(1))).await.unwrap();
    assert_eq!(notes.all(), ["slow"]);
    assert_eq!(kafka.elapsed(), seconds(3));
    assert_eq!(kafka.cluster().committed("test", "t", 0), Some(1));
}
