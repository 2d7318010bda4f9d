//! Headers: the user's pass the chain byte for byte; those about a record's past are believed where they may be.

use kafka_listen::HeaderBuf;
use kafka_listen::prelude::*;
use kafka_listen::testing::TestKafka;

use crate::support::{Notes, Raw, failed, header, raw, send, times};

#[kafka_listener(topic = "t", attempts = 3)]
async fn fails(
    attempt: Attempt,
    origin: Origin,
    error: Option<LastError>,
    State(notes): State<Notes>,
) -> Result<(), String> {
    notes.add(format!("{} {origin} {}", attempt.number, error.is_some()));
    Err("never".to_owned())
}

async fn started() -> (TestKafka, Notes) {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    kafka.create_topic("t", 1);
    kafka.start(kafka.app().listener(fails).state(notes.clone())).await.unwrap();
    (kafka, notes)
}

#[tokio::test(start_paused = true)]
async fn whatever_a_user_writes_passes_the_chain_byte_for_byte() {
    let (kafka, _) = started().await;
    let odd: [Raw<'_>; 8] = [
        (b"twice", Some(b"1")),
        (b"traceparent", Some(b"00-abc-def-01")),
        (b"twice", Some(b"2")),
        (b"null", None),
        (b"empty", Some(b"")),
        (b"", Some(b"no name")),
        (b"not utf-8 \xff\xfe", Some(b"x")),
        (b"bytes", Some(b"\x00\xff\x80")),
    ];
    let value = b"not \xff utf-8 either";
    kafka.cluster().produce(raw("t", 0, Some(value), &odd)).unwrap();
    kafka.settle().await;
    assert_eq!(failed(&kafka).len(), 3);
    let dead = &kafka.dead_letters("t")[0];
    let users: Vec<_> = dead.headers[..odd.len()].iter().map(|it| (&*it.name, it.value.as_deref())).collect();
    assert_eq!(users, odd);
    assert!(
        dead.headers[odd.len()..]
            .iter()
            .all(|it| it.name.starts_with(b"kafka_") || it.name.starts_with(b"retry_topic-"))
    );
    assert_eq!((dead.key.as_deref(), dead.value.as_deref()), (None, Some(&value[..])));

    for key in [&b"not \xff utf-8"[..], b""] {
        kafka.producer().to("t").key(key).bytes(&value[..]).send().await.unwrap();
        kafka.settle().await;
        let dead = kafka.dead_letters("t").pop().unwrap();
        assert_eq!((dead.key.as_deref(), dead.value.as_deref()), (Some(key), Some(&value[..])));
    }
}

#[kafka_listener(topic = "t", attempts = 3)]
async fn fails_otherwise_each_time(attempt: Attempt) -> Result<(), String> {
    Err(format!("failure {}", attempt.number))
}

#[tokio::test(start_paused = true)]
async fn of_the_errors_the_last_one_travels_and_stands_there_once() {
    let mut kafka = TestKafka::new();
    kafka.create_topic("t", 1);
    kafka.start(kafka.app().listener(fails_otherwise_each_time)).await.unwrap();
    send(&kafka, "t", 0, "x").await;
    kafka.settle().await;
    let dead = kafka.dead_letters("t");
    let messages = dead[0].headers.iter().filter(|it| it.name == "kafka_exception-message");
    assert_eq!(messages.map(|it| it.value.as_deref()).collect::<Vec<_>>(), [Some(&b"failure 3"[..])]);
}

/// All headers of ours, each with a value that somebody else made up.
const FORGED: [Raw<'static>; 9] = [
    (b"retry_topic-attempts", Some(&[0, 0, 0, 3])),
    (b"retry_topic-backoff-timestamp", Some(&[0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff])),
    (b"retry_topic-original-timestamp", Some(&[1])),
    (b"kafka_original-topic", Some(b"elsewhere")),
    (b"kafka_original-partition", Some(&[0, 0, 0, 9])),
    (b"kafka_original-offset", Some(&[0, 0, 0, 0, 0, 0, 0, 9])),
    (b"kafka_dlt-original-consumer-group", Some(b"theirs")),
    (b"kafka_exception-fqcn", Some(b"Made.Up")),
    (b"kafka_exception-message", Some(b"made up")),
];

