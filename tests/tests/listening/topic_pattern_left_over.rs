//! What another version left behind, of topics that a pattern finds while the application runs.

use kafka_listen::Event;
use kafka_listen::prelude::*;
use kafka_listen::testing::TestKafka;

use crate::support::{Notes, Raw, raw, seconds, send, times};

macro_rules! version {
    ($name:ident: $($arguments:tt)*) => {
        #[kafka_listener(topic_pattern = r"^src\.[a-z]+$", group = "g", id = "work", $($arguments)*)]
        async fn $name(text: &str, attempt: Attempt, State(notes): State<Notes>) -> Result<(), String> {
            notes.add(format!("{text} {} of {}", attempt.number, attempt.of));
            Err("never".to_owned())
        }
    };
}
version!(five: attempts = 5, backoff(delay = 1000, multiplier = 2));
version!(three: attempts = 3, backoff(delay = 100, multiplier = 3));
version!(in_place: blocking(attempts = 1));
version!(five_per_topic: attempts = 5, backoff(delay = 1000, multiplier = 2), group_naming = "per-topic");
version!(twice_per_topic: attempts = 2, backoff(delay = 700), group_naming = "per-topic");
version!(later: attempts = 2, backoff(delay = 700), group_naming = "per-topic", auto_start = false);

/// What was told of left-over topics that are called so.
fn left_over(kafka: &TestKafka, name: &str) -> Vec<u64> {
    let of = |event| match event {
        Event::LeftOver { topic, records, .. } if *topic == *name => Some(records),
        _ => None,
    };
    kafka.events().into_iter().filter_map(of).collect()
}

/// A record on its way through the five deliveries of this version, stopped while it waits for the third; its source topic is
/// away.
async fn waiting_for_the_third<F: 'static>(version: F) -> (TestKafka, Notes) {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    kafka.create_topic("src.a", 1);
    kafka.start(kafka.app().listener(version).state(notes.clone())).await.unwrap();
    send(&kafka, "src.a", 0, "x").await;
    kafka.advance(seconds(2)).await;
    kafka.stop().await;
    assert_eq!(notes.all(), ["x 1 of 5", "x 2 of 5"]);
    kafka.cluster().delete_topic("src.a");
    (kafka, notes)
}

#[tokio::test(start_paused = true)]
async fn what_was_left_over_of_a_topic_that_is_found_later_is_read_and_told() {
    let (mut kafka, notes) = waiting_for_the_third(five).await;
    kafka.start(kafka.app().listener(three).state(notes.clone())).await.unwrap();
    kafka.advance(seconds(30)).await;
    assert_eq!(notes.all().len(), 2, "whose they are is not known yet");
    for _ in 0..2 {
        // It is looked for each time that its source is found.
        kafka.create_topic("src.a", 1);
        kafka.advance(seconds(11)).await;
        kafka.cluster().delete_topic("src.a");
        kafka.advance(seconds(11)).await;
    }
    kafka.settle().await;
    assert_eq!(notes.all().split_off(2), ["x 3 of 3"]);
    assert_eq!(left_over(&kafka, "src.a-retry-2000"), [1, 0]);
    assert_eq!((kafka.lag("g-retry", "src.a-retry-2000"), kafka.records("src.a-dlt").len()), (0, 1));
}

/// The retry groups are others, or there was none at start-up.
#[tokio::test(start_paused = true)]
async fn it_is_read_with_a_group_that_nobody_had_needed_before() {
    let (mut kafka, notes) = waiting_for_the_third(five).await;
    kafka.start(kafka.app().listener(in_place).state(notes.clone())).await.unwrap();
    assert!(kafka.cluster().members("g-retry").is_empty());
    kafka.create_topic("src.a", 1);
    kafka.advance(seconds(11)).await;
    kafka.settle().await;
    assert_eq!(notes.all().split_off(2), ["x 3 of 1"]);

    let (mut kafka, notes) = waiting_for_the_third(five_per_topic).await;
    kafka.start(kafka.app().listener(twice_per_topic).state(notes.clone())).await.unwrap();
    kafka.create_topic("src.a", 1);
    kafka.advance(seconds(11)).await;
    kafka.settle().await;
    assert_eq!(notes.all().split_off(2), ["x 3 of 2"]);
    assert_eq!(kafka.lag("g-retry-2000", "src.a-retry-2000"), 0);
    kafka.stop().await;
    assert!(kafka.cluster().members("g-retry-2000").is_empty(), "it stops with the others");
}

#[tokio::test(start_paused = true)]
async fn a_listener_that_starts_later_reads_what_was_found_meanwhile_and_nothing_before() {
    let (mut kafka, notes) = waiting_for_the_third(five_per_topic).await;
    let instance = kafka.start(kafka.app().listener(later).state(notes.clone())).await.unwrap();
    kafka.create_topic("src.a", 1);
    kafka.advance(seconds(60)).await;
    assert_eq!((left_over(&kafka, "src.a-retry-2000"), notes.all().len()), (vec![1], 2));
    assert!(kafka.cluster().members("g-retry-2000").is_empty());
    kafka.start_listener(instance, "work").await.unwrap();
    kafka.settle().await;
    assert_eq!(notes.all().split_off(2), ["x 3 of 2"]);
}

/// The newer version sees the topic before the older one has made its chain.
#[tokio::test(start_paused = true)]
async fn an_older_version_that_finds_a_topic_after_the_newer_one_strands_nothing() {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    kafka.start(kafka.app().listener(three).state(notes.clone())).await.unwrap();
    kafka.advance(seconds(5)).await;
    let old = kafka.start(kafka.app().listener(five).state(notes.clone())).await.unwrap();
    kafka.advance(seconds(2)).await;
    kafka.create_topic("src.b", 4);
    kafka.advance(seconds(9)).await;
    for number in 0..40 {
        send(&kafka, "src.b", number % 4, "x").await;
    }
    kafka.advance(seconds(2)).await;
    kafka.stop_one(old).await;
    kafka.advance(seconds(25)).await;
    kafka.settle().await;
    assert!(!times(&kafka, "src.b-retry-1000").is_empty(), "the older one had part in it");
    assert_eq!(kafka.dead_letters("src.b").len(), 40);
    for topic in kafka.cluster().topics().iter().filter(|topic| topic.starts_with("src.b-retry")) {
        assert_eq!(kafka.lag("g-retry", topic), 0, "{topic}");
        assert!(left_over(&kafka, topic).len() < 2, "{topic} is found once");
    }
}

#[tokio::test(start_paused = true)]
async fn a_topic_that_appears_and_only_looks_left_over_is_left_alone() {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    kafka.create_topic("src.a", 1);
    kafka.start(kafka.app().listener(three).state(notes.clone())).await.unwrap();
    let of_another: [Raw<'_>; 3] = [
        (b"kafka_original-topic", Some(b"src.a")),
        (b"kafka_dlt-original-consumer-group", Some(b"another")),
        (b"retry_topic-attempts", Some(&[0, 0, 0, 2])),
    ];
    for (topic, headers) in [("src.a-retry-7", &of_another[..]), ("src.a-retry-8", &[]), ("src.a2-retry-9", &[])] {
        kafka.create_topic(topic, 1);
        kafka.cluster().produce(raw(topic, 0, Some(b"theirs"), headers)).unwrap();
    }
    kafka.advance(seconds(90)).await;
    let told = kafka.events().into_iter().any(|event| matches!(event, Event::LeftOver { .. }));
    assert!(notes.all().is_empty() && !told);
}
