//! The main job: five deliveries over 15 seconds, then the dead-letter topic.

use std::time::{Duration, Instant};

use kafka_listen::HeaderBuf;
use kafka_listen::prelude::*;
use kafka_listen::testing::{StoredRecord, TestKafka};

use crate::support::{failed, header, raw};

#[derive(Debug)]
struct Refused(String);

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "no such user: {}", self.0)
    }
}

impl std::error::Error for Refused {}

#[kafka_listener(topic = "email.send", group = "email", attempts = 5, backoff(delay = 1000, multiplier = 2))]
async fn send_email(to: &str) -> Result<(), Refused> {
    if to == "nobody" { Err(Refused(to.to_owned())) } else { Ok(()) }
}

const CHAIN: [&str; 5] =
    ["email.send", "email.send-retry-1000", "email.send-retry-2000", "email.send-retry-4000", "email.send-retry-8000"];

async fn with_a_failing_record() -> TestKafka {
    let mut kafka = TestKafka::new();
    kafka.create_topic("email.send", 3);
    kafka.start(kafka.app().listener(send_email)).await.unwrap();
    let draft = kafka.producer().to("email.send").partition(2).key("user-7").header("x-tenant", "acme");
    draft.text("nobody").send().await.unwrap();
    kafka.settle().await;
    kafka
}

#[tokio::test(start_paused = true)]
async fn five_deliveries_at_0_1_3_7_and_15_seconds_to_the_millisecond() {
    let kafka = with_a_failing_record().await;
    let deliveries = kafka.deliveries();
    let seen: Vec<_> =
        deliveries.iter().map(|it| (it.topic.as_str(), it.partition, it.attempt, it.at.as_millis())).collect();
    let times = [0, 1000, 3000, 7000, 15_000];
    let expected: Vec<_> = (1..).zip(CHAIN).zip(times).map(|((attempt, topic), at)| (topic, 2, attempt, at)).collect();
    assert_eq!(seen, expected);
    assert!(deliveries.iter().all(|it| it.error.as_deref() == Some("no such user: nobody")));
}

#[tokio::test(start_paused = true)]
async fn fifteen_seconds_take_no_time() {
    let mut fastest = Duration::MAX;
    // Whatever else runs on the machine does not take it away all the time.
    for _ in 0..20 {
        let began = Instant::now();
        let mut kafka = with_a_failing_record().await;
        kafka.stop().await;
        fastest = fastest.min(began.elapsed());
        assert_eq!(failed(&kafka).len(), 5);
    }
    assert!(fastest < Duration::from_millis(100), "{fastest:?}");
}

