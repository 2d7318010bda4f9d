//! A listener of all topics whose names match: those that there are, and those that come and go while it runs.

use std::collections::BTreeSet;

use kafka_listen::prelude::*;
use kafka_listen::testing::TestKafka;
use kafka_listen::{Event, Topic};

use crate::support::{Notes, failed, millis, seconds, send};

#[kafka_listener(topic_pattern = r"^mail\.", group = "mail", attempts = 3, backoff(delay = 1000, multiplier = 2))]
pub async fn mail(text: &str, topic: Topic, attempt: Attempt, State(notes): State<Notes>) -> Result<(), String> {
    notes.add(format!("{}: {text} {}", &*topic, attempt.number));
    if text == "bad" { Err("no".to_owned()) } else { Ok(()) }
}

#[dlt_handler(mail)]
async fn mail_is_dead(text: &str, topic: Topic, State(notes): State<Notes>) {
    notes.add(format!("{}: {text} is dead", &*topic));
}

async fn started(kafka: &mut TestKafka) -> Notes {
    let notes = Notes::default();
    kafka.start(kafka.app().listener(mail).state(notes.clone())).await.unwrap();
    notes
}

pub fn topics(kafka: &TestKafka, such: impl Fn(&Event) -> Option<String>) -> Vec<String> {
    kafka.events().iter().filter_map(such).collect()
}

pub fn found(kafka: &TestKafka) -> Vec<String> {
    topics(kafka, |event| match event {
        Event::TopicFound { topic, listener } => Some(format!("{topic} for {listener}")),
        _ => None,
    })
}

pub fn refused(kafka: &TestKafka) -> Vec<String> {
    topics(kafka, |event| match event {
        Event::TopicRefused { topic, message, .. } => Some(format!("{topic}: {message}")),
        _ => None,
    })
}

fn sources_read(kafka: &TestKafka, group: &str) -> BTreeSet<String> {
    let members = kafka.cluster().members(group);
    members.iter().flat_map(|member| &member.partitions).map(|of| of.topic.to_string()).collect()
}

#[tokio::test(start_paused = true)]
async fn each_topic_that_matches_has_a_chain_of_its_own() {
    let mut kafka = TestKafka::new();
    for (topic, partitions) in [("mail.send", 1), ("mail.bulk", 3), ("old-mail.x", 1), ("mailbox", 1)] {
        kafka.create_topic(topic, partitions);
    }
    let notes = started(&mut kafka).await;
    assert_eq!(kafka.cluster().partitions("mail.bulk-retry-2000"), Some(3), "as many as its own source");
    for topic in ["mail.send", "mail.bulk", "old-mail.x", "mailbox"] {
        send(&kafka, topic, 0, "bad").await;
    }
    kafka.settle().await;
    for topic in ["mail.send", "mail.bulk"] {
        let its: Vec<_> = notes.all().into_iter().filter(|note| note.starts_with(topic)).collect();
        let on = ["", "-retry-1000", "-retry-2000", "-dlt"].map(|suffix| format!("{topic}{suffix}: bad"));
        assert_eq!(
            its,
            [format!("{} 1", on[0]), format!("{} 2", on[1]), format!("{} 3", on[2]), format!("{} is dead", on[3])]
        );
    }
    assert_eq!(notes.all().len(), 8, "{:?}", notes.all());
    assert_eq!(kafka.dead_letters("mail.bulk").len(), 1);
}

/// Of this version or another one, of topics that are there or not, or the broker's own.
#[tokio::test(start_paused = true)]
async fn a_pattern_matches_no_topic_of_a_chain_and_none_of_the_brokers_own() {
    let mut kafka = TestKafka::new();
    kafka.create_topic("mail.send", 1);
    let others = [
        "mail.send-retry-77",
        "mail.gone-retry",
        "mail.send-spam-dlt",
        "mail.gone-retry-0",
        "mail.gone-dlt",
        "__mail.x",
    ];
    others.iter().for_each(|topic| kafka.create_topic(topic, 1));
    let notes = Notes::default();
    kafka.start(kafka.app().listener(everything).state(notes.clone())).await.unwrap();
    kafka.advance(seconds(25)).await;
    assert_eq!(
        sources_read(&kafka, "every"),
        BTreeSet::from(["mail.send".to_owned()]),
        "now, and with its own chain there"
    );
    assert_eq!(found(&kafka), [""; 0]);
    for topic in others {
        send(&kafka, topic, 0, "x").await;
    }
    send(&kafka, "mail.send", 0, "y").await;
    kafka.settle().await;
    assert_eq!(notes.all(), ["mail.send: y"]);
}

