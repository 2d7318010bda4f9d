//! Handlers of 10 ms, a hundred at once, on one partition: a hundred in each 10 ms would be perfect.

use std::time::Duration;

use kafka_listen::prelude::*;
use serde_json::json;

use crate::bare;
use crate::lab::{Error, Lab, median};
use crate::meter::{Meter, Round};
use crate::stage::{Fill, Stage};
use crate::table::{Bound, Row, Unit};

static METER: Meter = Meter::new();

const SIDE_BY_SIDE: usize = 100;
const WORK: Duration = Duration::from_millis(10);

#[kafka_listener(topic = "concurrency", group = "${bench.group}", order = "none", concurrency = 100)]
async fn by_none(_value: &[u8]) {
    work().await;
}

#[kafka_listener(topic = "concurrency", group = "${bench.group}", order = "key", concurrency = 100)]
async fn by_key(_value: &[u8]) {
    work().await;
}

async fn work() {
    METER.begin();
    tokio::time::sleep(WORK).await;
    METER.count();
}

pub fn run(lab: &Lab) -> Result<Vec<Row>, Error> {
    let stage = Stage::start();
    let records = lab.records(30_000);
    stage.create(lab, ["concurrency"], 1)?;
    let key: fn(usize) -> [u8; 8] = |number| (number as u64).to_be_bytes();
    stage.fill(Fill { key: Some(key), ..Fill::new("concurrency", 1, records, 100) })?;
    let (mut none, mut keyed, mut tasks) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..lab.rounds {
        let app = |order: &str| {
            App::new()
                .property("bootstrap.servers", stage.bootstrap())
                .property("bench.group", format!("{order}-{round}"))
        };
        none.push(lab.run(METER.run(app("none").listener(by_none), records))?);
        keyed.push(lab.run(METER.run(app("key").listener(by_key), records))?);
        tasks.push(lab.run(bare::sleeps(SIDE_BY_SIDE, WORK, Duration::from_secs(1))));
    }
    let perfect = SIDE_BY_SIDE as f64 / WORK.as_secs_f64();
    let row = |what: &str, rounds: &[Round]| {
        let kept = json!(rounds.iter().map(|round| round.json()).collect::<Vec<_>>());
        let ours = median(rounds.iter().map(|round| round.per_second()));
        Row::new(what, Unit::PerSecond, [ours], kept).beside(perfect, "100 ÷ 10 ms").ratio_goal(Bound::AtLeast(0.9))
    };
    let plain = Row::new("  plain Tokio tasks", Unit::PerSecond, [median(tasks.iter().copied())], json!(tasks));
    Ok(vec![
        row("100 at once of 10 ms, order none", &none),
        row("100 at once of 10 ms, order key", &keyed),
        plain.beside(perfect, "100 ÷ 10 ms"),
    ])
}
