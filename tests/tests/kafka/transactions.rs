//! Transactional producers on the source: what was aborted is not handled, and nothing is left behind.

use std::sync::{Arc, Mutex};

use kafka_listen::prelude::*;
use kafka_listen_tests::real_kafka::shared;
use rdkafka::producer::{BaseProducer, BaseRecord, Producer as _};

use super::support::{PATIENCE, app, client, create_topic, until};

#[kafka_listener(topic = "transacted", group = "transacted-group", attempts = 2, backoff(delay = 100))]
async fn see(value: &str, State(seen): State<Arc<Mutex<Vec<String>>>>) {
    seen.lock().unwrap().push(value.to_owned());
}

#[tokio::test(flavor = "multi_thread")]
async fn after_transactions_kafkas_own_tool_shows_no_lag() {
    let kafka = shared();
    create_topic("transacted", 1, &[]);
    let seen = Arc::<Mutex<Vec<String>>>::default();
    let mut running = app().listener(see).state(seen.clone()).start().await.unwrap();
    running.ready().await.unwrap();
    tokio::task::spawn_blocking(|| {
        let producer: BaseProducer = client(shared()).set("transactional.id", "transacted-1").create().unwrap();
        producer.init_transactions(PATIENCE).unwrap();
        for (value, commit) in [("a", true), ("b", false), ("c", true), ("d", false)] {
            producer.begin_transaction().unwrap();
            producer.send(BaseRecord::<(), str>::to("transacted").payload(value)).map_err(|(error, _)| error).unwrap();
            producer.flush(PATIENCE).unwrap();
            match commit {
                true => producer.commit_transaction(PATIENCE).unwrap(),
                false => producer.abort_transaction(PATIENCE).unwrap(),
            }
        }
    })
    .await
    .unwrap();
    until("the committed ones are handled", || seen.lock().unwrap().len() == 2).await;
    let describe = || {
        let arguments = ["--describe", "--group", "transacted-group"];
        kafka.tool("org.apache.kafka.tools.consumer.group.ConsumerGroupCommand", arguments)
    };
    let mut told = String::new();
    until("the lag is 0", || {
        told = describe();
        lag_in(&told) == Some(0)
    })
    .await;
    assert_eq!(*seen.lock().unwrap(), ["a", "c"], "{told}");
    running.stop().await;
    assert_eq!(lag_in(&describe()), Some(0), "after the stop, too");
}

/// The column LAG of the source topic's line.
fn lag_in(told: &str) -> Option<i64> {
    let mut lines = told.lines().filter(|line| !line.trim().is_empty());
    let column = lines.find(|line| line.contains("LAG"))?.split_whitespace().position(|name| name == "LAG")?;
    let line = lines.find(|line| line.split_whitespace().nth(1) == Some("transacted"))?;
    line.split_whitespace().nth(column)?.parse().ok()
}