#[kafka_listener(topic_pattern = "^.", group = "every", attempts = 2)]
async fn everything(text: &str, topic: Topic, State(notes): State<Notes>) {
    notes.add(format!("{}: {text}", &*topic));
}

#[tokio::test(start_paused = true)]
async fn a_topic_that_appears_is_read_within_ten_seconds_from_its_beginning_and_the_others_go_on() {
    let mut kafka = TestKafka::new();
    kafka.create_topic("mail.old", 2);
    let notes = started(&mut kafka).await;
    for number in 0..30 {
        kafka.advance(seconds(1)).await;
        send(&kafka, "mail.old", number % 2, &number.to_string()).await;
        if number == 3 {
            kafka.create_topic("mail.new", 3);
            send(&kafka, "mail.new", 2, "first").await;
            send(&kafka, "mail.new", 0, "bad").await;
        }
    }
    kafka.settle().await;
    let all = notes.all();
    let old: Vec<_> = (0..30).map(|number| format!("mail.old: {number} 1")).collect();
    assert_eq!(all.iter().filter(|note| note.starts_with("mail.old")).cloned().collect::<Vec<_>>(), old, "each once");
    let new: BTreeSet<_> = all.iter().filter(|note| note.starts_with("mail.new")).map(String::as_str).collect();
    let expected = [
        "mail.new: first 1",
        "mail.new: bad 1",
        "mail.new-retry-1000: bad 2",
        "mail.new-retry-2000: bad 3",
        "mail.new-dlt: bad is dead",
    ];
    assert_eq!(new, BTreeSet::from(expected));
    assert_eq!(found(&kafka), ["mail.new for mail"]);
    assert!(!kafka.events().iter().any(|event| matches!(event, Event::Revoked { .. })), "nobody was disturbed");
    let first = kafka.deliveries().into_iter().find(|it| it.topic == "mail.new").unwrap().at;
    assert!(first <= millis(10_001), "{first:?}");
    assert_eq!(kafka.cluster().partitions("mail.new-retry-1000"), Some(3));
    assert!(kafka.dead_letters("mail.new").len() == 1 && failed(&kafka).len() == 3);
}

#[kafka_listener(topic_pattern = "^news", group = "latest", offset_reset = "latest", attempts = 1)]
async fn latest(text: &str, State(notes): State<Notes>) {
    notes.add(text);
}

#[tokio::test(start_paused = true)]
async fn with_latest_too_a_topic_that_appears_later_begins_with_its_oldest_record() {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    kafka.create_topic("news.old", 1);
    send(&kafka, "news.old", 0, "skipped").await;
    kafka.start(kafka.app().listener(latest).state(notes.clone())).await.unwrap();
    kafka.create_topic("news.new", 1);
    send(&kafka, "news.new", 0, "first").await;
    kafka.advance(seconds(11)).await;
    kafka.settle().await;
    assert_eq!(notes.all(), ["first"]);
}

#[tokio::test(start_paused = true)]
async fn a_pattern_that_matches_nothing_yet_waits_and_says_so() {
    let mut kafka = TestKafka::new();
    let notes = Notes::default();
    let mut handle = kafka.app().listener(mail).state(notes.clone()).start().await.unwrap();
    handle.ready().await.unwrap();
    let plan = handle.plan().to_string();
    assert!(plan.contains(r"topics that match `^mail\.`, now and later: none yet"), "{plan}");
    handle.stop().await;

    let notes = started(&mut kafka).await;
    kafka.advance(seconds(60)).await;
    kafka.create_topic("mail.first", 1);
    send(&kafka, "mail.first", 0, "bad").await;
    kafka.advance(seconds(11)).await;
    kafka.settle().await;
    let after = ["-retry-1000: bad 2", "-retry-2000: bad 3", "-dlt: bad is dead"];
    assert_eq!(
        notes.all(),
        [vec!["mail.first: bad 1".to_owned()], after.map(|it| format!("mail.first{it}")).into()].concat()
    );
    assert_eq!(found(&kafka), ["mail.first for mail"]);
}

