//! Several attributes on one function: it is as many listeners, each with settings of its own, and its DLT handler is for all of
//! them; so is one handler for several functions.

use kafka_listen::prelude::*;
use kafka_listen::testing::TestKafka;

use crate::support::{Notes, millis, send};

#[kafka_listener(topic = "slow", id = "slow", attempts = 3, backoff(delay = "1m"))]
#[kafka_listener(topic = "urgent", id = "urgent", attempts = 2, backoff(delay = 100))]
async fn both(
    #[header("x-tenant")] tenant: Option<&str>,
    topic: Topic,
    State(notes): State<Notes>,
) -> Result<(), String> {
    notes.add(format!("{topic} {}", tenant.unwrap_or("nobody")));
    Err("never".to_owned())
}

#[kafka_listener(topic = "third", attempts = 1)]
async fn third() -> Result<(), String> {
    Err("never".to_owned())
}

#[dlt_handler(both)]
#[dlt_handler(third)]
async fn is_dead(topic: Topic, origin: Origin, State(notes): State<Notes>) {
    notes.add(format!("{topic}, from {}", origin.topic));
}

#[tokio::test(start_paused = true)]
async fn a_function_with_two_attributes_is_two_listeners_and_its_dlt_handler_is_for_both() {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    for topic in ["slow", "urgent", "third"] {
        kafka.create_topic(topic, 1);
    }
    let instance = kafka.start(kafka.app().listener(both).listener(third).state(notes.clone())).await.unwrap();
    kafka.producer().to("slow").header("x-tenant", "acme").text("x").send().await.unwrap();
    send(&kafka, "urgent", 0, "x").await;
    kafka.advance(millis(200)).await;
    assert_eq!(notes.all(), ["slow acme", "urgent nobody", "urgent-retry nobody", "urgent-dlt, from urgent"]);
    kafka.pause(instance, "urgent").unwrap();
    send(&kafka, "urgent", 0, "y").await;
    send(&kafka, "third", 0, "x").await;
    kafka.advance(millis(120_000)).await;
    let rest = ["third-dlt, from third", "slow-retry acme", "slow-retry acme", "slow-dlt, from slow"];
    assert_eq!(notes.all().split_off(4), rest, "the other one of them is paused alone");
    kafka.resume(instance, "urgent").unwrap();
    kafka.settle().await;
}

#[kafka_listener(topic = "shared", group = "one", attempts = 1)]
#[kafka_listener(topic = "shared", group = "two", id = "two", attempts = 1)]
async fn in_two_groups(delivery: &Delivery<'_>, State(notes): State<Notes>) -> Result<(), String> {
    notes.add(delivery.group());
    Err("never".to_owned())
}

#[dlt_handler(in_two_groups)]
async fn in_two_groups_is_dead(delivery: &Delivery<'_>, State(notes): State<Notes>) {
    notes.add(format!("dead of {}", delivery.group()));
}

#[tokio::test(start_paused = true)]
async fn in_two_groups_each_has_every_record_and_its_own_dead_letters() {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    kafka.create_topic("shared", 1);
    kafka.start(kafka.app().listener(in_two_groups).state(notes.clone())).await.unwrap();
    send(&kafka, "shared", 0, "x").await;
    kafka.settle().await;
    let mut all = notes.all();
    all.sort();
    assert_eq!(all, ["dead of one", "dead of two", "one", "two"]);
}

#[kafka_listener(topic = "same")]
#[kafka_listener(topic = "same", id = "same_again")]
async fn same_topic() {}

#[kafka_listener(topic = "id", id = "${ID:same}")]
#[kafka_listener(topic = "id2", id = "same")]
async fn same_id() {}

#[tokio::test]
async fn two_listeners_of_one_function_that_cannot_live_together_are_told_with_both_places() {
    let kafka = TestKafka::new();
    let error = kafka.app().listener(same_topic).listener(same_id).start().await.unwrap_err().to_string();
    assert!(error.contains("both have the topic `same` in the group `test`"), "{error}");
    assert!(error.contains("both have the id `same`: give one of them another"), "{error}");
    let mut places: Vec<_> = error.match_indices("several_attributes.rs:").map(|(at, _)| &error[at..at + 25]).collect();
    places.dedup();
    assert_eq!(places.len(), 4, "each attribute has a place of its own: {error}");
}
