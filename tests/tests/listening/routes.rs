//! `dlt_route` and `DeadLetterTo`: dead-letter topics for some errors, beside the one for all others.

use kafka_listen::Event;
use kafka_listen::prelude::*;
use kafka_listen::testing::TestKafka;

use crate::support::{Notes, header, send, times};

#[derive(Debug, thiserror::Error)]
enum OrderError {
    #[error("invalid")]
    Invalid,
    #[error("fraud: {0}")]
    Fraud(String),
    #[error("no connection")]
    Connection,
    #[error("for {0}")]
    For(String),
}

fn judge(error: &OrderError) -> Decision {
    match error {
        OrderError::Invalid => Decision::DeadLetter,
        OrderError::For(route) => Decision::DeadLetterTo(route.clone().into()),
        OrderError::Fraud(_) | OrderError::Connection => Decision::Retry,
    }
}

#[kafka_listener(
    topic = "t",
    attempts = 2,
    classify = judge,
    dlt_route("validation", OrderError::Invalid),
    dlt_route("_fraud", OrderError::Fraud(_)),
    dlt_route("by-hand")
)]
async fn order(text: &str) -> Result<(), OrderError> {
    Err(match text.split_once(' ').unwrap_or((text, "")) {
        ("invalid", _) => OrderError::Invalid,
        ("fraud", what) => OrderError::Fraud(what.to_owned()),
        ("for", route) => OrderError::For(route.to_owned()),
        _ => OrderError::Connection,
    })
}

#[dlt_handler(order)]
async fn order_is_dead(text: &str, topic: Topic, origin: Origin, error: LastError, State(notes): State<Notes>) {
    notes.add(format!("{text} in {topic} from {origin}: {}", error.message));
}

async fn started() -> (TestKafka, Notes) {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    kafka.create_topic("t", 2);
    kafka.start(kafka.app().listener(order).state(notes.clone())).await.unwrap();
    (kafka, notes)
}

