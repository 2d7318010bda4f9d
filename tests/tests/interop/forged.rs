//! Headers that are forged or garbled, in every topic of a chain that ours reads: each such record goes its way to the DLT, and what
//! is written about it does not stop Spring, which reads every other topic.

use kafka_listen::App;
use kafka_listen_tests::real_kafka::shared;
use rdkafka::message::{Header, OwnedHeaders};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer as _};

use super::chains::{self, Both};
use super::spring;
use super::support::{PATIENCE, client, read_all, until};

const PATH: [&str; 7] = ["", "-retry-200", "-retry-400", "-retry-800", "-retry-1600", "-dlt", "-validation-dlt"];

type Forged = &'static [(&'static str, Option<&'static [u8]>)];

const ATTEMPTS: &str = "retry_topic-attempts";
const DUE: &str = "retry_topic-backoff-timestamp";
const FIRST: &str = "retry_topic-original-timestamp";
const GROUP: &str = "kafka_dlt-original-consumer-group";

/// One record each. None of them names another group, since such a record is not ours to handle.
const FORGERIES: &[Forged] = &[
    &[(ATTEMPTS, None)],
    &[(ATTEMPTS, Some(b""))],
    &[(ATTEMPTS, Some(b"\x00\x00\x02"))],
    &[(ATTEMPTS, Some(b"\xff\xff\xff\xff"))],
    &[(ATTEMPTS, Some(b"\x7f\xff\xff\xff"))],
    &[(ATTEMPTS, Some(b"\x00\x00\x00\x02")), (ATTEMPTS, None)],
    &[(ATTEMPTS, Some(b"two"))],
    &[(DUE, None)],
    &[(DUE, Some(b""))],
    &[(DUE, Some(b"\x80"))],
    &[(DUE, Some(b"123456789"))],
    &[(FIRST, None)],
    &[(FIRST, Some(b""))],
    &[(FIRST, Some(b"123456789"))],
    &[("kafka_original-topic", None)],
    &[("kafka_original-topic", Some(b"\xff\xfe"))],
    &[("kafka_original-partition", Some(b"\x01"))],
    &[("kafka_original-partition", None)],
    &[("kafka_original-offset", Some(b""))],
    &[("kafka_original-offset", None)],
    &[("kafka_original-timestamp", Some(b"now"))],
    &[("kafka_original-timestamp", None)],
    &[("kafka_original-timestamp-type", Some(b"Nonsense"))],
    &[("kafka_original-timestamp-type", None)],
    &[(GROUP, None)],
    &[("kafka_exception-fqcn", None), ("kafka_exception-message", Some(b"\xff")), ("kafka_exception-stacktrace", None)],
    &[(ATTEMPTS, None), (DUE, None), (FIRST, None), ("kafka_original-topic", None), (GROUP, None)],
];

/// It waits as long as the chain can mean, and nobody waits for it.
const FAR_AHEAD: Forged = &[(DUE, Some(b"\x7f\xff\xff\xff\xff\xff\xff\xff"))];

fn forge(producer: &BaseProducer, topic: &str, what: Forged, value: &str) {
    let headers = what.iter().fold(OwnedHeaders::new(), |it, (key, value)| it.insert(Header { key, value: *value }));
    let record = BaseRecord::to(topic).partition(0).key("k").payload(value).headers(headers);
    producer.send(record).map_err(|(error, _)| error).unwrap();
}

async fn nothing_stops_either(source: &str, spring_begins: bool, listener: impl FnOnce(App) -> App) {
    spring();
    let topics =
        |begins: bool| PATH.iter().skip(usize::from(!begins)).step_by(2).map(|suffix| format!("{source}{suffix}"));
    let (springs, ours): (Vec<_>, Vec<_>) = (topics(spring_begins).collect(), topics(!spring_begins).collect());
    let both = Both::start(&springs, listener).await;
    let producer: BaseProducer = client(shared()).create().unwrap();
    for topic in &ours {
        if topic != source && !topic.ends_with("-dlt") {
            forge(&producer, topic, FAR_AHEAD, "far ahead");
        }
        for (index, what) in FORGERIES.iter().enumerate() {
            forge(&producer, topic, what, &format!("{topic} {index}"));
        }
    }
    producer.flush(PATIENCE).unwrap();
    let all = ours.len() * FORGERIES.len();
    until("each is a dead letter", || both.dead(source).len() >= all).await;
    let mut dead: Vec<_> = both.dead(source).into_iter().map(|(_, dead)| dead.value).collect();
    both.stop().await;

    dead.sort();
    dead.dedup();
    assert_eq!(dead.len(), all, "each once");
    for topic in PATH.map(|suffix| format!("{source}{suffix}")) {
        let of_ours = |header: Option<&[u8]>| header == Some(b"interop::chains::Failed");
        for record in read_all(shared(), &topic).iter().filter(|it| of_ours(it.header("kafka_exception-fqcn"))) {
            let nulls = record.headers.iter().filter(|(_, value)| value.is_none()).count();
            let attempts: Option<[u8; 4]> = record.header(ATTEMPTS).and_then(|bytes| bytes.try_into().ok());
            let attempts = attempts.map(u32::from_be_bytes);
            assert!(nulls == 0 && attempts.is_some_and(|it| (2..=6).contains(&it)), "{topic}: {record:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn forged_where_spring_begins() {
    nothing_stops_either("forged.spring", true, |app| app.listener(chains::forged_spring::fail)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn forged_where_ours_begin() {
    nothing_stops_either("forged.ours", false, |app| app.listener(chains::forged_ours::fail)).await;
}