#[tokio::test(start_paused = true)]
async fn two_processes_share_a_topic_that_appears() {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    kafka.create_topic("mail.old", 2);
    let app = || kafka.app().listener(mail).state(notes.clone());
    let (one, two) = (app(), app());
    kafka.start(one).await.unwrap();
    kafka.advance(seconds(4)).await;
    kafka.start(two).await.unwrap();
    kafka.create_topic("mail.new", 4);
    for partition in 0..4 {
        send(&kafka, "mail.new", partition, "before").await;
    }
    kafka.advance(seconds(30)).await;
    for partition in 0..4 {
        send(&kafka, "mail.new", partition, "after").await;
    }
    kafka.settle().await;
    let mut all = notes.all();
    all.sort();
    assert_eq!(all, [vec!["mail.new: after 1"; 4], vec!["mail.new: before 1"; 4]].concat(), "each record once");
    let held: Vec<_> = kafka.cluster().members("mail").iter().map(|member| member.partitions.len()).collect();
    assert_eq!(held, [3, 3]);
}

#[tokio::test(start_paused = true)]
async fn a_topic_that_goes_is_told_and_read_again_when_it_is_back() {
    let mut kafka = TestKafka::new();
    kafka.create_topic("mail.stays", 1);
    kafka.create_topic("mail.goes", 1);
    let notes = started(&mut kafka).await;
    send(&kafka, "mail.goes", 0, "one").await;
    kafka.settle().await;
    kafka.cluster().delete_topic("mail.goes");
    kafka.advance(seconds(11)).await;
    let gone = |kafka: &TestKafka| {
        topics(kafka, |event| match event {
            Event::TopicGone { topic, .. } => Some(topic.to_string()),
            _ => None,
        })
    };
    assert_eq!(gone(&kafka), ["mail.goes"]);
    kafka.create_topic("mail.goes", 1);
    send(&kafka, "mail.goes", 0, "bad").await;
    send(&kafka, "mail.stays", 0, "two").await;
    kafka.advance(seconds(11)).await;
    kafka.settle().await;
    let expected = ["mail.goes: one 1", "mail.stays: two 1", "mail.goes: bad 1", "mail.goes-retry-1000: bad 2"];
    assert_eq!(notes.all()[..4], expected);
    assert_eq!((gone(&kafka).len(), found(&kafka)), (1, vec!["mail.goes for mail".to_owned()]));
}

#[tokio::test(start_paused = true)]
async fn while_the_cluster_cannot_be_asked_nothing_is_given_up() {
    let mut kafka = TestKafka::new();
    kafka.create_topic("mail.old", 1);
    let notes = started(&mut kafka).await;
    kafka.cluster().set_reachable(false);
    kafka.advance(seconds(35)).await;
    kafka.cluster().set_reachable(true);
    kafka.create_topic("mail.new", 1);
    for topic in ["mail.old", "mail.new"] {
        send(&kafka, topic, 0, "x").await;
    }
    kafka.advance(seconds(11)).await;
    kafka.settle().await;
    assert_eq!(notes.all(), ["mail.old: x 1", "mail.new: x 1"]);
}

/// What start-up says, without the places of the listeners.
pub async fn said(app: App) -> String {
    let error = app.start().await.expect_err("it must not start").to_string();
    let mut parts = error.split("tests/tests/listening/");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |said, part| said + part.trim_start_matches(|c| c != ')'))
}

#[kafka_listener(topic_pattern = "${PATTERN}", attempts = 2, retry_suffix = "${RETRY:-retry}")]
async fn by_placeholder(_: &str) {}

#[tokio::test(start_paused = true)]
async fn a_pattern_that_cannot_be_is_a_start_up_error() {
    let kafka = TestKafka::new();
    let with = |pattern: &str| kafka.app().listener(by_placeholder).property("PATTERN", pattern);
    for (pattern, says) in [
        ("^(a", "\"^(a\" is no regular expression"),
        ("a", "\"a\" does not begin with `^`, where names of topics begin"),
        ("", "is empty"),
    ] {
        let said = said(with(pattern)).await;
        assert!(said.contains("`topic_pattern`") && said.contains(says), "{pattern}: {said}");
    }
    let suffix = said(with("^a").property("RETRY", "x".repeat(249))).await;
    assert!(suffix.contains("the chain of `topic`: the topic name `topicxxx"), "{suffix}");
}
