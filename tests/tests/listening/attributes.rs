//! Settings of a listener beside its chain: several topics, ids, placeholders.

use kafka_listen::prelude::*;
use kafka_listen::testing::TestKafka;

use crate::support::{Notes, send, times};

#[kafka_listener(topics("one", "two"), attempts = 2)]
async fn both(topic: Topic, text: &str, State(notes): State<Notes>) -> Result<(), String> {
    notes.add(format!("{text} from {topic}"));
    Err("never".to_owned())
}

#[tokio::test(start_paused = true)]
async fn of_two_topics_each_has_a_chain_of_its_own() {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    kafka.create_topic("one", 1);
    kafka.create_topic("two", 3);
    kafka.start(kafka.app().listener(both).state(notes.clone())).await.unwrap();
    send(&kafka, "one", 0, "x").await;
    send(&kafka, "two", 2, "y").await;
    kafka.settle().await;
    assert_eq!(notes.all(), ["x from one", "y from two", "x from one-retry", "y from two-retry"]);
    assert_eq!(kafka.cluster().topics(), ["one", "one-dlt", "one-retry", "two", "two-dlt", "two-retry"]);
    assert_eq!(kafka.cluster().partitions("two-retry"), Some(3));
    assert_eq!((kafka.dead_letters("one").len(), kafka.cluster().records("two-dlt", 2).len()), (1, 1));
}

#[kafka_listener(
    topic = "t",
    id = "mailer-${STAGE}",
    group = "mail-${STAGE:dev}",
    attempts = "${ATTEMPTS:4}",
    backoff(delay = "${DELAY}", multiplier = "${FACTOR:3}", max_delay = "${MOST:5s}", jitter = "${JITTER:0}"),
    dlt_suffix = "${DLT:.dead}",
    concurrency = "${LIMIT:1}"
)]
async fn configured() -> Result<(), String> {
    Err("never".to_owned())
}

#[tokio::test(start_paused = true)]
async fn placeholders_are_filled_from_the_applications_properties_or_have_defaults() {
    let mut kafka = TestKafka::new();
    kafka.create_topic("t", 1);
    let app = kafka.app().listener(configured).property("STAGE", "prod").property("DELAY", "2s");
    kafka.start(app.property("ATTEMPTS", "3")).await.unwrap();
    send(&kafka, "t", 0, "x").await;
    kafka.settle().await;
    let seen: Vec<_> = kafka.deliveries().into_iter().map(|it| (it.listener, it.topic, it.at.as_secs())).collect();
    let expected = [("t", 0), ("t-retry-2000", 2), ("t-retry-5000", 7)];
    assert_eq!(seen, expected.map(|(topic, at)| ("mailer-prod".to_owned(), topic.to_owned(), at)));
    assert_eq!(kafka.records("t.dead").len(), 1);
    assert_eq!(kafka.cluster().committed("mail-prod", "t", 0), Some(1));
}

#[tokio::test(start_paused = true)]
async fn jitter_may_be_a_placeholder_too() {
    let mut kafka = TestKafka::new();
    kafka.create_topic("t", 1);
    let app = kafka.app().jitter_seed(7).listener(configured).property("STAGE", "prod").property("DELAY", "2s");
    kafka.start(app.property("JITTER", "1.0").property("ATTEMPTS", "2")).await.unwrap();
    send(&kafka, "t", 0, "x").await;
    kafka.settle().await;
    let at = times(&kafka, "t-retry")[0];
    assert!(2000 < at && at <= 4000, "{at}");
}

#[kafka_listener(topic = "t", group = "second", attempts = 2, retry_suffix = "-second", dlt_suffix = "-second-dlt")]
async fn second() -> Result<(), String> {
    Err("never".to_owned())
}

#[kafka_listener(topic = "t", group = "first", attempts = 2)]
async fn first() {}

#[tokio::test(start_paused = true)]
async fn two_groups_each_get_every_record() {
    let mut kafka = TestKafka::new();
    kafka.create_topic("t", 1);
    kafka.start(kafka.app().listener(first).listener(second)).await.unwrap();
    send(&kafka, "t", 0, "x").await;
    kafka.settle().await;
    let listeners: Vec<_> = kafka.deliveries().into_iter().map(|it| it.listener).collect();
    assert_eq!(listeners, ["first", "second", "second"]);
    assert_eq!(times(&kafka, "t-second"), [1000]);
}

#[kafka_listener(topic = "t", auto_create = false, attempts = 2)]
async fn uncreated() -> Result<(), String> {
    Err("never".to_owned())
}

#[tokio::test(start_paused = true)]
async fn chain_topics_that_are_there_are_used_as_they_are() {
    let mut kafka = TestKafka::new();
    for (topic, partitions) in [("t", 3), ("t-retry", 1), ("t-dlt", 1)] {
        kafka.create_topic(topic, partitions);
    }
    kafka.start(kafka.app().listener(uncreated)).await.unwrap();
    for partition in 0..3 {
        send(&kafka, "t", partition, "x").await;
    }
    kafka.settle().await;
    assert_eq!(times(&kafka, "t-retry"), [1000; 3], "fewer partitions than the source: by key");
    assert_eq!(kafka.dead_letters("t").len(), 3);
}

#[kafka_listener(topic = "t", attempts = 3)]
async fn from_another_place(_: &str) -> Result<(), String> {
    Err("never".to_owned())
}

#[tokio::test(start_paused = true)]
async fn a_handler_is_still_a_function() {
    assert_eq!(from_another_place("x").await, Err("never".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn source_topics_are_created_on_request_only() {
    let mut kafka = TestKafka::new();
    kafka.start(kafka.app().listener(from_another_place).create_source_topics(4)).await.unwrap();
    assert_eq!(kafka.cluster().partitions("t"), Some(4));
    assert_eq!(kafka.cluster().partitions("t-retry"), Some(4));
    assert_eq!(kafka.cluster().topics(), ["t", "t-dlt", "t-retry"]);
}
