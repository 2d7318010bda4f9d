//! The settings of a chain: which topics it makes, and when its records run.

use kafka_listen::Event;
use kafka_listen::prelude::*;
use kafka_listen::testing::TestKafka;

use crate::support::{seconds, send};

/// Lets one record fail to the end; answers topic and time of each delivery, in milliseconds.
async fn run(app: impl FnOnce(&TestKafka) -> App) -> (TestKafka, Vec<(String, u128)>) {
    let mut kafka = TestKafka::new();
    kafka.create_topic("t", 1);
    kafka.start(app(&kafka)).await.unwrap();
    send(&kafka, "t", 0, "x").await;
    kafka.settle().await;
    let path = kafka.deliveries().into_iter().map(|it| (it.topic, it.at.as_millis())).collect();
    (kafka, path)
}

fn path(steps: &[(&str, u128)]) -> Vec<(String, u128)> {
    steps.iter().map(|(topic, at)| ((*topic).to_owned(), *at)).collect()
}

/// A listener whose every delivery fails.
macro_rules! failing {
    ($name:ident: $($arguments:tt)*) => {
        #[kafka_listener(topic = "t", $($arguments)*)]
        async fn $name() -> Result<(), String> {
            Err("never".to_owned())
        }
    };
}

failing!(capped: attempts = 5, backoff(delay = 1000, multiplier = 2, max_delay = 3000));
failing!(indexed: attempts = 4, backoff(delay = 1000, multiplier = 2), suffix = "index");
failing!(one_topic: attempts = 4);
failing!(many_topics: attempts = 4, same_delay = "multiple");
failing!(straight: attempts = 1);
failing!(discarding: attempts = 2, dlt = false);
failing!(renamed: attempts = 3, backoff(delay = 100, multiplier = 2), retry_suffix = "-again", dlt_suffix = ".dead");
failing!(spoken: attempts = 3, backoff(delay = "90s", multiplier = 1.5));
failing!(wide: attempts = 2, partitions = 5, backoff(delay = 0));

#[tokio::test(start_paused = true)]
async fn delays_grow_up_to_a_limit_where_they_share_a_topic() {
    let (_, seen) = run(|kafka| kafka.app().listener(capped)).await;
    let last = "t-retry-3000";
    assert_eq!(seen, path(&[("t", 0), ("t-retry-1000", 1000), ("t-retry-2000", 3000), (last, 6000), (last, 9000)]));
}

#[tokio::test(start_paused = true)]
async fn topics_may_be_named_by_their_place() {
    let (_, seen) = run(|kafka| kafka.app().listener(indexed)).await;
    assert_eq!(seen, path(&[("t", 0), ("t-retry-0", 1000), ("t-retry-1", 3000), ("t-retry-2", 7000)]));
}

#[tokio::test(start_paused = true)]
async fn equal_delays_share_one_topic_or_have_one_each() {
    let (_, seen) = run(|kafka| kafka.app().listener(one_topic)).await;
    assert_eq!(seen, path(&[("t", 0), ("t-retry", 1000), ("t-retry", 2000), ("t-retry", 3000)]));
    let (_, seen) = run(|kafka| kafka.app().listener(many_topics)).await;
    assert_eq!(seen, path(&[("t", 0), ("t-retry-0", 1000), ("t-retry-1", 2000), ("t-retry-2", 3000)]));
}

#[tokio::test(start_paused = true)]
async fn one_attempt_goes_straight_to_the_dlt() {
    let (kafka, seen) = run(|kafka| kafka.app().listener(straight)).await;
    assert_eq!(seen, path(&[("t", 0)]));
    assert_eq!(kafka.cluster().topics(), ["t", "t-dlt"]);
    assert_eq!(kafka.dead_letters("t").len(), 1);
}

#[tokio::test(start_paused = true)]
async fn without_a_dlt_the_last_failure_discards_the_record_and_says_so() {
    let (kafka, seen) = run(|kafka| kafka.app().listener(discarding)).await;
    assert_eq!(seen, path(&[("t", 0), ("t-retry", 1000)]));
    assert_eq!(kafka.cluster().topics(), ["t", "t-retry"]);
    let discarded = kafka.events().into_iter().filter(|event| matches!(event, Event::Discarded { .. })).count();
    assert_eq!(discarded, 1);
}

#[tokio::test(start_paused = true)]
async fn suffixes_can_be_chosen() {
    let (kafka, seen) = run(|kafka| kafka.app().listener(renamed)).await;
    assert_eq!(seen, path(&[("t", 0), ("t-again-100", 100), ("t-again-200", 300)]));
    assert_eq!(kafka.cluster().topics(), ["t", "t-again-100", "t-again-200", "t.dead"]);
}

#[tokio::test(start_paused = true)]
async fn times_may_be_spoken_and_multipliers_broken() {
    let (_, seen) = run(|kafka| kafka.app().listener(spoken)).await;
    assert_eq!(seen, path(&[("t", 0), ("t-retry-90000", 90_000), ("t-retry-135000", 225_000)]));
}

#[tokio::test(start_paused = true)]
async fn partitions_of_chain_topics_can_be_chosen_and_a_delay_may_be_nothing() {
    let (kafka, seen) = run(|kafka| kafka.app().listener(wide)).await;
    assert_eq!(seen, path(&[("t", 0), ("t-retry", 0)]));
    let counts: Vec<_> = ["t", "t-retry", "t-dlt"].map(|topic| kafka.cluster().partitions(topic)).into();
    assert_eq!(counts, [Some(1), Some(5), Some(5)]);
}

failing!(thin: attempts = 2, replication = 2);

#[tokio::test(start_paused = true)]
async fn replicas_of_chain_topics_can_be_chosen() {
    let (kafka, _) = run(|kafka| kafka.app().listener(thin)).await;
    let replicas = ["t", "t-retry", "t-dlt"].map(|topic| kafka.cluster().replicas(topic));
    assert_eq!(replicas, [Some(3), Some(2), Some(2)]);
}

failing!(jittered: attempts = 3, backoff(delay = 1000, jitter = 0.5));

#[tokio::test(start_paused = true)]
async fn jitter_lengthens_each_records_delay_and_never_shortens_it() {
    let mut kafka = TestKafka::new();
    kafka.create_topic("t", 1);
    kafka.start(kafka.app().listener(jittered)).await.unwrap();
    for _ in 0..200 {
        send(&kafka, "t", 0, "x").await;
    }
    kafka.settle().await;
    let mut waits: Vec<_> = kafka.deliveries().into_iter().filter(|it| it.attempt == 2).map(|it| it.at).collect();
    waits.sort();
    waits.dedup();
    assert!(waits[0] >= seconds(1) && *waits.last().unwrap() <= seconds(1) * 3 / 2, "{waits:?}");
    assert!(waits.len() > 100, "every record draws its own: {} different waits", waits.len());
    assert!(waits[0] < seconds(1) * 11 / 10 && *waits.last().unwrap() > seconds(1) * 14 / 10, "over the whole range");
    assert_eq!(kafka.dead_letters("t").len(), 200);
    assert_eq!(kafka.cluster().topics(), ["t", "t-dlt", "t-retry"], "in no name");
}
