//! Another version of a listener on a real Kafka: what waits in the topics of the one before is not stranded.

use std::time::Duration;

use kafka_listen::{Event, prelude::*};
use kafka_listen_tests::real_kafka::shared;

use super::support::{Events, app, create_topic, lag, produce, read_all, topics, until};

macro_rules! version {
    ($name:ident: $($arguments:tt)*) => {
        #[kafka_listener(topic = "left-over", group = "left-over-group", id = "work", $($arguments)*)]
        async fn $name(Attempt { number, .. }: Attempt, State(seen): State<Seen>) -> Result<(), String> {
            seen.lock().unwrap().push(number);
            Err("never".to_owned())
        }
    };
}

type Seen = std::sync::Arc<std::sync::Mutex<Vec<u32>>>;

version!(five: attempts = 5, backoff(delay = 200, multiplier = 5));
version!(three: attempts = 3, backoff(delay = 150), suffix = "index", same_delay = "multiple");

#[tokio::test(flavor = "multi_thread")]
async fn records_that_wait_in_an_older_chain_are_handled_by_a_version_with_another() {
    create_topic("left-over", 3, &[]);
    produce(shared(), "left-over", (0..30).map(|number| number.to_string()));
    let seen = Seen::default();
    let mut old = app().listener(five).state(seen.clone()).start().await.unwrap();
    old.ready().await.unwrap();
    // They are on their way through topics of 200, 1000, 5000 and 25,000 ms.
    until("each has failed three times", || seen.lock().unwrap().iter().filter(|number| **number == 3).count() == 30)
        .await;
    old.stop().await;
    assert_eq!(seen.lock().unwrap().len(), 90);

    let events = Events::default();
    let new = app().listener(three).state(seen.clone()).observer(events.observer()).start().await.unwrap();
    println!("{}", new.plan());
    let waiting = |event: &Event| matches!(event, Event::LeftOver { topic, records: 30, .. } if &**topic == "left-over-retry-5000");
    assert_eq!(events.count(waiting), 1);
    assert_eq!(events.count(|event| matches!(event, Event::LeftOver { .. })), 4);
    until("all are dead", || read_all(shared(), "left-over-dlt").len() == 30).await;
    assert_eq!(seen.lock().unwrap().split_off(90), [4; 30], "the fourth delivery is the last here");
    let all: Vec<_> = topics(shared(), "left-over-retry").into_keys().collect();
    assert_eq!(all.len(), 6, "{all:?}");
    until("nothing is stranded", || all.iter().all(|topic| lag(shared(), "left-over-group-retry", topic) == 0)).await;
    let numbers: std::collections::BTreeSet<_> =
        read_all(shared(), "left-over-dlt").into_iter().map(|record| record.value).collect();
    assert_eq!(numbers.len(), 30, "each once");
    tokio::time::timeout(Duration::from_secs(30), new.stop()).await.unwrap();
}
