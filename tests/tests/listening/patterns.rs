//! `retry_on`, `fatal`, `blocking(retry_on(…))`: which errors are tried again, and where.

use std::error::Error;
use std::io;

use kafka_listen::prelude::*;
use kafka_listen::testing::TestKafka;

use crate::support::{Notes, header, run, seconds, send, times};

#[derive(Debug, thiserror::Error)]
enum SendError {
    #[error("bad address")]
    BadAddress,
    #[error("status {code}")]
    Http { code: u16 },
    #[error("no connection")]
    Io(#[from] io::Error),
}

fn sent(text: &str) -> Result<(), SendError> {
    match text {
        "nobody" => Err(SendError::BadAddress),
        "unplugged" => Err(SendError::Io(io::Error::other("unplugged"))),
        text => match text.parse() {
            Ok(code) => Err(SendError::Http { code }),
            Err(_) => panic!("cannot send {text}"),
        },
    }
}

/// What a listener made of each of these, alone: how many deliveries and tries until it was dead.
async fn fates(app: impl Fn(App) -> App, texts: &[&str]) -> Vec<usize> {
    let (kafka, notes) = run(app, texts).await;
    assert_eq!(kafka.dead_letters("t").len(), texts.len(), "nothing is lost");
    texts.iter().map(|text| notes.iter().filter(|it| it == text).count()).collect()
}

#[kafka_listener(topic = "t", attempts = 3, fatal(SendError::BadAddress | SendError::Http { code: 400..=499 }))]
async fn fatal(text: &str, State(notes): State<Notes>) -> Result<(), SendError> {
    notes.add(text);
    sent(text)
}

#[tokio::test(start_paused = true)]
async fn a_fatal_error_is_tried_no_more_and_every_other_is_a_panic_too() {
    let seen = fates(|app| app.listener(fatal), &["nobody", "404", "503", "unplugged", "panic"]).await;
    assert_eq!(seen, [1, 1, 3, 3, 3]);
}

#[kafka_listener(topic = "t", attempts = 3, retry_on(SendError::Http { code } if *code >= 500))]
async fn retry_on(text: &str, State(notes): State<Notes>) -> Result<(), SendError> {
    notes.add(text);
    sent(text)
}

#[tokio::test(start_paused = true)]
async fn what_retry_on_does_not_match_is_tried_no_more_and_a_panic_is_no_error() {
    let seen = fates(|app| app.listener(retry_on), &["nobody", "404", "503", "unplugged", "panic"]).await;
    assert_eq!(seen, [1, 1, 3, 1, 3]);
}

#[kafka_listener(topic = "t", attempts = 3, retry_on(error if error.is::<io::Error>()))]
async fn boxed(text: &str, State(notes): State<Notes>) -> Result<(), Box<dyn Error + Send + Sync>> {
    notes.add(text);
    if text == "unplugged" { Err(io::Error::other(text).into()) } else { Err(text.into()) }
}

#[kafka_listener(topic = "t", fatal(text if text.contains("no such user")))]
fn text(text: &str, State(notes): State<Notes>) -> Result<(), String> {
    notes.add(text);
    Err(text.to_owned())
}

#[tokio::test(start_paused = true)]
async fn errors_without_a_type_of_their_own_are_told_apart_by_a_guard() {
    assert_eq!(fates(|app| app.listener(boxed), &["unplugged", "nobody"]).await, [3, 1]);
    assert_eq!(fates(|app| app.listener(text), &["no such user", "busy"]).await, [1, 10], "in place");
}

#[kafka_listener(topic = "t", attempts = 2, blocking(attempts = 3, delay = "1s", retry_on(SendError::Io(_))))]
async fn in_place(text: &str, attempt: Attempt, State(notes): State<Notes>) -> Result<(), SendError> {
    notes.add(format!("{text} {}.{}", attempt.number, attempt.in_place));
    sent(text)
}

#[tokio::test(start_paused = true)]
async fn only_what_matches_is_tried_in_place_in_each_delivery_and_all_else_moves_on() {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    kafka.create_topic("t", 1);
    kafka.start(kafka.app().listener(in_place).state(notes.clone())).await.unwrap();
    for text in ["503", "unplugged"] {
        send(&kafka, "t", 0, text).await;
    }
    kafka.settle().await;
    let of = |text: &str| notes.all().into_iter().filter(|note| note.starts_with(text)).collect::<Vec<_>>();
    assert_eq!(of("503"), ["503 1.1", "503 2.1"]);
    assert_eq!(of("unplugged"), [1, 2].map(|n| [1, 2, 3].map(|m| format!("unplugged {n}.{m}"))).concat());
    assert_eq!(times(&kafka, "t"), [0, 0, 1000, 2000]);
    assert_eq!(times(&kafka, "t-retry"), [1000, 3000, 4000, 5000]);
}

#[tokio::test(start_paused = true)]
async fn a_panic_is_judged_by_no_pattern_and_tried_in_place() {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    kafka.create_topic("t", 1);
    kafka.start(kafka.app().listener(in_place).state(notes.clone())).await.unwrap();
    send(&kafka, "t", 0, "panic").await;
    kafka.settle().await;
    assert_eq!(notes.all().len(), 6);
}

#[kafka_listener(
    topic = "t",
    order = "key",
    blocking(attempts = 3, delay = "10s", retry_on(SendError::Io(_))),
    fatal(SendError::BadAddress)
)]
async fn keyed(text: &str, State(notes): State<Notes>) -> Result<(), SendError> {
    notes.add(text);
    if text == "fine" { Ok(()) } else { sent(text) }
}

