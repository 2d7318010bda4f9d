//! Every record fails at each of its three deliveries: measured from the first delivery until all are in the DLT's handler.
//!
//! A record is written three times on the way, with twelve headers, and read four times. So beside it stands what an
//! idempotent producer alone writes, without headers and with such as these.

use kafka_listen::prelude::*;
use serde_json::json;

use crate::lab::{Error, Lab, median};
use crate::meter::{Meter, Round};
use crate::stage::{Fill, Stage};
use crate::table::{Bound, Row, Unit};

static METER: Meter = Meter::new();

const PARTITIONS: i32 = 6;

#[kafka_listener(
    topic = "${bench.topic}",
    group = "${bench.group}",
    attempts = 3,
    backoff(delay = 100, multiplier = 2)
)]
async fn fail(value: &[u8]) -> Result<(), &'static str> {
    METER.begin();
    std::hint::black_box(value.len());
    Err("on purpose")
}

#[dlt_handler(fail)]
async fn dead(value: &[u8]) {
    std::hint::black_box(value.len());
    METER.count();
}

/// Names and values as they stand on a record of such a chain.
const HEADERS: [(&str, &[u8]); 12] = [
    ("kafka_exception-fqcn", b"&str"),
    ("kafka_exception-message", b"on purpose"),
    ("kafka_exception-stacktrace", b"on purpose"),
    ("kafka_original-topic", b"chain"),
    ("kafka_original-partition", &[0; 4]),
    ("kafka_original-offset", &[0; 8]),
    ("kafka_original-timestamp", &[0; 8]),
    ("kafka_original-timestamp-type", b"CreateTime"),
    ("kafka_dlt-original-consumer-group", b"chain-group"),
    ("retry_topic-original-timestamp", &[1; 6]),
    ("retry_topic-attempts", &[0, 0, 0, 2]),
    ("retry_topic-backoff-timestamp", &[1; 6]),
];

pub fn run(lab: &Lab) -> Result<Vec<Row>, Error> {
    let stage = Stage::start();
    let records = lab.records(200_000);
    let (mut ours, mut plain, mut headed) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..lab.rounds {
        // Topics of its own for each round: a group would read, and pass over, what the retries of another left.
        let (topic, written) = (format!("chain-{round}"), format!("written-{round}"));
        stage.create(lab, [&*topic, &*written], PARTITIONS)?;
        let fill = Fill { topic: &written, ..Fill::new(&topic, PARTITIONS, 3 * records, 100) };
        plain.push(stage.fill(fill)?);
        headed.push(stage.fill(Fill { headers: &HEADERS, ..fill })?);
        stage.fill(Fill { topic: &topic, records, ..fill })?;
        ours.push(lab.run(fail_all(&stage.bootstrap(), &topic, records))?);
    }
    let kept = json!({
        "chain": ours.iter().map(|round| round.json()).collect::<Vec<_>>(),
        "plain_writes_per_second": plain,
        "writes_with_headers_per_second": headed,
    });
    let speed = median(ours.iter().map(|round| round.per_second()));
    let cpu = median(ours.iter().map(|round| round.cpu_micros()));
    let (plain, headed) = (median(plain), median(headed));
    let what = "all fail 3 times, to the DLT handler";
    Ok(vec![
        Row::new(what, Unit::PerSecond, [speed], kept.clone()).goal([Some(Bound::AtLeast(40_000.0))]),
        Row::new(format!("{what}: writes"), Unit::PerSecond, [3.0 * speed], kept.clone())
            .beside(headed, "producer with headers"),
        Row::new(format!("{what}: writes"), Unit::PerSecond, [3.0 * speed], kept.clone())
            .beside(plain, "producer without"),
        Row::new(format!("{what}: CPU"), Unit::Micros, [cpu], kept),
    ])
}

async fn fail_all(bootstrap: &str, topic: &str, records: usize) -> Result<Round, Error> {
    let app = App::new().property("bootstrap.servers", bootstrap).listener(fail);
    let app = app.property("bench.topic", topic).property("bench.group", format!("{topic}-group"));
    METER.run(app, records).await
}
