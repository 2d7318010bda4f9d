//! Every record fails at each of its three deliveries: measured from the first delivery until all are in the DLT's handler.
//!
//! A record is written three times on the way, with thirteen headers, and read four times. So beside it stand the same reads and
//! writes [by hand](crate::by_hand), and what an idempotent producer alone writes, with such headers and without.

use std::time::Duration;

use kafka_listen::prelude::*;
use serde_json::json;

use crate::by_hand;
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
pub(super) const HEADERS: [(&str, &[u8]); 13] = [
    ("kafka_exception-fqcn", b"&str"),
    ("kafka_exception-cause-fqcn", b"&str"),
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
    let (mut rounds, mut plain, mut headed) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..=lab.rounds {
        // Topics of its own for each round: a group would read, and pass over, what the retries of another left.
        let (topic, written) = (format!("chain-{round}"), format!("written-{round}"));
        stage.create(lab, [&*topic, &*written], PARTITIONS)?;
        let fill = Fill { topic: &written, ..Fill::new(&topic, PARTITIONS, 3 * records, 100) };
        let writes = [stage.fill(fill)?, stage.fill(Fill { headers: &HEADERS, ..fill })?];
        let by_hand = by_hand(lab, &stage, round, records)?;
        stage.fill(Fill { topic: &topic, records, ..fill })?;
        let ours = lab.run(fail_all(&stage.bootstrap(), &topic, records))?;
        if round > 0 {
            plain.push(writes[0]);
            headed.push(writes[1]);
            rounds.push((ours, by_hand));
        }
    }
    let kept = json!({
        "chain": rounds.iter().map(|(ours, _)| ours.json()).collect::<Vec<_>>(),
        "by_hand": rounds.iter().map(|(_, by_hand)| by_hand.json()).collect::<Vec<_>>(),
        "plain_writes_per_second": plain,
        "writes_with_headers_per_second": headed,
    });
    let of = |figure: fn(Round) -> f64| {
        let ours = median(rounds.iter().map(|(ours, _)| figure(*ours)));
        let ratio = median(rounds.iter().map(|(ours, by_hand)| figure(*ours) / figure(*by_hand)));
        (ours, ours / ratio)
    };
    let ((speed, by_hand), (cpu, cpu_by_hand)) = (of(Round::per_second), of(Round::cpu_micros));
    let (plain, headed) = (median(plain), median(headed));
    let what = "all fail 3 times, to the DLT handler";
    Ok(vec![
        Row::new(what, Unit::PerSecond, [speed], kept.clone())
            .beside(by_hand, "by hand")
            .goal([Some(Bound::AtLeast(40_000.0))]),
        Row::new(format!("{what}: writes"), Unit::PerSecond, [3.0 * speed], kept.clone())
            .beside(headed, "producer with headers"),
        Row::new(format!("{what}: writes"), Unit::PerSecond, [3.0 * speed], kept.clone())
            .beside(plain, "producer without"),
        Row::new(format!("{what}: CPU"), Unit::Micros, [cpu], kept).beside(cpu_by_hand, "by hand"),
    ])
}

/// The same topics, headers and delays, and the same records.
fn by_hand(lab: &Lab, stage: &Stage, round: usize, records: usize) -> Result<Round, Error> {
    let topics = [0, 100, 200, 0].map(Duration::from_millis);
    let topics: Vec<_> =
        (0..).zip(topics).map(|(place, delay): (u32, _)| (format!("by-hand-{round}-{place}"), delay)).collect();
    stage.create(lab, topics.iter().map(|(topic, _)| topic.as_str()), PARTITIONS)?;
    stage.fill(Fill::new(&topics[0].0, PARTITIONS, records, 100))?;
    let (bootstrap, group) = (&*stage.bootstrap(), &*format!("by-hand-{round}"));
    // The due time is written on each hop.
    let headers = &HEADERS[..HEADERS.len() - 1];
    by_hand::Chain { bootstrap, group, topics: &topics, fails: |_| true, headers }.run(&stage.producer()?, records)
}

async fn fail_all(bootstrap: &str, topic: &str, records: usize) -> Result<Round, Error> {
    let app = App::new().property("bootstrap.servers", bootstrap).listener(fail);
    let app = app.property("bench.topic", topic).property("bench.group", format!("{topic}-group"));
    METER.run(app, records).await
}
