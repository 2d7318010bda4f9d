//! What a handler can never take goes to the dead-letter topic at once, as it is; its neighbours do not notice.

use kafka_listen::prelude::*;
use kafka_listen::testing::TestKafka;
use serde::Deserialize;

use crate::support::{Notes, header, raw, run};

#[derive(Deserialize)]
struct Mail {
    to: String,
}

#[kafka_listener(topic = "t", attempts = 5)]
async fn deliver(Json(mail): Json<Mail>, State(notes): State<Notes>) {
    notes.add(mail.to);
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Order {
    Placed { item: String },
    Cancelled { number: u64 },
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum AnyOrder {
    Placed {
        item: String,
    },
    #[serde(other)]
    Other,
}

#[kafka_listener(topic = "t", id = "complete")]
async fn of_two_kinds(Json(order): Json<Order>, State(notes): State<Notes>) {
    notes.add(match order {
        Order::Placed { item } => format!("placed {item}"),
        Order::Cancelled { number } => format!("cancelled {number}"),
    });
}

#[kafka_listener(topic = "t")]
async fn of_any_kind(Json(order): Json<AnyOrder>, State(notes): State<Notes>) {
    notes.add(match order {
        AnyOrder::Placed { item } => format!("placed {item}"),
        AnyOrder::Other => "another".to_owned(),
    });
}

const ORDERS: [&str; 3] =
    [r#"{"type":"placed","item":"pen"}"#, r#"{"type":"lost"}"#, r#"{"type":"cancelled","number":7}"#];

#[tokio::test(start_paused = true)]
async fn payloads_of_several_types_are_an_enum_and_a_type_that_nobody_knows_is_a_dead_letter() {
    let (kafka, notes) = run(|app| app.listener(of_two_kinds), &ORDERS).await;
    assert_eq!(notes, ["placed pen", "cancelled 7"]);
    let dead = kafka.dead_letters("t");
    assert_eq!(dead.iter().map(|it| it.value.as_deref()).collect::<Vec<_>>(), [Some(ORDERS[1].as_bytes())]);
}

#[tokio::test(start_paused = true)]
async fn a_variant_for_all_other_types_takes_what_nobody_knows() {
    let (kafka, notes) = run(|app| app.listener(of_any_kind), &ORDERS).await;
    assert_eq!(notes, ["placed pen", "another", "another"]);
    assert!(kafka.dead_letters("t").is_empty());
}

#[tokio::test(start_paused = true)]
async fn undecodable_bytes_and_tombstones_go_to_the_dlt_at_once_with_their_bytes() {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    kafka.create_topic("t", 1);
    let values: [Option<&[u8]>; 6] = [
        Some(br#"{"to":"a"}"#),
        Some(b"\xff\x00 garbage"),
        Some(br#"{"to":"b"}"#),
        None,
        Some(b""),
        Some(br#"{"to":"c"}"#),
    ];
    for value in values {
        kafka.cluster().produce(raw("t", 0, value, &[(b"x-tenant", Some(b"acme"))])).unwrap();
    }
    kafka.start(kafka.app().listener(deliver).state(notes.clone())).await.unwrap();
    kafka.settle().await;
    assert_eq!(notes.all(), ["a", "b", "c"]);
    assert!(kafka.deliveries().iter().all(|it| it.at.is_zero() && it.attempt == 1), "no retry");
    let dead = kafka.dead_letters("t");
    assert_eq!(dead.iter().map(|it| it.value.as_deref()).collect::<Vec<_>>(), [values[1], values[3], values[4]]);
    for letter in dead {
        assert_eq!(header(&letter.headers, "x-tenant"), Some(&b"acme"[..]));
        assert_eq!(header(&letter.headers, "retry_topic-attempts"), Some(&[0, 0, 0, 2][..]));
    }
    assert_eq!(kafka.lag("test", "t"), 0);
}

#[kafka_listener(topic = "t", attempts = 2)]
async fn takes_tombstones(value: Option<&[u8]>, Key(key): Key<&str>, State(notes): State<Notes>) -> Result<(), String> {
    notes.add(format!("{key} {value:?}"));
    Err("never".to_owned())
}

#[tokio::test(start_paused = true)]
async fn a_tombstone_stays_one_through_the_chain() {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    kafka.create_topic("t", 1);
    kafka.start(kafka.app().listener(takes_tombstones).state(notes.clone())).await.unwrap();
    kafka.producer().to("t").key("k").tombstone().send().await.unwrap();
    kafka.settle().await;
    assert_eq!(notes.all(), ["k None"; 2]);
    let dead = &kafka.dead_letters("t")[0];
    assert_eq!((dead.key.as_deref(), dead.value.as_deref()), (Some(&b"k"[..]), None));
}

#[kafka_listener(topic = "t", attempts = 3, dlt = false)]
async fn discards(Json(_): Json<Mail>) {}

#[tokio::test(start_paused = true)]
async fn without_a_dlt_it_is_discarded_once_and_told() {
    let mut kafka = TestKafka::new();
    kafka.create_topic("t", 1);
    kafka.start(kafka.app().listener(discards)).await.unwrap();
    kafka.producer().to("t").text("no mail").send().await.unwrap();
    kafka.settle().await;
    assert_eq!(kafka.deliveries().len(), 1);
    assert!(kafka.events().iter().any(|event| matches!(event, kafka_listen::Event::Discarded { .. })));
}
