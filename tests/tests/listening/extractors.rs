//! Parameters: every kind, end to end.

use kafka_listen::prelude::*;
use kafka_listen::testing::TestKafka;
use kafka_listen::{FromHeader, RejectionKind};
use serde::{Deserialize, Serialize};

use crate::support::{Notes, Raw, raw, send};

#[derive(Debug, Serialize, Deserialize)]
struct Mail<'m> {
    to: &'m str,
    tries: u32,
}

#[derive(Clone)]
struct Smtp(&'static str);

#[kafka_listener(topic = "t", attempts = 1)]
#[allow(clippy::too_many_arguments)]
async fn everything(
    Json(mail): Json<Mail<'_>>,
    bytes: &[u8],
    owned: Bytes,
    text: &str,
    maybe: Option<&[u8]>,
    Key(key): Key<&str>,
    headers: Headers<'_>,
    #[header("x-tenant")] tenant: &str,
    #[header("x-size")] size: u64,
    #[header("x-none")] none: Option<String>,
    Topic(topic): Topic,
    Partition(partition): Partition,
    Offset(offset): Offset,
    at: Timestamp,
    attempt: Attempt,
    origin: Origin,
    error: Option<LastError>,
    State(smtp): State<Smtp>,
    other: Option<State<u128>>,
    producer: Producer,
    delivery: &Delivery<'_>,
    key_again: Result<Key<u32>, Rejection>,
    State(notes): State<Notes>,
) {
    notes.add(format!("{} {} {}", mail.to, mail.tries, smtp.0));
    notes.add(format!("{}", bytes == &*owned && text.as_bytes() == bytes && maybe == Some(bytes)));
    notes.add(format!("{key} {tenant} {size} {none:?} {}", headers.len()));
    notes.add(format!("{topic}/{partition}@{offset} {}", at == delivery.time().at));
    notes.add(format!("{}/{} {origin} {:?} {error:?}", attempt.number, attempt.of, origin.group));
    notes.add(format!("{} {:?}", other.is_none(), key_again.unwrap_err().kind()));
    producer.to("copies").key(key).bytes(owned).send().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn every_extractor_at_once() {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    kafka.create_topic("t", 2);
    kafka.create_topic("copies", 1);
    let app = kafka.app().listener(everything).state(notes.clone()).state(Smtp("smtp.example"));
    kafka.start(app).await.unwrap();
    let draft = kafka.producer().to("t").partition(1).key("k1").header("x-tenant", "acme").header("x-size", "17");
    draft.json(&Mail { to: "a@b", tries: 3 }).unwrap().send().await.unwrap();
    kafka.settle().await;
    let expected = [
        "a@b 3 smtp.example",
        "true",
        "k1 acme 17 None 2",
        "t/1@0 true",
        "1/1 t/1 at offset 0 Some(\"test\") None",
        "true Decode",
    ];
    assert_eq!(notes.all(), expected);
    assert_eq!(kafka.records("copies")[0].value, kafka.records("t")[0].value);
}

#[kafka_listener(topic = "t", attempts = 1)]
async fn lenient(
    value: Option<Json<u32>>,
    result: Result<Json<u32>, Rejection>,
    key: Option<Key<String>>,
    #[header("n")] number: Result<u8, Rejection>,
    State(notes): State<Notes>,
) {
    let kind = |rejection: Rejection| rejection.kind();
    notes.add(format!("{value:?} {:?} {key:?} {:?}", result.map_err(kind), number.map_err(kind)));
}

#[tokio::test(start_paused = true)]
async fn an_option_is_none_where_nothing_is_and_a_result_takes_everything() {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    kafka.create_topic("t", 1);
    kafka.start(kafka.app().listener(lenient).state(notes.clone())).await.unwrap();
    let values: [(Option<&[u8]>, &[Raw<'_>]); 4] = [
        (Some(b"7"), &[(b"n", Some(b"8"))]),
        (None, &[(b"n", None)]),
        (Some(b"7"), &[(b"n", Some(b"900"))]),
        (Some(b"seven"), &[]),
    ];
    for (value, headers) in values {
        kafka.cluster().produce(raw("t", 0, value, headers)).unwrap();
    }
    kafka.settle().await;
    let expected = [
        "Some(Json(7)) Ok(Json(7)) None Ok(8)",
        "None Err(Missing) None Err(Missing)",
        "Some(Json(7)) Ok(Json(7)) None Err(Decode)",
    ];
    assert_eq!(notes.all(), expected, "what is there and cannot be read still rejects");
    assert_eq!(kafka.dead_letters("t")[0].value.as_deref(), Some(&b"seven"[..]));
}

/// A user's own extractor: a tenant out of the topic's key.
struct Tenant<'d>(&'d str);

impl<'d> FromDelivery<'d> for Tenant<'d> {
    fn from_delivery(delivery: &'d Delivery<'d>) -> Result<Self, Rejection> {
        let key = delivery.key().and_then(|key| std::str::from_utf8(key).ok());
        let tenant = key.and_then(|key| key.split_once(':'));
        tenant.map(|(tenant, _)| Self(tenant)).ok_or_else(|| Rejection::custom("the key names no tenant"))
    }
}

/// A user's own type in a header.
struct Level(u8);

impl<'d> FromHeader<'d> for Level {
    fn from_header(value: &'d [u8]) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        match value {
            b"high" => Ok(Self(2)),
            b"low" => Ok(Self(1)),
            _ => Err("no such level".into()),
        }
    }
}

#[kafka_listener(topic = "t", attempts = 3)]
async fn own(Tenant(tenant): Tenant<'_>, #[header("level")] level: Level, State(notes): State<Notes>) {
    notes.add(format!("{tenant} {}", level.0));
}

#[tokio::test(start_paused = true)]
async fn extractors_of_ones_own_reject_as_others_do() {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    kafka.create_topic("t", 1);
    kafka.start(kafka.app().listener(own).state(notes.clone())).await.unwrap();
    for (key, level) in [("acme:1", "high"), ("acme", "high"), ("acme:2", "medium"), ("beta:3", "low")] {
        kafka.producer().to("t").key(key).header("level", level).text("x").send().await.unwrap();
    }
    kafka.settle().await;
    assert_eq!(notes.all(), ["acme 2", "beta 1"]);
    let errors: Vec<_> = kafka.deliveries().into_iter().filter_map(|it| it.error).collect();
    assert_eq!(
        errors,
        [
            "`Tenant(tenant): Tenant<'_>`: the key names no tenant",
            "`level: Level`: the header `level` cannot be read: no such level",
        ]
    );
    assert_eq!(kafka.dead_letters("t").len(), 2, "at once, without a retry");
}

#[kafka_listener(topic = "t", attempts = 1)]
async fn state_by_kind(error: Result<State<u64>, Rejection>, State(notes): State<Notes>) {
    notes.add(format!("{}", error.is_err_and(|it| it.kind() == RejectionKind::State)));
}

#[tokio::test(start_paused = true)]
async fn a_state_in_a_result_is_needed_as_another() {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    kafka.create_topic("t", 1);
    let error = kafka.start(kafka.app().listener(state_by_kind).state(notes.clone())).await.unwrap_err();
    assert!(
        error.to_string().contains("the parameter `error: Result<State<u64>, Rejection>` needs a state"),
        "{error}"
    );
    kafka.start(kafka.app().listener(state_by_kind).state(notes.clone()).state(1_u64)).await.unwrap();
    send(&kafka, "t", 0, "x").await;
    kafka.settle().await;
    assert_eq!(notes.all(), ["false"]);
}
