//! Plain functions as handlers, and handlers that hold their thread: nobody else waits for them. In real time, since a
//! thread that sleeps does not know of any other.

use std::time::{Duration, Instant};

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

const LONG: Duration = Duration::from_millis(1500);

#[kafka_listener(topic = "t", attempts = 1)]
async fn blocks(text: &str, State(notes): State<Notes>) {
    if text == "block" {
        std::thread::sleep(LONG);
    }
    notes.add(text);
}

/// Waits for a note, in real time.
async fn noted(notes: &Notes, count: usize) {
    while notes.all().len() < count {
        tokio::time::sleep(millis(5)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_handler_that_blocks_its_thread_holds_up_no_other_partition_and_no_rebalance() {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    kafka.create_topic("t", 3);
    kafka.start(kafka.app().listener(blocks).state(notes.clone())).await.unwrap();
    let began = Instant::now();
    send(&kafka, "t", 0, "block").await;
    for number in 0..20 {
        send(&kafka, "t", 1 + number % 2, "ok").await;
    }
    noted(&notes, 20).await;
    assert!(began.elapsed() < LONG, "the others: {:?}", began.elapsed());
    // Another member joins and takes its share, while the handler still blocks.
    kafka.start(kafka.app().listener(blocks).state(notes.clone())).await.unwrap();
    assert!(began.elapsed() < LONG, "the rebalance: {:?}", began.elapsed());
    noted(&notes, 21).await;
    assert!(began.elapsed() >= LONG);
    kafka.stop().await;
    let handled = (0..3).map(|partition| kafka.cluster().committed("test", "t", partition).unwrap()).sum::<i64>();
    assert_eq!((handled, notes.all().len()), (21, 21), "all committed, none twice");
}
