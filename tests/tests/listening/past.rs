//! What a record knows of its past: attempt, origin, last error, in retry topics and in the dead-letter topic.

use kafka_listen::prelude::*;
use kafka_listen::testing::TestKafka;

use crate::support::{Notes, send};

#[derive(Debug, thiserror::Error)]
#[error("cannot send, try {try_}")]
struct SendError {
    try_: u32,
    source: std::io::Error,
}

#[kafka_listener(topic = "orders", group = "shop", attempts = 3, backoff(delay = 1000, multiplier = 2))]
async fn ship(
    attempt: Attempt,
    origin: Origin,
    error: Option<LastError>,
    topic: Topic,
    State(notes): State<Notes>,
) -> Result<(), SendError> {
    let error = error.map(|error| error.to_string()).unwrap_or_default();
    notes.add(format!("{}/{} {topic} from {origin}, last: {}, {error}", attempt.number, attempt.of, attempt.is_last()));
    Err(SendError { try_: attempt.number, source: std::io::Error::other("disk full") })
}

#[dlt_handler(ship)]
async fn is_dead(origin: Origin, error: LastError, attempt: Attempt, topic: Topic, State(notes): State<Notes>) {
    notes.add(format!("{topic} {origin} {:?} attempt {}", origin.group, attempt.number));
    notes.add(format!("{error} / {:?} / {:?}", error.cause, error.trace));
}

#[tokio::test(start_paused = true)]
async fn each_delivery_knows_its_number_where_it_came_from_and_why_it_is_here() {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    kafka.create_topic("orders", 3);
    kafka.start(kafka.app().listener(ship).state(notes.clone())).await.unwrap();
    send(&kafka, "orders", 2, "first").await;
    kafka.settle().await;
    let name = "listening::past::SendError";
    let expected = [
        "1/3 orders from orders/2 at offset 0, last: false, ".to_owned(),
        format!("2/3 orders-retry-1000 from orders/2 at offset 0, last: false, {name}: cannot send, try 1"),
        format!("3/3 orders-retry-2000 from orders/2 at offset 0, last: true, {name}: cannot send, try 2"),
        "orders-dlt orders/2 at offset 0 Some(\"shop\") attempt 4".to_owned(),
        format!(
            "{name}: cannot send, try 3 / Some(\"std::io::error::Error\") / Some(\"cannot send, try 3\\ncaused by: disk full\")"
        ),
    ];
    assert_eq!(notes.all(), expected);
}

#[kafka_listener(topic = "orders-dead", group = "watch")]
async fn watch(origin: Origin, error: Option<LastError>, State(notes): State<Notes>) {
    notes.add(format!("{origin} {:?}", error.map(|error| error.message)));
}

#[kafka_listener(topic = "orders", attempts = 1, dlt_suffix = "-dead")]
async fn dies() -> Result<(), String> {
    Err("never".to_owned())
}

#[tokio::test(start_paused = true)]
async fn a_plain_listener_on_a_dlt_of_any_name_knows_the_past_too() {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    kafka.create_topic("orders", 1);
    kafka.start(kafka.app().listener(dies).listener(watch).state(notes.clone())).await.unwrap();
    send(&kafka, "orders", 0, "x").await;
    kafka.settle().await;
    assert_eq!(notes.all(), ["orders/0 at offset 0 Some(\"never\")"]);
}
