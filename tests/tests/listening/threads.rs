//! Many threads, in real time: no wake-up is lost, no record twice, whatever the schedule.

use std::collections::BTreeMap;

use kafka_listen::prelude::*;
use kafka_listen::testing::TestKafka;

use crate::support::{Notes, millis};

#[kafka_listener(topic = "t", attempts = 3, backoff(delay = 5, multiplier = 2), order = "key", concurrency = 16)]
async fn work(text: &str, attempt: Attempt, State(notes): State<Notes>) -> Result<(), String> {
    let number: u32 = text.parse().map_err(|error| format!("{error}"))?;
    match number % 5 {
        0 => tokio::time::sleep(millis(1)).await,
        1 => tokio::task::yield_now().await,
        _ => {}
    }
    notes.add(format!("{number} {}", attempt.number));
    // Every seventh fails once, every eleventh always.
    if number % 11 == 0 || (number % 7 == 0 && attempt.number == 1) { Err("refused".to_owned()) } else { Ok(()) }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_record_ends_while_instances_come_and_go() {
    const RECORDS: u32 = 3000;
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    kafka.create_topic("t", 6);
    let app = |kafka: &TestKafka| kafka.app().listener(work).state(notes.clone());
    kafka.start(app(&kafka)).await.unwrap();
    for number in 0..RECORDS {
        let draft = kafka.producer().to("t").key(format!("k{}", number % 50));
        draft.text(number.to_string()).send().await.unwrap();
        if number % 500 == 250 {
            let other = kafka.start(app(&kafka)).await.unwrap();
            kafka.advance(millis(20)).await;
            kafka.stop_one(other).await;
        }
    }
    kafka.settle().await;
    kafka.stop().await;
    let mut seen = BTreeMap::<String, u32>::new();
    notes.all().into_iter().for_each(|note| *seen.entry(note).or_default() += 1);
    for number in 0..RECORDS {
        let deliveries = match number {
            _ if number % 11 == 0 => 3,
            _ if number % 7 == 0 => 2,
            _ => 1,
        };
        for attempt in 1..=3 {
            let expected = u32::from(attempt <= deliveries);
            let count = seen.get(&format!("{number} {attempt}")).copied().unwrap_or(0);
            assert_eq!(count, expected, "delivery {attempt} of {number}");
        }
    }
    assert_eq!(kafka.dead_letters("t").len(), RECORDS.div_ceil(11) as usize);
}
