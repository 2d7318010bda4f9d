//! Long waits among many short ones: they hold nobody up, and are neither early nor late nor delivered twice, whoever wrote them.

use kafka_listen::prelude::*;
use kafka_listen::testing::{Outgoing, StoredRecord, TestKafka};
use kafka_listen::{Event, Timestamp};

use crate::support::{Notes, raw, seconds, times};

/// More than the window of a partition.
const MANY: usize = 10_000;

#[kafka_listener(topic = "t", attempts = 3, order = "none", backoff(delay = "10s"))]
async fn work(text: &str, State(notes): State<Notes>) {
    notes.add(text);
}

/// A retry that is due in so many milliseconds, and behind it many that are due.
async fn many_behind_one_due_in(long: i64) -> (TestKafka, Notes) {
    many_behind(1, long, |_| None).await
}

/// The same behind so many; and the timestamp that the records have by their place among the many, where it is not the time.
async fn many_behind(waits: usize, long: i64, at: fn(usize) -> Option<Timestamp>) -> (TestKafka, Notes) {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    kafka.create_topic("t", 1);
    kafka.create_topic("t-retry", 1);
    kafka.create_topic("t-dlt", 1);
    let epoch = kafka.cluster().now().as_millis();
    let write = |text: &str, wait: i64, timestamp| {
        let due = epoch.saturating_add(wait);
        let headers: [(&[u8], Option<&[u8]>); 4] = [
            (b"mine", Some(b"\xff")),
            (b"retry_topic-attempts", Some(&[0, 0, 0, 2])),
            (b"retry_topic-backoff-timestamp", Some(&due.to_be_bytes())),
            (b"nothing", None),
        ];
        let record = raw("t-retry", 0, Some(text.as_bytes()), &headers);
        kafka.cluster().produce(Outgoing { timestamp, ..record }).unwrap();
    };
    (0..waits).for_each(|_| write("long", long, None));
    (0..MANY).for_each(|place| write("short", 0, at(place)));
    kafka.start(kafka.app().listener(work).state(notes.clone())).await.unwrap();
    (kafka, notes)
}

/// That the many were on time, the long one was written once more and is handled after so many milliseconds; both of its records.
async fn nobody_waited_for_it(kafka: &mut TestKafka, notes: &Notes, after: u128) -> [StoredRecord; 2] {
    kafka.advance(seconds(10)).await;
    assert_eq!(notes.all().len(), MANY, "nobody waited for it");
    assert!(times(kafka, "t-retry").iter().all(|at| *at < 2000), "but for a write");
    let stored = kafka.records("t-retry");
    assert_eq!(stored.len(), MANY + 2, "once");
    kafka.settle().await;
    assert_eq!(notes.all().iter().filter(|text| *text == "long").count(), 1);
    assert_eq!(times(kafka, "t-retry").last(), Some(&after), "on time");
    assert_eq!(kafka.deliveries().last().unwrap().attempt, 2, "it is the same delivery");
    assert_eq!(kafka.records("t-retry").len(), MANY + 2);
    assert_eq!(moves(kafka), 1);
    [stored.first().unwrap().clone(), stored.last().unwrap().clone()]
}

/// How many records were written once more.
fn moves(kafka: &TestKafka) -> usize {
    kafka.events().iter().filter(|event| matches!(event, Event::MovedBack { .. })).count()
}

#[tokio::test(start_paused = true)]
async fn a_long_wait_in_front_of_many_short_ones_is_moved_to_the_end_and_everybody_is_on_time() {
    let (mut kafka, notes) = many_behind_one_due_in(1_800_000).await;
    let [first, last] = nobody_waited_for_it(&mut kafka, &notes, 1_800_000).await;
    assert_eq!((&first.value, &first.headers), (&last.value, &last.headers));
}

#[tokio::test(start_paused = true)]
async fn a_forged_due_time_in_front_of_many_retries_stalls_none_and_is_cut_once() {
    let (mut kafka, notes) = many_behind_one_due_in(i64::MAX).await;
    let hour_and_minute = 61 * 60 * 1000;
    let [first, mut last] = nobody_waited_for_it(&mut kafka, &notes, hour_and_minute).await;
    let due = last.headers[2].value.replace(first.headers[2].value.clone().unwrap()).unwrap();
    assert_eq!((&first.value, &first.headers), (&last.value, &last.headers), "all but the due time");
    let believed = first.time.at.as_millis() + i64::try_from(hour_and_minute).unwrap();
    assert_eq!(due, believed.to_be_bytes()[2..], "six bytes, as in any retry");
    assert_eq!(kafka.events().iter().filter(|event| matches!(event, Event::DueClamped { .. })).count(), 1);
}

#[tokio::test(start_paused = true)]
async fn forged_timestamps_do_not_keep_a_long_wait_where_it_is_in_the_way() {
    // The last of what is read at a time.
    let forged = |place| (place % 128 >= 122).then_some(Timestamp::from_millis(0));
    let (mut kafka, notes) = many_behind(1, 1_800_000, forged).await;
    nobody_waited_for_it(&mut kafka, &notes, 1_800_000).await;
}

#[tokio::test(start_paused = true)]
async fn thousands_of_long_waits_hold_nobody_up_and_are_written_again_a_bounded_number_of_times() {
    const LONG: usize = 8_000;
    let (kafka, notes) = many_behind(LONG, 1_800_000, |_| None).await;
    kafka.advance(seconds(10)).await;
    assert_eq!(notes.all().len(), MANY, "nobody waited for them");
    assert!(times(&kafka, "t-retry").iter().all(|at| *at < 2000), "but for writes");
    let moved = moves(&kafka);
    assert!((1..=8 * MANY).contains(&moved), "{moved}");
    kafka.settle().await;
    assert_eq!(times(&kafka, "t-retry")[MANY..], [1_800_000; LONG], "on time, and each once");
    assert_eq!(moves(&kafka), moved, "nothing is written again where nothing is handled");
}
