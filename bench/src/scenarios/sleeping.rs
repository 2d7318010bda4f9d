//! Handlers that sleep, by the order that they keep, on six partitions; keys are a hundred.
//!
//! Beside each stands what plain Tokio tasks reach that sleep as long, as many of them as there can be lanes: its timer
//! counts in milliseconds, so that a shorter sleep takes longer than it says. Of a handler that does not sleep the bare
//! poll loop stands beside it.

use std::time::Duration;

use kafka_listen::prelude::*;
use serde_json::json;

use crate::bare;
use crate::lab::{Error, Lab, median};
use crate::meter::Meter;
use crate::stage::{Fill, Stage};
use crate::table::{Row, Unit};

static METER: Meter = Meter::new();

const PARTITIONS: i32 = 6;
const KEYS: usize = 100;
/// Records of one partition that may be unfinished.
const WINDOW: usize = 4096;

#[derive(Clone, Copy)]
struct Sleep(Duration);

#[kafka_listener(topic = "${bench.topic}", group = "${bench.group}")]
async fn by_partition(_value: &[u8], State(sleep): State<Sleep>) {
    work(sleep).await;
}

#[kafka_listener(topic = "${bench.topic}", group = "${bench.group}", order = "key")]
async fn by_key(_value: &[u8], State(sleep): State<Sleep>) {
    work(sleep).await;
}

#[kafka_listener(topic = "${bench.topic}", group = "${bench.group}", order = "none")]
async fn by_none(_value: &[u8], State(sleep): State<Sleep>) {
    work(sleep).await;
}

async fn work(sleep: Sleep) {
    METER.begin();
    if !sleep.0.is_zero() {
        tokio::time::sleep(sleep.0).await;
    }
    METER.count();
}

/// An order of handling.
struct Order {
    name: &'static str,
    /// The most records that may be handled at once.
    lanes: usize,
    /// Has the application listen so.
    with: fn(App) -> App,
}

const ORDERS: [Order; 3] = [
    Order { name: "partition", lanes: PARTITIONS as usize, with: |app| app.listener(by_partition) },
    Order { name: "key", lanes: KEYS, with: |app| app.listener(by_key) },
    Order { name: "none", lanes: PARTITIONS as usize * WINDOW, with: |app| app.listener(by_none) },
];

pub fn run(lab: &Lab) -> Result<Vec<Row>, Error> {
    let stage = Stage::start();
    let most = lab.records(1_000_000);
    let mut rows = Vec::new();
    for micros in [0, 100, 1000, 10_000] {
        let sleep = Duration::from_micros(micros);
        for Order { name: order, lanes, with } in ORDERS {
            let records = if micros == 0 { most } else { lab.records(records(lanes, sleep)) };
            let topic = format!("sleeping-{order}-{micros}");
            stage.create(lab, [&*topic], PARTITIONS)?;
            let key: fn(usize) -> [u8; 8] = |number| (number as u64 % KEYS as u64).to_be_bytes();
            stage.fill(Fill { key: Some(key), ..Fill::new(&topic, PARTITIONS, records, 100) })?;
            let (mut ours, mut beside) = (Vec::new(), Vec::new());
            for round in 0..lab.rounds {
                let app = App::new().property("bootstrap.servers", stage.bootstrap()).state(Sleep(sleep));
                let app = app.property("bench.topic", &topic).property("bench.group", format!("{topic}-{round}"));
                ours.push(lab.run(METER.run(with(app), records))?);
                beside.push(match micros {
                    0 => {
                        bare::read(&stage.bootstrap(), &topic, &format!("bare-{topic}-{round}"), records)?.per_second()
                    }
                    _ => lab.run(bare::sleeps(lanes, sleep, Duration::from_secs(1))),
                });
            }
            let kept = json!({ "ours": ours.iter().map(|it| it.json()).collect::<Vec<_>>(), "beside": beside });
            let what = format!("handlers of {} ms, order {order}", micros as f64 / 1000.0);
            let speed = median(ours.iter().map(|round| round.per_second()));
            let name = if micros == 0 { "bare poll loop" } else { "plain Tokio tasks" };
            rows.push(Row::new(what, Unit::PerSecond, [speed], kept).beside(median(beside), name));
        }
    }
    Ok(rows)
}

/// As many as take about two seconds.
fn records(lanes: usize, sleep: Duration) -> usize {
    const TIMER: Duration = Duration::from_millis(1);
    ((2.0 * lanes as f64 / (sleep + TIMER).as_secs_f64()) as usize).min(1_000_000)
}
