//! Errors of all kinds, and what is said of them.

use kafka_listen::prelude::*;
use kafka_listen::testing::TestKafka;
use kafka_listen::{InvalidTopicName, SendError, TopicName};

use crate::support::{header, send};

#[derive(Debug)]
struct PanicsWhenShown;

impl std::fmt::Display for PanicsWhenShown {
    fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        panic!("cannot be shown")
    }
}

impl std::error::Error for PanicsWhenShown {}

#[kafka_listener(topic = "t", attempts = 2)]
async fn unshowable() -> Result<(), PanicsWhenShown> {
    Err(PanicsWhenShown)
}

#[kafka_listener(topic = "t", attempts = 2)]
async fn boxed(text: &str) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let _: u32 = text.parse()?;
    Ok(())
}

#[kafka_listener(topic = "t", attempts = 2)]
async fn no_text() {
    std::panic::panic_any(17);
}

#[kafka_listener(topic = "t", attempts = 1)]
async fn wordy() -> Result<(), String> {
    Err("ü".repeat(3_000))
}

#[kafka_listener(topic = "t", attempts = 1)]
async fn endless_wordy() -> Result<(), String> {
    Err("é".repeat(3_000_000))
}

async fn dead(app: impl FnOnce(App) -> App) -> [String; 3] {
    let mut kafka = TestKafka::new();
    kafka.create_topic("t", 1);
    kafka.start(app(kafka.app())).await.unwrap();
    send(&kafka, "t", 0, "x").await;
    kafka.settle().await;
    let headers = &kafka.dead_letters("t")[0].headers;
    let names = ["kafka_exception-fqcn", "kafka_exception-message", "kafka_exception-stacktrace"];
    names.map(|name| String::from_utf8(header(headers, name).unwrap_or_default().to_vec()).expect("UTF-8"))
}

#[tokio::test(start_paused = true)]
async fn an_error_that_panics_when_it_is_shown_is_a_panic() {
    assert_eq!(dead(|app| app.listener(unshowable)).await[..2], ["panic", "cannot be shown"]);
}

#[tokio::test(start_paused = true)]
async fn a_boxed_error_and_a_payload_that_is_no_text() {
    let [_, message, _] = dead(|app| app.listener(boxed)).await;
    assert_eq!(message, "invalid digit found in string");
    let [kind, message, _] = dead(|app| app.listener(no_text)).await;
    assert_eq!((&*kind, &*message), ("panic", "a panic whose payload is no text"));
}

#[tokio::test(start_paused = true)]
async fn the_trace_is_cut_between_characters() {
    let [_, message, trace] = dead(|app| app.listener(wordy)).await;
    assert_eq!((message.len(), trace.len()), (6_000, 1024));
}

#[tokio::test(start_paused = true)]
async fn an_error_larger_than_a_record_may_be_is_cut_and_the_record_kept() {
    let [_, message, _] = dead(|app| app.listener(endless_wordy)).await;
    assert_eq!(message.len(), 1024);
}

#[kafka_listener(topic = "t", attempts = 1)]
async fn fails_to_send(producer: Producer) -> Result<(), SendError> {
    producer.to("a b").text("x").send().await.map(|_| ())
}

#[kafka_listener(topic = "t", attempts = 1)]
fn names_a_topic() -> Result<(), InvalidTopicName> {
    TopicName::new("a b").map(|_| ())
}

#[kafka_listener(topic = "t", attempts = 1)]
fn plans() -> Result<(), kafka_listen::Error> {
    App::new().plan().map(|_| ())
}

#[kafka_listener(topic = "t", attempts = 1)]
fn rejects() -> Result<(), Rejection> {
    Err(Rejection::custom("no"))
}

#[kafka_listener(topic = "t", attempts = 1)]
fn replies() -> Reply<u32> {
    Reply::to("a b", 1)
}

#[kafka_listener(topic = "t", attempts = 1)]
fn takes(_: Named) {}

struct Named;

impl FromDelivery<'_> for Named {
    fn from_delivery(_: &Delivery<'_>) -> Result<Self, Rejection> {
        let name = TopicName::new("a b").map_err(|error| Rejection::decode("the value is no topic", error));
        name.map(|_| Self)
    }
}

#[tokio::test(start_paused = true)]
async fn the_crates_own_errors_are_called_as_users_write_them() {
    assert_eq!(dead(|app| app.listener(fails_to_send)).await[0], "kafka_listen::SendError");
    assert_eq!(dead(|app| app.listener(names_a_topic)).await[0], "kafka_listen::InvalidTopicName");
    assert_eq!(dead(|app| app.listener(plans)).await[0], "kafka_listen::Error");
    assert_eq!(dead(|app| app.listener(rejects)).await[0], "kafka_listen::Rejection");
    assert_eq!(dead(|app| app.listener(replies)).await[0], "kafka_listen::Reply");
    assert_eq!(dead(|app| app.listener(takes)).await[0], "kafka_listen::InvalidTopicName");
}
