//! A long wait among many short ones: it holds nobody up, and is neither early nor late nor delivered twice.

use kafka_listen::Event;
use kafka_listen::prelude::*;
use kafka_listen::testing::TestKafka;

use crate::support::{Notes, raw, seconds, times};

/// More than the window of a partition.
const MANY: usize = 10_000;

#[kafka_listener(topic = "t", attempts = 3, order = "none", backoff(delay = "10s"))]
async fn work(text: &str, State(notes): State<Notes>) {
    notes.add(text);
}

#[tokio::test(start_paused = true)]
async fn a_long_wait_in_front_of_many_short_ones_is_moved_to_the_end_and_everybody_is_on_time() {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    kafka.create_topic("t", 1);
    kafka.create_topic("t-retry", 1);
    kafka.create_topic("t-dlt", 1);
    let epoch = kafka.cluster().now().as_millis();
    let due = |millis: i64| (epoch + millis).to_be_bytes();
    let (long, short) = (due(1_800_000), due(1000));
    let write = |text: &str, due: &[u8; 8]| {
        let headers: [(&[u8], Option<&[u8]>); 4] = [
            (b"mine", Some(b"\xff")),
            (b"retry_topic-attempts", Some(&[0, 0, 0, 2])),
            (b"retry_topic-backoff-timestamp", Some(due)),
            (b"nothing", None),
        ];
        kafka.cluster().produce(raw("t-retry", 0, Some(text.as_bytes()), &headers)).unwrap();
    };
    write("long", &long);
    (0..MANY).for_each(|_| write("short", &short));
    kafka.start(kafka.app().listener(work).state(notes.clone())).await.unwrap();
    kafka.advance(seconds(10)).await;
    assert_eq!(notes.all().len(), MANY, "nobody waited for it");
    assert!(times(&kafka, "t-retry").iter().all(|at| (1000..3000).contains(at)), "a second, and what a write takes");
    let stored = kafka.records("t-retry");
    let (first, last) = (stored.first().unwrap(), stored.last().unwrap());
    assert_eq!(stored.len(), MANY + 2, "once");
    assert_eq!((&first.value, &first.headers), (&last.value, &last.headers));
    kafka.settle().await;
    assert_eq!(notes.all().iter().filter(|text| *text == "long").count(), 1);
    assert_eq!(times(&kafka, "t-retry").last(), Some(&1_800_000), "on time");
    assert_eq!(kafka.deliveries().last().unwrap().attempt, 2, "it is the same delivery");
    assert_eq!(kafka.records("t-retry").len(), MANY + 2);
    assert_eq!(kafka.events().iter().filter(|event| matches!(event, Event::MovedBack { .. })).count(), 1);
}
