//! What a record costs in allocations, and under callgrind in instructions, on the broker inside the process.

use std::sync::Arc;

use bytes::Bytes;
use kafka_listen::__internals::broker::Broker;
use kafka_listen::__internals::broker::memory::Cluster;
use kafka_listen::__internals::record::{Outgoing, OwnedBody, TopicName, Wanted};
use kafka_listen::prelude::*;
use serde_json::{Value, json};

use crate::counting;
use crate::lab::Error;
use crate::meter::Meter;

static METER: Meter = Meter::new();

const ADDRESS: &str = "embedded:cost";
const TOPIC: &str = "cost";

#[kafka_listener(topic = "cost", group = "fine")]
async fn look(_value: &[u8]) {
    METER.begin();
    METER.count();
}

#[kafka_listener(topic = "cost", group = "together", batch(max = 100))]
async fn look_at_all(values: Vec<&[u8]>) {
    METER.begin();
    values.iter().for_each(|_| METER.count());
}

#[kafka_listener(topic = "cost", group = "failing", attempts = 3, backoff(delay = 1))]
async fn fail(_value: &[u8]) -> Result<(), &'static str> {
    METER.begin();
    Err("on purpose")
}

#[dlt_handler(fail)]
async fn dead(_value: &[u8]) {
    METER.count();
}

/// `none` only writes the records; `fine` handles them, too, `together` a hundred at once, and `failing` has them fail until they are in the DLT's
/// handler. One thread: two would count each other's waiting.
pub fn run(what: &str, records: usize) -> Result<Value, Error> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let cluster = Cluster::named(ADDRESS);
        cluster.create_topic(TOPIC, 1)?;
        fill(&cluster, records)?;
        METER.expect(records);
        let app = App::new().property("bootstrap.servers", ADDRESS);
        let app = match what {
            "fine" => app.listener(look),
            "together" => app.listener(look_at_all),
            "failing" => app.listener(fail),
            _ => return Ok(json!({})),
        };
        counting::begin();
        let running = app.start().await?;
        METER.reached().await?;
        let allocations = counting::end();
        running.stop().await;
        Ok(json!({ "allocations": allocations }))
    })
}

fn fill(cluster: &Arc<Cluster>, records: usize) -> Result<(), Error> {
    let port = cluster.producer()?;
    let value = Bytes::from(vec![b'x'; 100]);
    for _ in 0..records {
        let body = OwnedBody { value: Some(value.clone()), ..OwnedBody::default() };
        let record =
            Outgoing { topic: TopicName::new(TOPIC)?, partition: Wanted::Any, body: body.pack()?, timestamp: None };
        port.send(record, Box::new(drop)).map_err(|_| "the queue is full")?;
    }
    Ok(())
}
