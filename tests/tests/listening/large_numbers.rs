//! Many partitions, many listeners, many waiting bytes.

use kafka_listen::prelude::*;
use kafka_listen::testing::TestKafka;

use crate::support::{raw, send, times};

#[kafka_listener(topic = "t", attempts = 3, backoff(delay = 1000, multiplier = 8))]
async fn fails(_: &[u8]) -> Result<(), String> {
    Err("never".to_owned())
}

#[tokio::test(start_paused = true)]
async fn two_hundred_partitions_are_all_on_time() {
    let mut kafka = TestKafka::new();
    kafka.create_topic("t", 200);
    kafka.start(kafka.app().listener(fails)).await.unwrap();
    for number in 0..1000 {
        send(&kafka, "t", number % 200, "x").await;
    }
    kafka.settle().await;
    assert_eq!(times(&kafka, "t-retry-8000"), vec![9_000; 1000]);
    assert!((0..200).all(|partition| kafka.cluster().records("t-dlt", partition).len() == 5));
}

#[tokio::test(start_paused = true)]
async fn waiting_bytes_beyond_every_budget_delay_nobody() {
    let mut kafka = TestKafka::new();
    kafka.create_topic("t", 20);
    kafka.start(kafka.app().listener(fails)).await.unwrap();
    let large = vec![7; 500_000];
    // 200 MB wait for eight seconds, while others wait for one.
    for number in 0..400 {
        kafka.cluster().produce(raw("t", number % 20, Some(&large), &[])).unwrap();
    }
    kafka.advance(std::time::Duration::from_secs(4)).await;
    for number in 0..100 {
        send(&kafka, "t", number % 20, "small").await;
    }
    kafka.settle().await;
    assert_eq!(times(&kafka, "t-retry-1000"), [vec![1_000; 400], vec![5_000; 100]].concat());
    assert_eq!(times(&kafka, "t-retry-8000"), [vec![9_000; 400], vec![13_000; 100]].concat());
}
