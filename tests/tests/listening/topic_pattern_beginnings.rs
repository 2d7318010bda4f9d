//! Where the topics begin that a pattern finds: with their oldest record, but for those that are there when its group is new.

use kafka_listen::prelude::*;
use kafka_listen::testing::TestKafka;
use kafka_listen::{Event, Topic};

use crate::support::{Notes, seconds, send};

macro_rules! listener {
    ($name:ident: $($arguments:tt)*) => {
        #[kafka_listener($($arguments)*)]
        async fn $name(text: &str, topic: Topic, State(notes): State<Notes>) {
            notes.add(format!("{} {}: {text}", stringify!($name), &*topic));
        }
    };
}
listener!(latest: topic_pattern = "^news", group = "latest", offset_reset = "latest", attempts = 1);
listener!(of_another_group: topic_pattern = "^news", group = "other", offset_reset = "latest", attempts = 1);
listener!(named: topic = "plain", group = "latest", offset_reset = "latest", attempts = 1);
listener!(strict: topic_pattern = "^bill", group = "strict", offset_reset = "error", attempts = 1);

fn found(kafka: &TestKafka) -> Vec<String> {
    let found = |event| match event {
        Event::TopicFound { topic, listener } => Some(format!("{topic} for {listener}")),
        _ => None,
    };
    kafka.events().into_iter().filter_map(found).collect()
}

async fn with_old_topic(topic: &str) -> (TestKafka, Notes) {
    let kafka = TestKafka::new();
    kafka.create_topic(topic, 1);
    send(&kafka, topic, 0, "before everything").await;
    (kafka, Notes::default())
}

#[tokio::test(start_paused = true)]
async fn with_latest_a_topic_that_appeared_while_nobody_ran_begins_with_its_oldest_record_and_is_told() {
    let (mut kafka, notes) = with_old_topic("news.old").await;
    kafka.start(kafka.app().listener(latest).state(notes.clone())).await.unwrap();
    kafka.settle().await;
    kafka.stop().await;
    kafka.create_topic("news.new", 2);
    for topic in ["news.old", "news.new"] {
        send(&kafka, topic, 0, "while nobody ran").await;
    }
    assert_eq!((notes.all(), found(&kafka)), (vec![], vec![]), "its first start begins with what comes from then on");
    // The other group is new: to it both are topics that were there before.
    let app = kafka.app().listener(latest).listener(of_another_group).state(notes.clone());
    kafka.start(app).await.unwrap();
    kafka.settle().await;
    let mut all = notes.all();
    all.sort();
    assert_eq!(all, ["latest news.new: while nobody ran", "latest news.old: while nobody ran"]);
    assert_eq!(found(&kafka), ["news.new for latest"]);
    kafka.stop().await;
    kafka.start(kafka.app().listener(latest).state(notes.clone())).await.unwrap();
    assert_eq!(found(&kafka).len(), 1, "it is known now, though nothing was written to its second partition");
}

#[tokio::test(start_paused = true)]
async fn a_pattern_that_is_new_to_its_group_begins_with_what_comes_from_now_on() {
    let (mut kafka, notes) = with_old_topic("news.old").await;
    kafka.create_topic("plain", 1);
    kafka.start(kafka.app().listener(named).state(notes.clone())).await.unwrap();
    kafka.settle().await;
    kafka.stop().await;
    kafka.start(kafka.app().listener(named).listener(latest).state(notes.clone())).await.unwrap();
    kafka.settle().await;
    assert_eq!((notes.all(), found(&kafka)), (vec![], vec![]));
}

#[tokio::test(start_paused = true)]
async fn with_latest_a_process_that_starts_beside_one_that_finds_a_topic_does_not_pass_over_its_records() {
    let (mut kafka, notes) = with_old_topic("news.old").await;
    kafka.start(kafka.app().listener(latest).state(notes.clone())).await.unwrap();
    kafka.advance(seconds(5)).await;
    kafka.create_topic("news.new", 2);
    for partition in 0..2 {
        send(&kafka, "news.new", partition, "first").await;
    }
    kafka.start(kafka.app().listener(latest).state(notes.clone())).await.unwrap();
    kafka.advance(seconds(11)).await;
    kafka.settle().await;
    assert_eq!(notes.all(), ["latest news.new: first"; 2]);
}

#[tokio::test(start_paused = true)]
async fn with_error_a_topic_that_is_seen_to_appear_needs_no_guess_and_one_that_was_not_is_refused() {
    let (mut kafka, notes) = with_old_topic("bill.old").await;
    kafka.cluster().set_committed("strict", "bill.old", 0, 0).unwrap();
    let app = |kafka: &TestKafka| kafka.app().listener(strict).state(notes.clone());
    kafka.start(app(&kafka)).await.unwrap();
    for topic in ["bill.new", "bill.empty"] {
        kafka.create_topic(topic, 1);
    }
    send(&kafka, "bill.new", 0, "first").await;
    kafka.advance(seconds(11)).await;
    kafka.settle().await;
    assert_eq!(notes.all(), ["strict bill.old: before everything", "strict bill.new: first"]);
    kafka.stop().await;

    kafka.start(app(&kafka)).await.unwrap();
    kafka.stop().await;
    kafka.create_topic("bill.unseen", 1);
    let error = app(&kafka).start().await.unwrap().failed().await.to_string();
    for part in [
        "the group `strict` has no committed offset for bill.unseen/0",
        "--group strict --topic bill.unseen:0 --reset-offsets",
    ] {
        assert!(error.contains(part), "{error}");
    }
}
