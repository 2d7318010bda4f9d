//! A listener that looks at its record and does nothing, beside the bare poll loop on the same topic, alternating. With one
//! partition it also stands beside batches that are taken and dropped: what librdkafka hands out at most.

use kafka_listen::prelude::*;
use serde_json::json;

use crate::bare;
use crate::lab::{Error, Lab, median};
use crate::meter::{Meter, Round};
use crate::stage::{Fill, Stage};
use crate::table::{Bound, Row, Unit};

static METER: Meter = Meter::new();

#[kafka_listener(topic = "${bench.topic}", group = "${bench.group}")]
async fn look(value: &[u8]) {
    METER.begin();
    std::hint::black_box(value.len());
    METER.count();
}

/// Partitions, bytes, and the speed that is wanted, as a share of the bare loop's.
const CASES: [(i32, usize, f64); 3] = [(1, 100, 1.3), (6, 100, 1.3), (6, 1024, 1.0)];

pub fn run(lab: &Lab) -> Result<Vec<Row>, Error> {
    let stage = Stage::start();
    let records = lab.records(3_000_000);
    let mut rows = Vec::new();
    for (partitions, bytes, goal) in CASES {
        let topic = format!("noop-{partitions}-{bytes}");
        stage.create(lab, [&*topic], partitions)?;
        stage.fill(Fill::new(&topic, partitions, records, bytes))?;
        let (mut rounds, mut taken) = (Vec::new(), Vec::new());
        for round in 0..lab.rounds {
            let bare = bare::read(&stage.bootstrap(), &topic, &format!("bare-{topic}-{round}"), records)?;
            let ours = lab.run(read(&stage.bootstrap(), &topic, &format!("ours-{topic}-{round}"), records))?;
            rounds.push((ours, bare));
            if partitions == 1 {
                taken.push((ours, bare::take(&stage.bootstrap(), &topic, records)?));
            }
        }
        let what = format!("no-op, {bytes} B, {partitions} partition{}", if partitions > 1 { "s" } else { "" });
        rows.extend(compare(&what, &rounds, "bare poll loop", Some(goal)));
        if !taken.is_empty() {
            rows.extend(compare(&what, &taken, "batches, dropped", None));
        }
    }
    Ok(rows)
}

/// Ratios are taken within a round, where both saw the same machine, and their median is shown.
fn compare(what: &str, rounds: &[(Round, Round)], beside: &'static str, goal: Option<f64>) -> [Row; 2] {
    let kept = json!(
        rounds.iter().map(|(ours, bare)| json!({ "ours": ours.json(), "bare": bare.json() })).collect::<Vec<_>>()
    );
    let row = |what: String, unit, of: fn(Round) -> f64, goal: Option<Bound>| {
        let ours = median(rounds.iter().map(|(ours, _)| of(*ours)));
        let ratio = median(rounds.iter().map(|(ours, bare)| of(*ours) / of(*bare)));
        let row = Row::new(what, unit, [ours], kept.clone()).beside(ours / ratio, beside);
        match goal {
            Some(goal) => row.ratio_goal(goal),
            None => row,
        }
    };
    [
        row(what.to_owned(), Unit::PerSecond, Round::per_second, goal.map(Bound::AtLeast)),
        row(format!("{what}: CPU a record"), Unit::Micros, Round::cpu_micros, goal.map(|_| Bound::AtMost(1.0))),
    ]
}

async fn read(bootstrap: &str, topic: &str, group: &str, records: usize) -> Result<Round, Error> {
    let app = App::new().property("bootstrap.servers", bootstrap).listener(look);
    METER.run(app.property("bench.topic", topic).property("bench.group", group), records).await
}
