//! A listener that says nothing of retries: ten deliveries in place without a pause, then the dead-letter topic.

use kafka_listen::prelude::*;
use kafka_listen::testing::TestKafka;

use crate::support::{Notes, run, send};

#[kafka_listener(topic = "t")]
async fn plain(text: &str, attempt: Attempt, State(notes): State<Notes>) -> Result<(), String> {
    let in_place = format!("{} of {}", attempt.in_place, attempt.in_place_of);
    notes.add(format!("{text}: {} of {}, {in_place}, last: {}", attempt.number, attempt.of, attempt.is_last()));
    if text == "fail" { Err("never".to_owned()) } else { Ok(()) }
}

#[tokio::test(start_paused = true)]
async fn ten_tries_at_once_then_the_dlt_and_the_next_record_waits_for_them() {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    kafka.create_topic("t", 1);
    for text in ["fail", "ok"] {
        send(&kafka, "t", 0, text).await;
    }
    kafka.start(kafka.app().listener(plain).state(notes.clone())).await.unwrap();
    kafka.settle().await;
    let mut expected: Vec<_> = (1..=10).map(|n| format!("fail: 1 of 1, {n} of 10, last: {}", n == 10)).collect();
    expected.push("ok: 1 of 1, 1 of 10, last: false".to_owned());
    assert_eq!(notes.all(), expected, "in order: blocking retries keep it");
    assert!(kafka.deliveries().iter().all(|it| it.at.is_zero()), "without a pause");
    assert_eq!(kafka.cluster().topics(), ["t", "t-dlt"]);
    assert_eq!(kafka.dead_letters("t").len(), 1);
    assert_eq!(kafka.lag("test", "t"), 0);
}

#[kafka_listener(topic = "t")]
async fn on_the_third(State(notes): State<Notes>, attempt: Attempt) -> Result<(), String> {
    notes.add(attempt.in_place.to_string());
    if attempt.in_place < 3 { Err("not yet".to_owned()) } else { Ok(()) }
}

#[tokio::test(start_paused = true)]
async fn a_try_that_succeeds_ends_it() {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    kafka.create_topic("t", 1);
    kafka.start(kafka.app().listener(on_the_third).state(notes.clone())).await.unwrap();
    send(&kafka, "t", 0, "x").await;
    kafka.settle().await;
    assert_eq!(notes.all(), ["1", "2", "3"]);
    assert!(kafka.dead_letters("t").is_empty());
}

#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error("the disk is full")]
    Full,
    #[error("no connection")]
    Unreachable,
    #[error("no such user")]
    NoSuchUser,
}

#[kafka_listener(topic = "t", blocking(attempts = 4), fatal(Trouble::NoSuchUser))]
async fn by_turns(text: &str, attempt: Attempt, State(notes): State<Notes>) -> Result<(), Trouble> {
    notes.add(format!("{text} {}", attempt.in_place));
    Err(match attempt.in_place {
        3 if text == "known later" => Trouble::NoSuchUser,
        number if number.is_multiple_of(2) => Trouble::Full,
        _ => Trouble::Unreachable,
    })
}

#[tokio::test(start_paused = true)]
async fn each_error_is_judged_by_itself_and_the_tries_are_counted_whatever_the_error() {
    let (kafka, notes) = run(|app| app.listener(by_turns), &["known later", "by turns"]).await;
    let tries = |text: &str, most| (1..=most).map(|number| format!("{text} {number}")).collect::<Vec<_>>();
    assert_eq!(notes, [tries("known later", 3), tries("by turns", 4)].concat());
    assert_eq!(kafka.dead_letters("t").len(), 2);
}

#[kafka_listener(topic = "t", order = "key")]
async fn by_key(text: &str, State(notes): State<Notes>) -> Result<(), String> {
    notes.add(text);
    if text.starts_with("fail") { Err("never".to_owned()) } else { Ok(()) }
}

#[tokio::test(start_paused = true)]
async fn other_keys_go_on_meanwhile() {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    kafka.create_topic("t", 1);
    for (key, text) in [("a", "fail"), ("a", "a2"), ("b", "b1"), ("b", "b2")] {
        kafka.producer().to("t").key(key).text(text).send().await.unwrap();
    }
    kafka.start(kafka.app().listener(by_key).state(notes.clone())).await.unwrap();
    kafka.settle().await;
    let seen = notes.all();
    let place = |text: &str| seen.iter().rposition(|it| it == text).unwrap();
    assert!(place("b2") < place("fail"), "{seen:?}");
    assert!(place("fail") < place("a2"), "{seen:?}");
}
