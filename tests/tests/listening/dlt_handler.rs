//! `#[dlt_handler]`: dead letters reach it, and it is not let off.

use kafka_listen::Event;
use kafka_listen::prelude::*;
use kafka_listen::testing::TestKafka;
use serde::Deserialize;

use crate::support::{Notes, send, times};

#[derive(Debug, Deserialize)]
struct Mail {
    to: String,
}

#[kafka_listener(topic = "t", attempts = 2)]
async fn deliver(Json(mail): Json<Mail>) -> Result<(), String> {
    Err(format!("no such user: {}", mail.to))
}

#[dlt_handler(deliver)]
async fn is_dead(mail: Result<Json<Mail>, Rejection>, error: LastError, origin: Origin, State(notes): State<Notes>) {
    let mail = mail.map(|Json(mail)| mail.to).map_err(|it| it.kind());
    notes.add(format!("{mail:?} from {origin}: {}", error.message));
}

#[tokio::test(start_paused = true)]
async fn it_gets_every_dead_letter_undecodable_ones_too() {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    kafka.create_topic("t", 1);
    kafka.start(kafka.app().listener(deliver).state(notes.clone())).await.unwrap();
    send(&kafka, "t", 0, "no mail").await;
    send(&kafka, "t", 0, r#"{"to":"a"}"#).await;
    kafka.settle().await;
    let seen = notes.all();
    assert!(
        seen[0].starts_with("Err(Decode) from t/0 at offset 0: `Json(mail): Json<Mail>`: the value is no JSON"),
        "{seen:?}"
    );
    assert_eq!(seen[1], "Ok(\"a\") from t/0 at offset 1: no such user: a");
    assert_eq!(times(&kafka, "t-dlt"), [0, 1000]);
    assert_eq!(kafka.lag("test-dlt", "t-dlt"), 0);
    assert_eq!(kafka.cluster().topics(), ["t", "t-dlt", "t-retry"], "a dead letter has no dead letters");
}

#[kafka_listener(topic = "t", attempts = 1)]
async fn dies(_: &str) -> Result<(), String> {
    Err("never".to_owned())
}

#[dlt_handler(dies)]
async fn on_the_eleventh(text: &str, attempt: Attempt, State(notes): State<Notes>) -> Result<(), String> {
    notes.add(text);
    if text == "first" && attempt.in_place <= 10 { Err("Slack is down".to_owned()) } else { Ok(()) }
}

#[tokio::test(start_paused = true)]
async fn if_it_fails_it_is_called_again_ever_more_slowly_and_its_partition_waits() {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    kafka.create_topic("t", 2);
    kafka.start(kafka.app().listener(dies).state(notes.clone())).await.unwrap();
    for (partition, text) in [(0, "first"), (0, "second"), (1, "elsewhere")] {
        send(&kafka, "t", partition, text).await;
    }
    kafka.settle().await;
    let tries: Vec<_> = kafka
        .deliveries()
        .into_iter()
        .filter(|it| it.topic == "t-dlt" && it.partition == 0)
        .map(|it| (it.offset, it.at.as_secs()))
        .collect();
    let first = [0, 1, 3, 7, 15, 31, 63, 123, 183, 243, 303].map(|at| (0, at));
    assert_eq!(tries, [&first[..], &[(1, 303)]].concat(), "doubling to a minute; the second one waits");
    assert_eq!(notes.all()[..2], ["first", "elsewhere"], "other partitions do not");
    assert_eq!(kafka.records("t-dlt").len(), 3, "nothing is written again");
}

#[kafka_listener(topic = "t", attempts = 1, dlt_on_error = "skip", dlt_route("x", text if text == "x"))]
async fn dies_once(text: &str) -> Result<(), String> {
    Err(text.to_owned())
}

#[dlt_handler(dies_once)]
async fn asked_once(text: &str, State(notes): State<Notes>) -> Result<Outcome, String> {
    notes.add(text);
    match text {
        "error" | "x" => Err("Slack is down".to_owned()),
        "panic" => panic!("Slack is down"),
        "later" => Ok(Decision::RetryAfter(std::time::Duration::from_secs(1)).into()),
        _ => Ok(Outcome::Done),
    }
}

#[tokio::test(start_paused = true)]
async fn if_it_is_to_be_skipped_it_is_called_once_and_the_dead_letter_stays() {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    kafka.create_topic("t", 1);
    kafka.start(kafka.app().listener(dies_once).state(notes.clone())).await.unwrap();
    for text in ["error", "panic", "later", "x", "fine"] {
        send(&kafka, "t", 0, text).await;
    }
    kafka.settle().await;
    assert!(kafka.elapsed().as_secs() < 1);
    let mut seen = notes.all();
    seen.sort();
    assert_eq!(seen, ["error", "fine", "later", "panic", "x"]);
    let passed_over = kafka.events().iter().filter(|event| matches!(event, Event::PassedOver { .. })).count();
    assert_eq!((passed_over, kafka.dead_letters("t").len(), kafka.records("t-x-dlt").len()), (4, 4, 1));
}

#[kafka_listener(topic = "t", attempts = 2, dlt_on_error = "skip")]
async fn unhandled() {}

#[tokio::test(start_paused = true)]
async fn what_is_said_about_a_handler_that_there_is_not_is_a_start_up_error() {
    let mut kafka = TestKafka::new();
    let error = kafka.start(kafka.app().listener(unhandled)).await.unwrap_err().to_string();
    assert!(error.contains("`dlt_on_error` says what follows when a DLT handler fails, and there is none"), "{error}");
}

#[kafka_listener(topic = "t", attempts = 1)]
async fn strict(Json(_): Json<Mail>) -> Result<(), String> {
    Err("never".to_owned())
}

#[dlt_handler(strict)]
async fn strict_too(Json(mail): Json<Mail>, State(notes): State<Notes>) {
    notes.add(mail.to);
}

#[tokio::test(start_paused = true)]
async fn one_that_cannot_read_a_dead_letter_passes_it_over_and_does_not_stall() {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    kafka.create_topic("t", 1);
    kafka.start(kafka.app().listener(strict).state(notes.clone())).await.unwrap();
    for text in ["no mail", r#"{"to":"a"}"#] {
        send(&kafka, "t", 0, text).await;
    }
    kafka.settle().await;
    assert_eq!(notes.all(), ["a"]);
    assert!(kafka.elapsed().as_secs() < 1);
    assert!(kafka.events().iter().any(|event| matches!(event, Event::PassedOver { .. })));
    assert_eq!(kafka.dead_letters("t").len(), 2, "it stays in the topic");
}

#[kafka_listener(topic = "t.dlt", group = "watch", attempts = 2)]
async fn watch(text: &str, attempt: Attempt, State(notes): State<Notes>) -> Result<(), String> {
    notes.add(format!("{text} {}.{}", attempt.number, attempt.in_place));
    if attempt.in_place < 4 { Err("Slack is down".to_owned()) } else { Ok(()) }
}

#[tokio::test(start_paused = true)]
async fn a_plain_listener_on_a_dlt_discards_nothing_and_has_no_dlt_of_its_own() {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    kafka.create_topic("t.dlt", 1);
    kafka.start(kafka.app().listener(watch).state(notes.clone())).await.unwrap();
    send(&kafka, "t.dlt", 0, "x").await;
    kafka.settle().await;
    assert_eq!(notes.all(), ["x 1.1", "x 2.1", "x 2.2", "x 2.3", "x 2.4"]);
    assert_eq!(times(&kafka, "t.dlt-retry"), [1000, 2000, 4000, 8000]);
    assert_eq!(kafka.cluster().topics(), ["t.dlt", "t.dlt-retry"]);
}

#[kafka_listener(topic = "src", attempts = 1, dlt_suffix = ".dlt")]
async fn source(_: &str) -> Result<(), String> {
    Err("never".to_owned())
}

#[kafka_listener(topic = "src.dlt", group = "watch", attempts = 2)]
async fn watch_of_one_app(attempt: Attempt, State(notes): State<Notes>) -> Result<(), String> {
    notes.add(attempt.number.to_string());
    if attempt.number == 1 { Err("Slack is down".to_owned()) } else { Ok(()) }
}

#[tokio::test(start_paused = true)]
async fn a_listener_on_the_dlt_of_another_one_gets_its_chain_though_its_topic_is_only_just_created() {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    kafka.create_topic("src", 3);
    kafka.start(kafka.app().listener(source).listener(watch_of_one_app).state(notes.clone())).await.unwrap();
    assert_eq!(kafka.cluster().topics(), ["src", "src.dlt", "src.dlt-retry"]);
    assert_eq!(kafka.cluster().partitions("src.dlt-retry"), Some(3));
    send(&kafka, "src", 0, "x").await;
    kafka.advance(std::time::Duration::from_secs(5)).await;
    assert_eq!(notes.all(), ["1", "2"]);
}
