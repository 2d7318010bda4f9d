//! Plain functions as handlers, and handlers that hold their thread: nobody else waits for them. In real time, since a
//! thread that sleeps does not know of any other.

use std::sync::{Arc, Condvar, Mutex};

use kafka_listen::prelude::*;
use kafka_listen::testing::TestKafka;

use crate::support::{Notes, millis, send};

#[kafka_listener(topic = "t", attempts = 2, backoff(delay = 10))]
fn plain(text: &str, attempt: Attempt, State(notes): State<Notes>) -> Result<(), String> {
    notes.add(format!("{text}, {}", attempt.number));
    if text == "fail" { Err("never".to_owned()) } else { Ok(()) }
}

#[tokio::test(start_paused = true)]
async fn a_plain_function_is_a_handler_like_another() {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    kafka.create_topic("t", 1);
    kafka.start(kafka.app().listener(plain).state(notes.clone())).await.unwrap();
    for text in ["fail", "ok"] {
        send(&kafka, "t", 0, text).await;
    }
    kafka.settle().await;
    assert_eq!(notes.all(), ["fail, 1", "ok, 1", "fail, 2"]);
    assert_eq!(kafka.dead_letters("t").len(), 1);
    kafka.stop().await;
}

/// Holds the thread of whoever waits for it.
#[derive(Clone, Default)]
struct Gate(Arc<(Mutex<bool>, Condvar)>);

impl Gate {
    fn open(&self) {
        *self.0.0.lock().unwrap() = true;
        self.0.1.notify_all();
    }

    fn wait(&self) {
        let closed = self.0.0.lock().unwrap();
        drop(self.0.1.wait_while(closed, |open| !*open).unwrap());
    }
}

#[kafka_listener(topic = "t", attempts = 1)]
async fn blocks(text: &str, State(gate): State<Gate>, State(notes): State<Notes>) {
    if text == "block" {
        gate.wait();
    }
    notes.add(text);
}

/// Waits for notes, in real time.
async fn noted(notes: &Notes, count: usize) {
    while notes.all().len() < count {
        tokio::time::sleep(millis(5)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_handler_that_blocks_its_thread_holds_up_no_other_partition_and_no_rebalance() {
    let (mut kafka, gate, notes) = (TestKafka::new(), Gate::default(), Notes::default());
    kafka.create_topic("t", 3);
    let app = |kafka: &TestKafka| kafka.app().listener(blocks).state(gate.clone()).state(notes.clone());
    kafka.start(app(&kafka)).await.unwrap();
    send(&kafka, "t", 0, "block").await;
    for number in 0..20 {
        send(&kafka, "t", 1 + number % 2, "ok").await;
    }
    noted(&notes, 20).await;
    // Another member joins and takes its share, while the handler still blocks.
    kafka.start(app(&kafka)).await.unwrap();
    while kafka.cluster().members("test").iter().any(|member| member.partitions.is_empty()) {
        kafka.advance(millis(5)).await;
    }
    for number in 0..20 {
        send(&kafka, "t", 1 + number % 2, "ok").await;
    }
    noted(&notes, 40).await;
    assert!(notes.all().iter().all(|note| note == "ok"), "and it still blocks");
    gate.open();
    kafka.settle().await;
    kafka.stop().await;
    let handled = (0..3).map(|partition| kafka.cluster().committed("test", "t", partition).unwrap()).sum::<i64>();
    assert_eq!((handled, notes.all().len()), (41, 41), "all committed, none twice");
}