#[tokio::test(start_paused = true)]
async fn by_key_only_the_lane_of_what_is_tried_in_place_waits() {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    kafka.create_topic("t", 1);
    kafka.start(kafka.app().listener(keyed).state(notes.clone())).await.unwrap();
    for (key, text) in [("a", "unplugged"), ("a", "fine"), ("b", "nobody"), ("b", "503"), ("b", "fine")] {
        kafka.producer().to("t").key(key).text(text).send().await.unwrap();
    }
    kafka.advance(seconds(1)).await;
    let mut first = notes.all();
    first.sort();
    assert_eq!(first, ["503", "fine", "nobody", "unplugged"], "b goes on at once, dead letters or not");
    kafka.settle().await;
    assert_eq!(notes.all()[4..], ["unplugged", "unplugged", "fine"], "a keeps its order");
    let dead = kafka.dead_letters("t");
    assert_eq!(header(&dead[0].headers, "retry_topic-attempts"), Some(&2_i32.to_be_bytes()[..]));
    assert_eq!(dead.len(), 3);
}

#[kafka_listener(topic = "t", attempts = 2, fatal(_ if panics()))]
async fn careless(text: &str, State(notes): State<Notes>) -> Result<(), String> {
    notes.add(text);
    Err("boom".to_owned())
}

fn panics() -> bool {
    panic!("cannot judge")
}

#[tokio::test(start_paused = true)]
async fn a_guard_that_panics_is_a_failure_like_another() {
    assert_eq!(fates(|app| app.listener(careless), &["x"]).await, [2]);
}

#[kafka_listener(topic = "t", attempts = 2, handler_timeout = "1s", retry_on(SendError::Io(_)))]
async fn slow(text: &str, State(notes): State<Notes>) -> Result<Outcome, SendError> {
    notes.add(text);
    match text {
        "again" => return Ok(Decision::Retry.into()),
        "nobody" => sent(text)?,
        _ => std::future::pending().await,
    }
    Ok(Outcome::Done)
}

#[tokio::test(start_paused = true)]
async fn neither_a_time_out_nor_what_a_handler_asks_for_is_an_error_to_be_judged() {
    assert_eq!(fates(|app| app.listener(slow), &["hangs", "again", "nobody"]).await, [2, 2, 1]);
}

#[kafka_listener(topic = "t", attempts = 3, retry_on(SendError::Io(_)))]
async fn by_ack(text: &str, ack: Ack, State(notes): State<Notes>) -> Result<(), SendError> {
    notes.add(text);
    match text {
        "retry" => ack.retry(),
        "kept" => drop(ack),
        _ => return sent(text),
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_manual_handlers_errors_are_judged_and_its_acks_are_not() {
    assert_eq!(fates(|app| app.listener(by_ack), &["retry", "kept", "nobody", "unplugged"]).await, [3, 3, 1, 3]);
}

#[kafka_listener(
    topic = "t",
    attempts = 2,
    batch(max = 10, wait = 100),
    fatal(SendError::BadAddress),
    dlt_route("server", SendError::Http { .. })
)]
async fn together(texts: Vec<&str>, State(notes): State<Notes>) -> Vec<Result<(), SendError>> {
    texts.into_iter().map(|text| sent(text).inspect_err(|_| notes.add(text))).collect()
}

#[tokio::test(start_paused = true)]
async fn of_a_batch_each_error_is_judged_by_itself() {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    kafka.create_topic("t", 1);
    kafka.start(kafka.app().listener(together).state(notes.clone())).await.unwrap();
    for text in ["nobody", "503", "unplugged"] {
        send(&kafka, "t", 0, text).await;
    }
    kafka.settle().await;
    assert_eq!(notes.all(), ["nobody", "503", "unplugged", "503", "unplugged"]);
    assert_eq!((kafka.dead_letters("t").len(), kafka.records("t-server-dlt").len()), (2, 1));
}
