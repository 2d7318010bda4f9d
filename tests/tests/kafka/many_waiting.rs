//! More waiting records than memory is for, in more partitions than share it: those for which there is no room rest meanwhile.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{SystemTime, UNIX_EPOCH};

use kafka_listen::prelude::*;
use kafka_listen_tests::real_kafka::shared;

use super::support::{app, create_topic, lag, until};

const PARTITIONS: i32 = 70;
/// All of them together are twice what a consumer holds.
const EACH: i32 = 12;
const SIZE: usize = 160 << 10;

/// The attempts of each record, by its number.
type Deliveries = Arc<Mutex<BTreeMap<i32, Vec<u32>>>>;

#[kafka_listener(topic = "many.waiting", group = "many-waiting", attempts = 2, backoff(delay = 5000))]
async fn fail_once(
    value: &[u8],
    attempt: Attempt,
    #[header("retry_topic-backoff-timestamp")] due: Option<&[u8]>,
    State(deliveries): State<Deliveries>,
) -> Result<(), &'static str> {
    if let Some(due) = due {
        let due = due.iter().fold(0, |due, byte| due << 8 | u128::from(*byte));
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis();
        assert!(due <= now, "{} ms early", due - now);
    }
    let number = i32::from_be_bytes(*value.first_chunk().unwrap());
    deliveries.lock().unwrap().entry(number).or_default().push(attempt.number);
    if attempt.number == 1 { Err("on purpose") } else { Ok(()) }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_there_is_no_room_for_waits_in_kafka_and_is_handled_once_and_never_early() {
    create_topic("many.waiting", PARTITIONS, &[]);
    let deliveries = Deliveries::default();
    let mut running = app().listener(fail_once).state(deliveries.clone()).start().await.unwrap();
    running.ready().await.unwrap();
    let producer = running.producer();
    for number in 0..PARTITIONS * EACH {
        let mut value = number.to_be_bytes().to_vec();
        value.resize(SIZE, 0);
        producer.to("many.waiting").partition(number % PARTITIONS).bytes(value).send().await.unwrap();
    }
    let all = (PARTITIONS * EACH) as usize;
    until("all are handled", || {
        let deliveries = deliveries.lock().unwrap();
        deliveries.len() == all && deliveries.values().all(|attempts| attempts.len() > 1)
    })
    .await;
    running.stop().await;
    assert!(deliveries.lock().unwrap().values().all(|attempts| attempts == &[1, 2]), "each twice, and no more");
    let kafka = shared();
    for (group, topic) in [("many-waiting", "many.waiting"), ("many-waiting-retry", "many.waiting-retry-5000")] {
        assert_eq!(lag(kafka, group, topic), 0, "{topic}");
    }
}