#[tokio::test(start_paused = true)]
async fn on_a_source_topic_nobody_is_believed() {
    let (kafka, notes) = started().await;
    kafka.cluster().produce(raw("t", 0, Some(b"x"), &FORGED)).unwrap();
    kafka.settle().await;
    assert_eq!(notes.all(), ["1 t/0 at offset 0 false", "2 t/0 at offset 0 true", "3 t/0 at offset 0 true"]);
    assert_eq!(failed(&kafka).iter().map(|it| it.at.as_secs()).collect::<Vec<_>>(), [0, 1, 2]);
    let dead = &kafka.dead_letters("t")[0].headers;
    assert_eq!(header(dead, "kafka_original-topic"), Some(&b"t"[..]));
    assert_eq!(header(dead, "kafka_dlt-original-consumer-group"), Some(&b"test"[..]));
    assert_eq!(header(dead, "retry_topic-attempts"), Some(&[0, 0, 0, 4][..]));
    assert_eq!(dead.len(), 13, "overwritten, not added to: {dead:?}");
}

#[tokio::test(start_paused = true)]
async fn malformed_headers_in_a_retry_topic_neither_stop_nor_lose_a_record() {
    let malformed: [&[Raw<'_>]; 6] = [
        &[],
        &[(b"retry_topic-attempts", None), (b"retry_topic-backoff-timestamp", None)],
        &[(b"retry_topic-attempts", Some(b"")), (b"retry_topic-backoff-timestamp", Some(b""))],
        &[(b"retry_topic-attempts", Some(b"many")), (b"retry_topic-backoff-timestamp", Some(b"tomorrow!"))],
        &[(b"retry_topic-attempts", Some(&[0xff; 4])), (b"retry_topic-backoff-timestamp", Some(&[0x80, 0]))],
        &[(b"kafka_original-partition", Some(b"?")), (b"kafka_original-timestamp", Some(b"\xff"))],
    ];
    for headers in malformed {
        let (kafka, notes) = started().await;
        kafka.cluster().produce(raw("t-retry", 0, Some(b"x"), headers)).unwrap();
        kafka.settle().await;
        assert_eq!(kafka.dead_letters("t").len(), 1, "{headers:?}");
        assert_eq!(times(&kafka, "t-retry")[0], 0, "{headers:?}");
        let deliveries: Vec<_> = kafka.deliveries().iter().map(|delivery| delivery.attempt).collect();
        assert_eq!(deliveries, [2, 3], "{headers:?}: {:?}", notes.all());
    }
}

#[tokio::test(start_paused = true)]
async fn an_attempt_beyond_the_chain_is_its_last() {
    let (kafka, notes) = started().await;
    kafka.cluster().produce(raw("t-retry", 0, Some(b"x"), &[(b"retry_topic-attempts", Some(&[0, 0, 0, 40]))])).unwrap();
    kafka.settle().await;
    assert_eq!(notes.all().len(), 1);
    assert_eq!(header(&kafka.dead_letters("t")[0].headers, "retry_topic-attempts"), Some(&[0, 0, 0, 41][..]));
}

#[tokio::test(start_paused = true)]
async fn of_several_headers_of_ours_the_last_counts_and_one_remains() {
    let (kafka, notes) = started().await;
    let headers: [Raw<'_>; 2] = [(b"retry_topic-attempts", Some(&[2])), (b"retry_topic-attempts", Some(&[0, 0, 0, 3]))];
    kafka.cluster().produce(raw("t-retry", 0, Some(b"x"), &headers)).unwrap();
    kafka.settle().await;
    assert_eq!(notes.all(), ["3 t-retry/0 at offset 0 false"]);
    let dead = &kafka.dead_letters("t")[0].headers;
    let attempts: Vec<&HeaderBuf> = dead.iter().filter(|it| it.name == "retry_topic-attempts").collect();
    assert_eq!(attempts, [&HeaderBuf::new("retry_topic-attempts", vec![0, 0, 0, 4])]);
}
