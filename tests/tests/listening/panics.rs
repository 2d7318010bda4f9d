//! A panic is a failure like another, with its message and place.

use kafka_listen::prelude::*;
use kafka_listen::testing::TestKafka;

use crate::support::{Notes, header, run, times};

#[kafka_listener(topic = "t", attempts = 3)]
async fn panics(text: &str, State(notes): State<Notes>) {
    if text == "early" {
        panic!("no such {text}");
    }
    tokio::task::yield_now().await;
    assert!(text != "late", "too {text}");
    notes.add(text);
}

struct Panicking;

impl<'d> FromDelivery<'d> for Panicking {
    fn from_delivery(delivery: &'d Delivery<'d>) -> Result<Self, Rejection> {
        assert!(delivery.value() != Some(b"early"), "cannot even read it");
        Ok(Self)
    }
}

#[kafka_listener(topic = "t", attempts = 3)]
async fn extractor_panics(_: Panicking, text: &str, State(notes): State<Notes>) {
    notes.add(text);
}

#[kafka_listener(topic = "t", attempts = 3)]
fn plain_panics(text: &str, State(notes): State<Notes>) {
    assert!(text != "early", "no such thing");
    notes.add(text);
}

fn error(kafka: &TestKafka, dead: usize) -> [String; 3] {
    let headers = &kafka.dead_letters("t")[dead].headers;
    ["kafka_exception-fqcn", "kafka_exception-message", "kafka_exception-stacktrace"]
        .map(|name| String::from_utf8(header(headers, name).unwrap().to_vec()).unwrap())
}

#[tokio::test(start_paused = true)]
async fn a_handler_that_panics_each_time_ends_in_the_dlt_and_its_neighbours_are_handled() {
    let (kafka, notes) = run(|app| app.listener(panics), &["early", "ok", "late", "fine"]).await;
    assert_eq!(notes, ["ok", "fine"]);
    assert_eq!(times(&kafka, "t-retry"), [1000, 1000, 2000, 2000]);
    let [kind, message, trace] = error(&kafka, 0);
    assert_eq!((&*kind, &*message), ("panic", "no such early"));
    assert!(trace.contains("panics.rs:11:"), "{trace}");
    assert_eq!(error(&kafka, 1)[1], "too late");
}

#[tokio::test(start_paused = true)]
async fn in_an_extractor_too() {
    let (kafka, notes) = run(|app| app.listener(extractor_panics), &["early", "ok"]).await;
    assert_eq!((notes, kafka.deliveries().len()), (vec!["ok".to_owned()], 4), "tried again: it is no rejection");
    let [_, message, trace] = error(&kafka, 0);
    assert_eq!(message, "cannot even read it");
    assert!(trace.contains("panics.rs:22:"), "{trace}");
}

#[tokio::test(start_paused = true)]
async fn in_a_plain_function_too() {
    let (kafka, notes) = run(|app| app.listener(plain_panics), &["early", "ok"]).await;
    assert_eq!((notes, kafka.deliveries().len()), (vec!["ok".to_owned()], 4));
    assert!(error(&kafka, 0)[2].contains("panics.rs:34:"), "{:?}", error(&kafka, 0));
}
