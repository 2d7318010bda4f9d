//! Many threads, in real time: no wake-up is lost, no record either, whatever the schedule.

use std::collections::BTreeMap;

use kafka_listen::prelude::*;
use kafka_listen::testing::TestKafka;

use crate::support::{Notes, millis};

const RECORDS: u32 = 3000;

/// Every seventh fails once, every eleventh always.
async fn work(text: &str, attempt: Attempt, notes: Notes) -> Result<(), String> {
    let number: u32 = text.parse().map_err(|error| format!("{error}"))?;
    match number % 50 {
        0 => tokio::time::sleep(millis(1)).await,
        1..10 => tokio::task::yield_now().await,
        _ => {}
    }
    notes.add(format!("{number} {}", attempt.number));
    if attempt.number < deliveries(number) || number.is_multiple_of(11) { Err("refused".to_owned()) } else { Ok(()) }
}

fn deliveries(number: u32) -> u32 {
    match number {
        _ if number.is_multiple_of(11) => 3,
        _ if number.is_multiple_of(7) => 2,
        _ => 1,
    }
}

#[kafka_listener(topic = "t", attempts = 3, backoff(delay = 5, multiplier = 2), concurrency = 4)]
async fn in_order(text: &str, attempt: Attempt, State(notes): State<Notes>) -> Result<(), String> {
    work(text, attempt, notes).await
}

#[kafka_listener(topic = "t", attempts = 3, backoff(delay = 5, multiplier = 2), order = "key", concurrency = 16)]
async fn by_key(text: &str, attempt: Attempt, State(notes): State<Notes>) -> Result<(), String> {
    work(text, attempt, notes).await
}

/// Sends all records while instances come and go; answers how often each delivery of each record happened.
async fn run(app: impl Fn(&TestKafka) -> App) -> (TestKafka, BTreeMap<String, u32>) {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    kafka.create_topic("t", 6);
    kafka.start(app(&kafka).state(notes.clone())).await.unwrap();
    for number in 0..RECORDS {
        let draft = kafka.producer().to("t").key(format!("k{}", number % 50));
        draft.text(number.to_string()).send().await.unwrap();
        if number % 500 == 250 {
            let other = kafka.start(app(&kafka).state(notes.clone())).await.unwrap();
            kafka.advance(millis(20)).await;
            kafka.stop_one(other).await;
        }
    }
    kafka.settle().await;
    kafka.stop().await;
    let mut counts = BTreeMap::<String, u32>::new();
    notes.all().into_iter().for_each(|note| *counts.entry(note).or_default() += 1);
    (kafka, counts)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn while_instances_come_and_go_each_delivery_happens_once() {
    let (kafka, counts) = run(|kafka| kafka.app().listener(in_order)).await;
    for number in 0..RECORDS {
        for attempt in 1..=3 {
            let count = counts.get(&format!("{number} {attempt}")).copied().unwrap_or(0);
            assert_eq!(count, u32::from(attempt <= deliveries(number)), "delivery {attempt} of {number}");
        }
    }
    assert_eq!(kafka.dead_letters("t").len(), RECORDS.div_ceil(11) as usize);
}

/// What was handled behind a record that had not begun when its partition left is handled again: only a run without holes
/// can be committed.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn by_key_none_is_lost() {
    let (kafka, counts) = run(|kafka| kafka.app().listener(by_key)).await;
    for number in 0..RECORDS {
        for attempt in 1..=deliveries(number) {
            assert!(counts.contains_key(&format!("{number} {attempt}")), "delivery {attempt} of {number}");
        }
    }
    assert!(kafka.dead_letters("t").len() >= RECORDS.div_ceil(11) as usize);
    assert_eq!(kafka.lag("test", "t"), 0);
}
