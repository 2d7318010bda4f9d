//! The consumer groups of a chain: one for each role, or Spring's, one for each suffix.

use std::collections::BTreeMap;

use kafka_listen::prelude::*;
use kafka_listen::testing::TestKafka;
use kafka_listen::{Event, Topic};

use crate::support::{Notes, raw, send};

#[kafka_listener(
    topics("mail.a", "mail.b"),
    group = "email",
    attempts = 3,
    backoff(delay = 1000, multiplier = 2),
    dlt_suffix = ".dlt",
    group_naming = "per-topic"
)]
async fn as_spring(text: &str, topic: Topic, State(notes): State<Notes>) -> Result<(), String> {
    notes.add(format!("{}: {text}", &*topic));
    if text == "bad" { Err("no".to_owned()) } else { Ok(()) }
}

#[dlt_handler(as_spring)]
async fn dead_as_spring(text: &str, topic: Topic, State(notes): State<Notes>) {
    notes.add(format!("{}: {text}", &*topic));
}

async fn running() -> (TestKafka, Notes) {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    for topic in ["mail.a", "mail.b"] {
        kafka.create_topic(topic, 2);
    }
    kafka.start(kafka.app().listener(as_spring).state(notes.clone())).await.unwrap();
    (kafka, notes)
}

/// The topics that each group reads.
fn groups(kafka: &TestKafka, names: &[&str]) -> BTreeMap<String, Vec<String>> {
    let topics = |group: &&str| {
        let members = kafka.cluster().members(group);
        assert_eq!(members.len(), 1, "{group}");
        let mut topics: Vec<_> = members[0].partitions.iter().map(|of| of.topic.to_string()).collect();
        topics.dedup();
        ((*group).to_owned(), topics)
    };
    names.iter().map(topics).collect()
}

#[tokio::test(start_paused = true)]
async fn per_topic_there_is_one_group_for_each_suffix_whatever_the_number_of_topics() {
    let (kafka, notes) = running().await;
    let names = ["email", "email-retry-1000", "email-retry-2000", "email.dlt"];
    let read = groups(&kafka, &names);
    for (group, suffix) in names.iter().zip(["", "-retry-1000", "-retry-2000", ".dlt"]) {
        assert_eq!(read[*group], [format!("mail.a{suffix}"), format!("mail.b{suffix}")], "{group}");
    }
    for group in ["email-retry", "email-dlt"] {
        assert!(kafka.cluster().members(group).is_empty(), "{group}");
    }
    for topic in ["mail.a", "mail.b"] {
        send(&kafka, topic, 1, "bad").await;
    }
    kafka.settle().await;
    assert_eq!(notes.all().len(), 8, "{:?}", notes.all());
    assert_eq!(notes.all().last().unwrap(), "mail.b.dlt: bad");
}

/// Spring's record is taken over, whatever group of its own stands in it; a stranger's is not.
#[tokio::test(start_paused = true)]
async fn whose_a_record_is_does_not_depend_on_how_groups_are_called() {
    let (kafka, notes) = running().await;
    let group = "kafka_dlt-original-consumer-group".as_bytes();
    let of = [
        (Some("email"), "main"),
        (Some("email-retry-1000"), "born in the topic before"),
        (Some("email-retry-2000"), "born here"),
        (None, "nobody's"),
        (Some("email-retry"), "by role, as no group is called here"),
        (Some("stranger"), "a stranger's"),
        (Some("stranger-retry-2000"), "a stranger's, too"),
    ];
    for (name, text) in of {
        let headers: Vec<_> = name.iter().map(|name| (group, Some(name.as_bytes()))).collect();
        kafka.cluster().produce(raw("mail.a-retry-2000", 0, Some(text.as_bytes()), &headers)).unwrap();
    }
    kafka.settle().await;
    let ours = ["main", "born in the topic before", "born here", "nobody's"];
    assert_eq!(notes.all(), ours.map(|text| format!("mail.a-retry-2000: {text}")));
    let foreign = kafka.events().iter().filter(|event| matches!(event, Event::OtherGroup { .. })).count();
    assert_eq!(foreign, 3);
}

