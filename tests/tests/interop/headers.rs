//! The same failure of the same record, there and here: every header of every hop is compared, and what differs is what the page
//! `docs/interop.md` says, row for row.

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use kafka_listen::prelude::*;
use kafka_listen_tests::real_kafka::shared;
use rdkafka::message::{Header, OwnedHeaders};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer as _};

use super::chains::{self, Dead, parsed};
use super::compare::{DUE, differences, number, rows, rows_of_hops, rows_of_page};
use super::spring;
use super::support::{PATIENCE, Read, app, client, create_topic, read_all, until};

#[derive(Debug, thiserror::Error)]
#[error("boom")]
struct Boom(#[source] std::io::Error);

fn boom() -> Boom {
    Boom(std::io::Error::other("disk full"))
}

/// When each delivery failed, in milliseconds since 1970.
type Failures = Arc<Mutex<Vec<i64>>>;

#[kafka_listener(
    topic = "compared.ours",
    group = "compared.ours.group",
    attempts = 5,
    backoff(delay = 200, multiplier = 2)
)]
async fn fail(_value: &str, State(failures): State<Failures>) -> Result<(), Boom> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    failures.lock().unwrap().push(now.as_millis().try_into().unwrap());
    Err(boom())
}

#[kafka_listener(topic = "in-place.ours", group = "in-place.ours.group", blocking(attempts = 3, delay = 50))]
async fn fail_in_place(_value: &str) -> Result<(), Boom> {
    Err(boom())
}

/// By which ours read what Spring failed: the DLT alone, for Spring has the rest.
#[kafka_listener(topic = "in-place.spring", group = "in-place.spring.group", blocking(attempts = 3, delay = 50))]
async fn of_spring(_value: &str) -> Result<(), Boom> {
    Err(boom())
}

/// What Spring's dead letter tells.
type Letters = Arc<Mutex<Vec<(String, String)>>>;

#[dlt_handler(of_spring)]
async fn read(_value: &str, origin: Origin, error: LastError, State(letters): State<Letters>) {
    let origin = format!("{origin}, {:?}, {:?}", origin.timestamp.map(|it| it.as_millis()), origin.group);
    letters.lock().unwrap().push((origin, error.to_string()));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_the_header_block_of_each_hop_only_that_differs_which_the_page_tells() {
    let topics =
        |of: &str| ["-retry-200", "-retry-400", "-retry-800", "-retry-1600", "-dlt"].map(|it| format!("{of}{it}"));
    let springs = topics("compared.spring");
    spring().listen("compared.spring");
    springs[..4].iter().for_each(|topic| spring().listen(topic));
    produce("compared.spring");
    create_topic("compared.ours", 2, &[]);
    let failures = Failures::default();
    let running = app().listener(fail).state(failures.clone()).start().await.unwrap();
    produce("compared.ours");

    let (theirs, ours) = (letters(&springs).await, letters(&topics("compared.ours")).await);
    running.stop().await;
    let there = spring().events("delivered", "compared.spring");
    let there: Vec<_> = there.iter().map(|event| event["at"].as_i64().unwrap()).collect();
    are_due(&theirs, &there);
    are_due(&ours, &failures.lock().unwrap());
    let hops: Vec<_> = theirs.iter().zip(&ours).map(|(theirs, ours)| differences(theirs, ours)).collect();
    assert_eq!(rows_of_hops(&hops), rows_of_page("### Through retry topics"));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_the_headers_after_retries_in_place_alone_only_that_differs_which_the_page_tells() {
    spring();
    create_topic("in-place.spring", 2, &[]);
    create_topic("in-place.spring-dlt", 2, &[]);
    create_topic("in-place.ours", 2, &[]);
    produce("in-place.spring");
    spring().listen("in-place.spring");
    let theirs = letter("in-place.spring-dlt").await;
    spring().leave("in-place.spring");
    let letters = Letters::default();
    let running = app().listener(fail_in_place).listener(of_spring).state(letters.clone()).start().await.unwrap();
    produce("in-place.ours");
    let ours = letter("in-place.ours-dlt").await;
    spring().listen("in-place.ours-dlt");
    let dead = || spring().events("dead", "in-place.ours-dlt");
    until("each is read by the other side", || !letters.lock().unwrap().is_empty() && !dead().is_empty()).await;
    running.stop().await;
    spring().leave("in-place.ours-dlt");

    let origin = "in-place.spring/1 at offset 0, Some(1700000000000), Some(\"in-place.spring.group\")";
    let (told, error) = letters.lock().unwrap()[0].clone();
    assert_eq!(told, origin);
    assert!(error.starts_with("java.lang.IllegalStateException: ") && error.ends_with("boom"), "{error}");
    let dead: Dead = parsed(dead().remove(0));
    let must = Dead {
        topic: "in-place.ours-dlt".to_owned(),
        partition: 1,
        value: "v".to_owned(),
        original_partition: 1,
        error: Some("interop::headers::Boom".to_owned()),
        ..chains::letter("in-place.ours", "in-place.ours", 1, false)
    };
    assert_eq!(dead, must);
    assert_eq!(rows(differences(&theirs, &ours), "the DLT"), rows_of_page("### In place alone"));
}

/// The same record for both sides, but for the topic.
fn produce(topic: &str) {
    let producer: BaseProducer = client(shared()).create().unwrap();
    let headers = [("tenant", Some("x")), ("none", None), ("tenant", Some("y")), ("empty", Some(""))];
    let headers = headers.into_iter().fold(OwnedHeaders::new(), |it, (key, value)| it.insert(Header { key, value }));
    let record = BaseRecord::to(topic).partition(1).key("k").payload("v").timestamp(1_700_000_000_000).headers(headers);
    producer.send(record).map_err(|(error, _)| error).unwrap();
    producer.flush(PATIENCE).unwrap();
}

async fn letters(topics: &[String]) -> Vec<Read> {
    let mut letters = Vec::new();
    for topic in topics {
        letters.push(letter(topic).await);
    }
    letters
}

/// The record that comes to this topic: one, with the bytes that it had.
async fn letter(topic: &str) -> Read {
    let mut found = Vec::new();
    until(topic, || {
        found = read_all(shared(), topic);
        !found.is_empty()
    })
    .await;
    let [letter] = found.try_into().unwrap();
    assert_eq!((letter.partition, letter.offset), (1, 0));
    assert_eq!((letter.key.as_deref(), letter.value.as_deref()), (Some(&b"k"[..]), Some(&b"v"[..])));
    letter
}

/// Each hop's due time is its failure's time and the delay; the DLT has the time itself. The one is a moment before the other is.
fn are_due(letters: &[Read], failures: &[i64]) {
    assert_eq!((letters.len(), failures.len()), (5, 5));
    for ((letter, failed), delay) in letters.iter().zip(failures).zip([200, 400, 800, 1600, 0]) {
        let due = letter.header(DUE).unwrap();
        assert_eq!(due.len(), 6, "as few bytes as will do");
        let late = number(due) - failed - delay;
        assert!(
            (0..Duration::from_secs(10).as_millis().try_into().unwrap()).contains(&late),
            "{late} ms, delay {delay} ms"
        );
    }
}