#[tokio::test(start_paused = true)]
async fn both_groups_have_no_lag_and_nothing_else_was_created() {
    let kafka = with_a_failing_record().await;
    assert_eq!(kafka.lag("email", CHAIN[0]), 0);
    assert!(CHAIN[1..].iter().all(|topic| kafka.lag("email-retry", topic) == 0));
    let mut topics: Vec<_> = CHAIN.iter().map(ToString::to_string).chain(["email.send-dlt".to_owned()]).collect();
    topics.sort();
    assert_eq!(kafka.cluster().topics(), topics);
    for topic in topics {
        assert_eq!(kafka.cluster().partitions(&topic), Some(3), "{topic}");
        assert_eq!(kafka.cluster().topic_setting(&topic, "cleanup.policy").as_deref(), Some("delete"), "{topic}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_dead_letter_carries_what_it_was_and_why_it_died_byte_for_byte() {
    let kafka = with_a_failing_record().await;
    assert_eq!(kafka.cluster().records("email.send-dlt", 2).len(), 1, "the source's partition");
    let source = &kafka.cluster().records("email.send", 2)[0];
    let dead = &kafka.dead_letters("email.send")[0];
    assert_eq!((&dead.key, &dead.value), (&source.key, &source.value));
    let written = source.time.at.as_millis();
    assert_eq!(dead.headers, block(written, written + 15_000));
}

/// The whole block, in Spring's order, by `wire-format.md`.
fn block(written: i64, died: i64) -> Vec<HeaderBuf> {
    let shortest = |millis: i64| millis.to_be_bytes()[2..].to_vec();
    let message = "no such user: nobody";
    let headers: [(&str, Vec<u8>); 14] = [
        ("x-tenant", "acme".into()),
        ("kafka_exception-fqcn", "listening::chain::Refused".into()),
        ("kafka_exception-cause-fqcn", "listening::chain::Refused".into()),
        ("kafka_exception-message", message.into()),
        ("kafka_exception-stacktrace", message.into()),
        ("kafka_original-topic", "email.send".into()),
        ("kafka_original-partition", vec![0, 0, 0, 2]),
        ("kafka_original-offset", vec![0; 8]),
        ("kafka_original-timestamp", written.to_be_bytes().to_vec()),
        ("kafka_original-timestamp-type", "CreateTime".into()),
        ("kafka_dlt-original-consumer-group", "email".into()),
        ("retry_topic-original-timestamp", shortest(written)),
        ("retry_topic-attempts", vec![0, 0, 0, 6]),
        ("retry_topic-backoff-timestamp", shortest(died)),
    ];
    headers.into_iter().map(|(name, value)| HeaderBuf::new(name, value)).collect()
}

#[tokio::test(start_paused = true)]
async fn each_retry_record_says_its_number_and_when_it_is_due_and_the_block_does_not_grow() {
    let kafka = with_a_failing_record().await;
    let began = kafka.cluster().records("email.send", 2)[0].time.at.as_millis();
    for (topic, (attempt, due)) in CHAIN[1..].iter().zip([(2_u8, 1000), (3, 3000), (4, 7000), (5, 15_000)]) {
        let StoredRecord { headers, .. } = &kafka.records(topic)[0];
        assert_eq!(headers.len(), 14, "{topic}");
        assert_eq!(header(headers, "retry_topic-attempts"), Some(&[0, 0, 0, attempt][..]));
        assert_eq!(header(headers, "retry_topic-backoff-timestamp"), Some(&(began + due).to_be_bytes()[2..]));
    }
}

#[tokio::test(start_paused = true)]
async fn created_topics_take_what_the_source_takes() {
    let mut kafka = TestKafka::new();
    let settings = [("max.message.bytes", "5000000"), ("min.insync.replicas", "2"), ("cleanup.policy", "compact")];
    kafka.cluster().create_topic_with("email.send", 7, &settings).unwrap();
    kafka.start(kafka.app().listener(send_email)).await.unwrap();
    for topic in CHAIN[1..].iter().chain(["email.send-dlt"].iter()) {
        let setting = |name| kafka.cluster().topic_setting(topic, name).unwrap();
        assert_eq!(kafka.cluster().partitions(topic), Some(7));
        assert!(setting("max.message.bytes").parse::<u32>().unwrap() >= 5_000_000, "and room for headers");
        assert_eq!(setting("min.insync.replicas"), "2");
        assert_eq!(setting("cleanup.policy"), "delete", "compaction would eat what waits");
    }
}

#[tokio::test(start_paused = true)]
async fn a_record_of_three_megabytes_passes_a_chain_whose_source_takes_five() {
    let mut kafka = TestKafka::new();
    kafka.cluster().create_topic_with("email.send", 1, &[("max.message.bytes", "5000000")]).unwrap();
    kafka.start(kafka.app().listener(large)).await.unwrap();
    let value: Vec<u8> = (0..3_000_000_u32).map(|n| (n % 251) as u8).collect();
    kafka.cluster().produce(raw("email.send", 0, Some(&value), &[])).unwrap();
    kafka.settle().await;
    assert_eq!(failed(&kafka).len(), 3);
    assert_eq!(kafka.dead_letters("email.send")[0].value.as_deref(), Some(&*value));
}

#[kafka_listener(topic = "email.send", attempts = 3)]
async fn large(value: &[u8]) -> Result<(), String> {
    Err(format!("{} bytes", value.len()))
}
