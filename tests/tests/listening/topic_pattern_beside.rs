//! Topics that the patterns of several listeners match, and those whose chains cannot be had: who reads them, who does not.

use kafka_listen::prelude::*;
use kafka_listen::testing::TestKafka;
use kafka_listen::{Event, Topic};

use crate::support::{Notes, seconds, send};
use crate::topic_pattern::{found, mail, refused, said, topics};

#[kafka_listener(topic_pattern = r"^(mail|chat)\.", group = "mail", id = "second", attempts = 1)]
async fn second(text: &str, topic: Topic, State(notes): State<Notes>) {
    notes.add(format!("second {}: {text}", &*topic));
}

#[kafka_listener(topic = "mail.send", group = "mail", attempts = 1)]
async fn by_name(_: &str) {}

#[tokio::test(start_paused = true)]
async fn two_listeners_of_one_group_that_would_read_one_topic_are_refused() {
    let kafka = TestKafka::new();
    let named = said(kafka.app().listener(mail).listener(by_name).state(Notes::default())).await;
    let both = "mail () and by_name () both have the topic `mail.send` in the group `mail`: two listeners of one group \
                would share its records between them: give one of them another group";
    assert!(named.contains(both) && named.starts_with("the application cannot start"), "{named}");
    kafka.create_topic("mail.send", 1);
    let matched = said(kafka.app().listener(mail).listener(second).state(Notes::default())).await;
    assert!(matched.contains(&both.replace("by_name", "second")), "{matched}");
    assert!(matched.starts_with("the application's topics cannot be used"), "{matched}");
}

#[tokio::test(start_paused = true)]
async fn a_topic_that_appears_and_two_of_one_group_match_is_read_by_neither_and_told_once() {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    kafka.create_topic("chat.old", 1);
    kafka.start(kafka.app().listener(mail).listener(second).state(notes.clone())).await.unwrap();
    kafka.create_topic("mail.both", 1);
    kafka.create_topic("chat.new", 1);
    for topic in ["mail.both", "chat.new", "chat.old"] {
        send(&kafka, topic, 0, "x").await;
    }
    kafka.advance(seconds(60)).await;
    assert_eq!(notes.all(), ["second chat.old: x", "second chat.new: x"]);
    let told = refused(&kafka);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].starts_with("mail.both: ") && told[0].contains("both have the topic `mail.both`"), "{told:?}");
    assert_eq!(found(&kafka), ["chat.new for second"]);
    assert_eq!(kafka.cluster().topics().iter().filter(|topic| topic.starts_with("mail.both-")).count(), 0);
    kafka.stop().await;
    let error = said(kafka.app().listener(mail).listener(second).state(Notes::default())).await;
    assert!(error.contains("both have the topic `mail.both`"), "{error}");
}

#[kafka_listener(topic_pattern = r"^mail\.", group = "other", attempts = 1)]
async fn of_another_group(text: &str, State(notes): State<Notes>) {
    notes.add(format!("other {text}"));
}

#[tokio::test(start_paused = true)]
async fn listeners_of_two_groups_both_read_what_matches() {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    kafka.start(kafka.app().listener(mail).listener(of_another_group).state(notes.clone())).await.unwrap();
    kafka.create_topic("mail.new", 1);
    send(&kafka, "mail.new", 0, "x").await;
    kafka.advance(seconds(11)).await;
    kafka.settle().await;
    let mut all = notes.all();
    all.sort();
    assert_eq!(all, ["mail.new: x 1", "other x"]);
    assert_eq!(found(&kafka), ["mail.new for mail", "mail.new for of_another_group"]);
}

#[tokio::test(start_paused = true)]
async fn a_topic_that_two_of_one_group_match_is_read_by_the_listener_of_another_group() {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    let app = kafka.app().listener(mail).listener(second).listener(of_another_group).state(notes.clone());
    kafka.start(app).await.unwrap();
    kafka.create_topic("mail.both", 1);
    kafka.create_topic("chat.new", 1);
    for topic in ["mail.both", "chat.new"] {
        send(&kafka, topic, 0, "x").await;
    }
    kafka.advance(seconds(60)).await;
    let mut all = notes.all();
    all.sort();
    assert_eq!(all, ["other x", "second chat.new: x"]);
    assert_eq!(found(&kafka), ["chat.new for second", "mail.both for of_another_group"]);
    let listeners = topics(&kafka, |event| match event {
        Event::TopicRefused { listeners, .. } => Some(listeners.join(" and ")),
        _ => None,
    });
    assert_eq!(listeners, ["mail and second"], "once");
    assert!(kafka.cluster().topics().contains(&"mail.both-dlt".to_owned()));
}

#[kafka_listener(topic_pattern = "^mail", group = "waits", attempts = 2, retry_suffix = "-other", dlt_suffix = "-dead")]
async fn calls_dead_what_another_retries(_: &str) {}

