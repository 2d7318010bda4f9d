//! The main job: five deliveries, retry topics, a dead-letter topic, and nothing else.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use kafka_listen::prelude::*;
use kafka_listen_tests::real_kafka::shared;

use super::support::{app, create_topic, lag, produce, read_all, topics, until};

type Deliveries = Arc<Mutex<Vec<(String, u32, Instant)>>>;

#[kafka_listener(
    topic = "chain.mail",
    group = "chain-group",
    attempts = 5,
    backoff(delay = 200, multiplier = 2),
    dlt_suffix = ".dlt"
)]
async fn deliver(
    mail: Json<String>,
    topic: Topic,
    attempt: Attempt,
    State(deliveries): State<Deliveries>,
) -> Result<(), String> {
    deliveries.lock().unwrap().push((topic.to_string(), attempt.number, Instant::now()));
    if mail.0.starts_with("fail@") { Err("undeliverable".to_owned()) } else { Ok(()) }
}

#[dlt_handler(deliver)]
async fn dead(mail: Result<Json<String>, Rejection>, State(dead): State<Arc<Mutex<Vec<Option<String>>>>>) {
    dead.lock().unwrap().push(mail.ok().map(|mail| mail.0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failing_record_goes_its_way_and_disturbs_nobody() {
    let kafka = shared();
    create_topic("chain.mail", 3, &[]);
    let (deliveries, letters) = (Deliveries::default(), Arc::<Mutex<Vec<Option<String>>>>::default());
    let app = app().listener(deliver).state(deliveries.clone()).state(letters.clone());
    let mut running = app.start().await.unwrap();
    running.ready().await.unwrap();

    let producer = running.producer();
    let failing =
        producer.to("chain.mail").key("k").header("tenant", "x").json("fail@x").unwrap().send().await.unwrap();
    producer.to("chain.mail").key("k").json("ok@x").unwrap().send().await.unwrap();
    let began = Instant::now();
    produce(kafka, "chain.mail", ["no json".to_owned()]);
    producer.to("chain.mail").key("k").tombstone().send().await.unwrap();
    until("undecodable bytes and a tombstone are dead letters", || letters.lock().unwrap().len() == 2).await;
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
    until("the failing one is a dead letter", || letters.lock().unwrap().len() == 3).await;

    let deliveries = deliveries.lock().unwrap().clone();
    let mut attempts: Vec<_> = deliveries.iter().map(|(topic, attempt, _)| (topic.as_str(), *attempt)).collect();
    attempts.sort_by_key(|(_, attempt)| *attempt);
    let retries = ["200", "400", "800", "1600"].map(|delay| format!("chain.mail-retry-{delay}"));
    assert_eq!(attempts[..2], [("chain.mail", 1), ("chain.mail", 1)], "the failing one and the good one");
    let then: Vec<_> = retries.iter().map(String::as_str).zip(2..).collect();
    assert_eq!(attempts[2..], then);
    let at = |attempt| deliveries.iter().find(|it| it.1 == attempt && it.0 != "chain.mail" || attempt == 1).unwrap().2;
    for (attempt, delay) in [(2, 200), (3, 400), (4, 800), (5, 1600)] {
        let waited = at(attempt) - at(attempt - 1);
        // A due time is a whole millisecond of the wall clock, and so is the failure that it counts from.
        let least = Duration::from_millis(delay - 1);
        assert!(waited > least, "delivery {attempt} after {waited:?} is early");
    }

    let mut expected: Vec<_> = retries.iter().map(|name| (name.clone(), 3)).collect();
    expected.extend([("chain.mail".to_owned(), 3), ("chain.mail.dlt".to_owned(), 3)]);
    assert_eq!(topics(kafka, "chain.mail"), expected.into_iter().collect());

    let letter =
        read_all(kafka, "chain.mail.dlt").into_iter().find(|it| it.value.as_deref() == Some(b"\"fail@x\"")).unwrap();
    assert_eq!((letter.partition, letter.key.as_deref()), (failing.partition, Some(&b"k"[..])));
    assert_eq!(letter.header("tenant"), Some(&b"x"[..]));
    assert_eq!(letter.header("retry_topic-attempts"), Some(&6_i32.to_be_bytes()[..]));
    assert_eq!(letter.header("kafka_original-topic"), Some(&b"chain.mail"[..]));
    assert_eq!(letter.header("kafka_original-partition"), Some(&failing.partition.to_be_bytes()[..]));
    assert_eq!(letter.header("kafka_original-offset"), Some(&failing.offset.to_be_bytes()[..]));
    assert_eq!(letter.header("kafka_dlt-original-consumer-group"), Some(&b"chain-group"[..]));
    assert_eq!(letter.header("kafka_exception-message"), Some(&b"undeliverable"[..]));

    running.stop().await;
    assert_eq!(lag(kafka, "chain-group", "chain.mail"), 0);
    assert_eq!(lag(kafka, "chain-group-dlt", "chain.mail.dlt"), 0);
    for retry in &retries {
        assert_eq!(lag(kafka, "chain-group-retry", retry), 0, "{retry}");
    }
}

#[kafka_listener(topic = "early", group = "early-group", attempts = 3, backoff(delay = 100, multiplier = 2))]
async fn early(topic: Topic, State(seen): State<Arc<Mutex<Vec<String>>>>) {
    seen.lock().unwrap().push(topic.to_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_lies_in_a_retry_topic_before_the_first_start_is_handled() {
    create_topic("early", 2, &[]);
    create_topic("early-retry-100", 2, &[]);
    produce(shared(), "early-retry-100", ["before".to_owned()]);
    let seen = Arc::<Mutex<Vec<String>>>::default();
    let running = app().listener(early).state(seen.clone()).start().await.unwrap();
    until("it is handled", || *seen.lock().unwrap() == ["early-retry-100"]).await;
    running.stop().await;
}