#[tokio::test(start_paused = true)]
async fn a_dead_letter_takes_the_route_of_its_error_when_its_attempts_are_used_up_or_at_once() {
    let (kafka, notes) = started().await;
    let topics = ["t", "t-by-hand-dlt", "t-dlt", "t-retry", "t-validation-dlt", "t_fraud-dlt"];
    assert_eq!(kafka.cluster().topics(), topics);
    assert!(topics.iter().all(|topic| kafka.cluster().partitions(topic) == Some(2)), "as many as the source");
    for text in ["invalid", "fraud it is", "connection"] {
        send(&kafka, "t", 1, text).await;
    }
    kafka.settle().await;
    assert_eq!(
        notes.all(),
        [
            "invalid in t-validation-dlt from t/1 at offset 0: invalid",
            "fraud it is in t_fraud-dlt from t/1 at offset 1: fraud: it is",
            "connection in t-dlt from t/1 at offset 2: no connection",
        ],
        "the DLT handler gets all of them"
    );
    assert_eq!([times(&kafka, "t-validation-dlt"), times(&kafka, "t_fraud-dlt")], [[0], [1000]], "retried first");
    let dead = &kafka.records("t_fraud-dlt")[0];
    assert_eq!(header(&dead.headers, "retry_topic-attempts"), Some(&3_i32.to_be_bytes()[..]));
    assert_eq!(header(&dead.headers, "kafka_dlt-original-consumer-group"), Some(&b"test"[..]));
    for topic in ["t-dlt", "t-validation-dlt", "t_fraud-dlt"] {
        assert_eq!(kafka.lag("test-dlt", topic), 0, "one group reads them all");
        assert_eq!(kafka.records(topic).len(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_route_may_be_asked_for_by_name_and_an_unknown_one_is_told_and_loses_nothing() {
    let (kafka, notes) = started().await;
    for text in ["for by-hand", "for _fraud", "for fraud"] {
        send(&kafka, "t", 0, text).await;
    }
    kafka.settle().await;
    let mut seen: Vec<_> = notes.all().into_iter().map(|note| note.split(" from").next().unwrap().to_owned()).collect();
    seen.sort();
    assert_eq!(seen, ["for _fraud in t_fraud-dlt", "for by-hand in t-by-hand-dlt", "for fraud in t-dlt"]);
    let unknown = |event: &Event| match event {
        Event::UnknownRoute { record, route, topic, .. } => Some((record.offset, route.clone(), topic.to_string())),
        _ => None,
    };
    let told: Vec<_> = kafka.events().iter().filter_map(unknown).collect();
    assert_eq!(told, [(2, "fraud".to_owned(), "t-dlt".to_owned())]);
    assert!(times(&kafka, "t-retry").is_empty(), "at once");
}

#[kafka_listener(topic = "t", dlt_route("by-hand"), dlt_route("unreadable"))]
async fn decides(text: Result<&str, Rejection>, ack: Ack) -> Outcome {
    match text {
        Err(_) => return Decision::DeadLetterTo("unreadable".into()).into(),
        Ok("ack") => ack.dead_letter_to("by-hand", "nobody knows"),
        Ok(_) => ack.done(),
    }
    Outcome::Done
}

#[tokio::test(start_paused = true)]
async fn an_outcome_and_an_ack_take_a_route_too() {
    let mut kafka = TestKafka::new();
    kafka.create_topic("t", 1);
    kafka.start(kafka.app().listener(decides)).await.unwrap();
    send(&kafka, "t", 0, "ack").await;
    let unreadable = crate::support::raw("t", 0, Some(&[0xff]), &[]);
    kafka.cluster().produce(unreadable).unwrap();
    kafka.settle().await;
    let by_hand = kafka.records("t-by-hand-dlt");
    assert_eq!(header(&by_hand[0].headers, "kafka_exception-message"), Some(&b"nobody knows"[..]));
    assert_eq!(kafka.records("t-unreadable-dlt")[0].value.as_deref(), Some(&[0xff][..]));
    assert!(kafka.dead_letters("t").is_empty());
}

#[kafka_listener(topic = "t", attempts = 1)]
async fn unrouted(_: &str) -> Outcome {
    Decision::DeadLetterTo("anywhere".into()).into()
}

#[dlt_handler(unrouted)]
async fn nowhere_to_go(State(notes): State<Notes>) -> Outcome {
    notes.add("asked");
    Decision::DeadLetterTo("further".into()).into()
}

#[tokio::test(start_paused = true)]
async fn a_dead_letter_has_no_further_route_and_stays_where_it_is() {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    kafka.create_topic("t", 1);
    kafka.start(kafka.app().listener(unrouted).state(notes.clone())).await.unwrap();
    send(&kafka, "t", 0, "x").await;
    kafka.settle().await;
    assert_eq!((notes.all().len(), kafka.dead_letters("t").len()), (1, 1));
    assert!(kafka.events().iter().any(|event| matches!(event, Event::PassedOver { .. })));
}

#[kafka_listener(topic = "t", id = "first", attempts = 1, dlt_route("x"))]
async fn first() {}

#[kafka_listener(topic = "t-x", id = "second", attempts = 1)]
async fn second() {}

#[kafka_listener(topic = "t-x-dlt", id = "third", group = "watch", attempts = 1)]
async fn third(_: &str) -> Result<(), String> {
    Err("no".to_owned())
}

#[tokio::test(start_paused = true)]
async fn a_route_is_a_chain_topic_like_another() {
    let mut kafka = TestKafka::new();
    for topic in ["t", "t-x"] {
        kafka.create_topic(topic, 1);
    }
    let error = kafka.start(kafka.app().listener(first).listener(second)).await.unwrap_err().to_string();
    assert!(error.contains("both have the chain topic `t-x-dlt` in the group `test`"), "{error}");
    // A listener on it has no DLT of its own, and it is created before that reads it.
    kafka.start(kafka.app().listener(first).listener(third)).await.unwrap();
    assert_eq!(kafka.cluster().topics(), ["t", "t-dlt", "t-x", "t-x-dlt"]);
}

#[kafka_listener(topic = "t", attempts = 2, dlt_route("${ROUTE}"), dlt_route("retry"))]
async fn named_later() {}

#[kafka_listener(topic = "t", attempts = 1, dlt_suffix = ".dead")]
async fn source() {}

#[kafka_listener(topic = "t.dead", group = "watch", dlt_route("x"))]
async fn on_its_dlt() {}

#[tokio::test(start_paused = true)]
async fn a_route_that_cannot_be_is_a_start_up_error() {
    let mut kafka = TestKafka::new();
    let long = "x".repeat(250 - "t--dlt".len());
    for (route, says) in [
        ("", "`dlt_route` (`${ROUTE}` from `App::property`): is empty"),
        ("a b", "the topic name `t-a b-dlt` has the character ' '"),
        ("-retry", "has the topic `t-retry-dlt` twice: write another `retry_suffix`, `dlt_suffix` or `dlt_route`"),
        (&long, "250 characters"),
    ] {
        let app = kafka.app().listener(named_later).property("ROUTE", route);
        let error = kafka.start(app).await.unwrap_err().to_string();
        assert!(error.contains(says), "{error}");
    }
    let app = kafka.app().listener(source).listener(on_its_dlt);
    let error = kafka.start(app).await.unwrap_err().to_string();
    assert!(error.contains("nor on a listener to a dead-letter topic: leave it out, or write `dlt = true`"), "{error}");
}

#[kafka_listener(topic_pattern = "^t", attempts = 2, dlt_route("_fraud", text if text == "fraud"))]
async fn whatever(text: &str) -> Result<(), String> {
    Err(text.to_owned())
}

#[tokio::test(start_paused = true)]
async fn a_pattern_of_topics_matches_no_route() {
    let mut kafka = TestKafka::new();
    kafka.create_topic("t", 1);
    for texts in [["fraud", "error"], ["error", "fraud"]] {
        kafka.start(kafka.app().listener(whatever)).await.unwrap();
        for text in texts {
            send(&kafka, "t", 0, text).await;
        }
        kafka.settle().await;
        assert_eq!(kafka.cluster().topics(), ["t", "t-dlt", "t-retry", "t_fraud-dlt"], "they are no source topics");
        kafka.stop().await;
    }
    assert_eq!((kafka.records("t-dlt").len(), kafka.records("t_fraud-dlt").len()), (2, 2));
}

#[tokio::test(start_paused = true)]
async fn the_plan_shows_routes_behind_the_dlt() {
    let (mut kafka, _) = (TestKafka::new(), ());
    kafka.create_topic("t", 1);
    let handle = kafka.app().listener(order).state(Notes::default()).start().await.unwrap();
    let plan = handle.plan().to_string();
    assert!(
        plan.contains(
            "t-retry (1s) -> t-dlt or t-validation-dlt or t_fraud-dlt or t-by-hand-dlt, handled by order_is_dead"
        ),
        "{plan}"
    );
    handle.stop().await;
    kafka.stop().await;
}