#[kafka_listener(
    topic_pattern = "^mail",
    group = "retries",
    attempts = 2,
    retry_suffix = "-dead",
    dlt_suffix = "-done"
)]
async fn retries_what_another_calls_dead(_: &str) {}

#[tokio::test(start_paused = true)]
async fn of_groups_whose_chains_would_meet_none_reads_the_topic_and_a_third_does() {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    let app = kafka.app().listener(calls_dead_what_another_retries).listener(retries_what_another_calls_dead);
    kafka.start(app.listener(mail).state(notes.clone())).await.unwrap();
    kafka.create_topic("mail.new", 1);
    send(&kafka, "mail.new", 0, "x").await;
    kafka.advance(seconds(25)).await;
    assert_eq!((notes.all(), found(&kafka)), (vec!["mail.new: x 1".to_owned()], vec!["mail.new for mail".to_owned()]));
    let told = refused(&kafka);
    assert!(told[0].contains("has the topic `mail.new-dead` as the DLT of `mail.new`"), "{told:?}");
    assert_eq!(told, [told[0].clone(), told[0].clone()], "of each group once");
}

#[kafka_listener(topic_pattern = "^own", group = "own", attempts = 2, auto_create = false)]
async fn creates_nothing(text: &str, topic: Topic, State(notes): State<Notes>) {
    notes.add(format!("{}: {text}", &*topic));
}

#[tokio::test(start_paused = true)]
async fn a_topic_whose_chain_cannot_be_had_is_told_and_read_once_it_can() {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    kafka.start(kafka.app().listener(creates_nothing).state(notes.clone())).await.unwrap();
    kafka.create_topic("own.a", 1);
    for topic in ["own.b", "own.b-retry", "own.b-dlt"] {
        kafka.create_topic(topic, 1);
    }
    for topic in ["own.a", "own.b"] {
        send(&kafka, topic, 0, "x").await;
    }
    kafka.advance(seconds(25)).await;
    assert_eq!(notes.all(), ["own.b: x"], "one does not hold up the other");
    let told = refused(&kafka);
    assert!(told.len() == 1 && told[0].contains("the chain topic `own.a-retry` does not exist"), "{told:?}");
    for topic in ["own.a-retry", "own.a-dlt"] {
        kafka.create_topic(topic, 1);
    }
    kafka.advance(seconds(11)).await;
    kafka.settle().await;
    assert_eq!(notes.all(), ["own.b: x", "own.a: x"]);
}

#[kafka_listener(topic_pattern = "^own", group = "creates", attempts = 1)]
async fn creates(State(notes): State<Notes>) {
    notes.add("in the other group");
}

#[tokio::test(start_paused = true)]
async fn a_topic_whose_chain_one_group_cannot_have_is_read_by_another_that_can() {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    kafka.start(kafka.app().listener(creates).listener(creates_nothing).state(notes.clone())).await.unwrap();
    kafka.create_topic("own.a", 1);
    send(&kafka, "own.a", 0, "x").await;
    kafka.advance(seconds(25)).await;
    assert_eq!((notes.all().concat(), refused(&kafka).len()), ("in the other group".to_owned(), 1));
    kafka.create_topic("own.a-retry", 1);
    kafka.advance(seconds(11)).await;
    kafka.settle().await;
    assert_eq!(notes.all(), ["in the other group", "own.a: x"]);
    assert_eq!(found(&kafka), ["own.a for creates", "own.a for creates_nothing"]);
}

#[kafka_listener(topic_pattern = "^src", group = "src", attempts = 1, dlt_suffix = ".dead")]
async fn dies(_: &str) -> Result<(), String> {
    Err("never".to_owned())
}

#[kafka_listener(topic = "src.a.dead", group = "watch", attempts = 2)]
async fn watches(attempt: Attempt, origin: Origin, State(notes): State<Notes>) -> Result<(), String> {
    notes.add(format!("{} of {} at {}", attempt.number, &*origin.topic, attempt.in_place));
    if attempt.in_place < 3 { Err("Slack is down".to_owned()) } else { Ok(()) }
}

#[tokio::test(start_paused = true)]
async fn a_plain_listener_on_the_dlt_of_a_topic_that_matches_reads_dead_letters() {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    kafka.create_topic("src.a", 1);
    kafka.start(kafka.app().listener(dies).listener(watches).state(notes.clone())).await.unwrap();
    send(&kafka, "src.a", 0, "x").await;
    kafka.settle().await;
    assert_eq!(notes.all(), ["1 of src.a at 1", "2 of src.a at 1", "2 of src.a at 2", "2 of src.a at 3"]);
    assert_eq!(kafka.cluster().topics(), ["src.a", "src.a.dead", "src.a.dead-retry"], "no DLT of a DLT");
}
