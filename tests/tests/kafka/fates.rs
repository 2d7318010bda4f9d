//! Which errors are tried again, for how long, and where their dead letters go.

use std::sync::{Arc, Mutex};

use kafka_listen::prelude::*;
use kafka_listen_tests::real_kafka::shared;

use super::support::{app, create_topic, lag, read_all, topics, until};

#[derive(Debug, thiserror::Error)]
enum OrderError {
    #[error("invalid")]
    Invalid,
    #[error("fraud")]
    Fraud,
    #[error("no connection")]
    Connection,
}

#[kafka_listener(
    topic = "fates",
    group = "fates-group",
    attempts = 3,
    backoff(delay = 100),
    timeout = "1h",
    fatal(OrderError::Invalid),
    dlt_route("validation", OrderError::Invalid),
    dlt_route("_fraud", OrderError::Fraud),
    dlt_on_error = "skip"
)]
async fn order(text: &str) -> Result<(), OrderError> {
    Err(match text {
        "invalid" => OrderError::Invalid,
        "fraud" => OrderError::Fraud,
        _ => OrderError::Connection,
    })
}

#[dlt_handler(order)]
async fn is_dead(text: &str, topic: Topic, attempt: Attempt, State(dead): State<Dead>) -> Result<(), String> {
    dead.lock().unwrap().push(format!("{text} in {topic} after {} deliveries", attempt.number - 1));
    Err("Slack is down".to_owned())
}

type Dead = Arc<Mutex<Vec<String>>>;

#[tokio::test(flavor = "multi_thread")]
async fn dead_letters_take_their_routes_and_one_handler_in_one_group_reads_all_of_them() {
    create_topic("fates", 2, &[]);
    let dead = Dead::default();
    let running = app().listener(order).state(dead.clone()).start().await.unwrap();
    let producer = running.producer();
    for text in ["invalid", "fraud", "connection"] {
        producer.to("fates").partition(1).text(text).send().await.unwrap();
    }
    // Its producer says that it was written long ago: its time is over.
    produce_old("fates");
    until("all are dead", || dead.lock().unwrap().len() == 4).await;
    running.stop().await;
    let mut seen = dead.lock().unwrap().clone();
    seen.sort();
    let expected = [
        "connection in fates-dlt after 3 deliveries",
        "fraud in fates_fraud-dlt after 3 deliveries",
        "invalid in fates-validation-dlt after 1 deliveries",
        "old in fates-dlt after 1 deliveries",
    ];
    assert_eq!(seen, expected);
    for (topic, dead) in [("fates-dlt", 2), ("fates-validation-dlt", 1), ("fates_fraud-dlt", 1)] {
        assert_eq!(topics(shared(), topic)[topic], 2, "as many partitions as the source");
        assert_eq!(lag(shared(), "fates-group-dlt", topic), 0, "its handler fails and is skipped");
        assert_eq!(read_all(shared(), topic).len(), dead, "the dead letters stay");
    }
}

fn produce_old(topic: &str) {
    use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
    let producer: BaseProducer = super::support::client(shared()).create().unwrap();
    let hours_ago = std::time::SystemTime::now() - std::time::Duration::from_secs(2 * 3600);
    let millis = hours_ago.duration_since(std::time::UNIX_EPOCH).unwrap().as_millis();
    let record = BaseRecord::<str, str>::to(topic).payload("old").timestamp(millis.try_into().unwrap());
    producer.send(record).map_err(|(error, _)| error).unwrap();
    producer.flush(super::support::PATIENCE).unwrap();
}