/// What fails is written under the main group's name, by which either way of naming knows it again.
#[tokio::test(start_paused = true)]
async fn a_chain_begun_with_one_naming_is_gone_on_with_by_the_other() {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    for topic in ["mail.a", "mail.b"] {
        kafka.create_topic(topic, 1);
    }
    let instance = kafka.start(kafka.app().listener(as_spring).state(notes.clone())).await.unwrap();
    send(&kafka, "mail.a", 0, "bad").await;
    kafka.advance(crate::support::millis(500)).await;
    kafka.stop_one(instance).await;
    kafka.start(kafka.app().listener(by_role).state(notes.clone())).await.unwrap();
    kafka.settle().await;
    let passed = ["mail.a: bad", "role mail.a-retry-1000: bad", "role mail.a-retry-2000: bad"];
    assert_eq!(notes.all(), passed);
    assert_eq!(kafka.dead_letters("mail.a").len(), 1);
}

#[kafka_listener(
    topics("mail.a", "mail.b"),
    group = "email",
    attempts = 3,
    backoff(delay = 1000, multiplier = 2),
    dlt_suffix = ".dlt"
)]
async fn by_role(text: &str, topic: Topic, State(notes): State<Notes>) -> Result<(), String> {
    notes.add(format!("role {}: {text}", &*topic));
    Err("no".to_owned())
}

macro_rules! listener {
    ($name:ident: $($arguments:tt)*) => {
        #[kafka_listener($($arguments)*)]
        async fn $name() {}
    };
}
listener!(one: topic = "t", group = "g", attempts = 2, group_naming = "per-topic");
listener!(other: topic = "u", group = "g", attempts = 2);
listener!(called_as_a_group_of_retries: topic = "u", group = "g-retry");
listener!(retries_like_dead_letters: topic = "v", group = "g", attempts = 2, retry_suffix = "-x", group_naming = "per-topic");
listener!(dead_letters_like_retries: topic = "w", group = "g", attempts = 1, dlt_suffix = "-x", group_naming = "per-topic");
listener!(by_placeholder: topic = "t", group = "g", attempts = 2, group_naming = "${NAMING}");

#[dlt_handler(dead_letters_like_retries)]
async fn reads_dead_letters() {}

async fn refused(app: App) -> Vec<String> {
    let error = app.start().await.expect_err("it must not start").to_string();
    let places = error.split("tests/tests/listening/group_naming.rs:");
    let text: String = places.map(|part| part.trim_start_matches(|c: char| c.is_ascii_digit())).collect();
    text.lines().skip(1).map(|line| line.trim_start_matches("  - ").to_owned()).collect()
}

#[tokio::test(start_paused = true)]
async fn listeners_of_one_group_that_contradict_each_other_are_refused() {
    let kafka = TestKafka::new();
    let said = refused(kafka.app().listener(one).listener(other)).await;
    let expected = "one () and other () of the group `g` name the groups of their chains in different ways: give both the \
                    same `group_naming`, or one of them another group";
    assert_eq!(said, [expected]);
    let said = refused(kafka.app().listener(one).listener(called_as_a_group_of_retries)).await;
    let expected = "the group `g-retry` of called_as_a_group_of_retries () is the one that reads the retries of one (): \
                    give one of them another group";
    assert_eq!(said, [expected]);
    let said = refused(kafka.app().listener(retries_like_dead_letters).listener(dead_letters_like_retries)).await;
    let expected = "the group `g-x` would read the retries of retries_like_dead_letters () and the dead letters of \
                    dead_letters_like_retries (): give one of them another group or another suffix";
    assert_eq!(said, [expected]);
    let said = refused(kafka.app().listener(by_placeholder).property("NAMING", "spring")).await;
    let says = "\"spring\" is no way to name groups: write `role` or `per-topic`";
    assert!(said.len() == 1 && said[0].contains("`group_naming`") && said[0].ends_with(says), "{said:?}");
}
