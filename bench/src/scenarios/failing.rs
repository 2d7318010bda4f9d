//! Every tenth record fails at its first delivery and is handled at its second, beside the same without failures.
//!
//! With a handler that does nothing, what the writing of retries costs; with one that takes a millisecond, what of it is
//! seen where handlers do something.

use std::time::Duration;

use kafka_listen::prelude::*;
use serde_json::json;

use super::chain::HEADERS;
use crate::by_hand;
use crate::lab::{Error, Lab, median};
use crate::meter::{Meter, Round};
use crate::stage::{Fill, Stage};
use crate::table::{Bound, Row, Unit};

static METER: Meter = Meter::new();

const FAILS: u8 = b'f';
const PARTITIONS: i32 = 6;

#[derive(Clone, Copy)]
struct Work(Duration);

#[kafka_listener(
    topic = "${bench.topic}",
    group = "${bench.group}",
    attempts = 3,
    backoff(delay = 100, multiplier = 2)
)]
async fn fail_once(value: &[u8], attempt: Attempt, State(work): State<Work>) -> Result<(), &'static str> {
    METER.begin();
    if !work.0.is_zero() {
        tokio::time::sleep(work.0).await;
    }
    if attempt.number == 1 && value.first() == Some(&FAILS) {
        return Err("on purpose");
    }
    METER.count();
    Ok(())
}

pub fn run(lab: &Lab) -> Result<Vec<Row>, Error> {
    let stage = Stage::start();
    let mut rows = Vec::new();
    for (what, work, usual) in [
        ("10 % fail once, no-op", Duration::ZERO, 1_000_000),
        ("10 % fail once, handlers of 1 ms", Duration::from_millis(1), 20_000),
    ] {
        let records = lab.records(usual);
        let fine = format!("fine-{usual}");
        stage.create(lab, [&*fine], PARTITIONS)?;
        stage.fill(Fill::new(&fine, PARTITIONS, records, 100))?;
        let (mut rounds, mut by_hand) = (Vec::new(), Vec::new());
        for round in 0..lab.rounds {
            // A topic of its own for each round: a group would read, and pass over, what the retries of another left.
            let failing = format!("failing-{usual}-{round}");
            stage.create(lab, [&*failing], PARTITIONS)?;
            stage.fill(Fill { mark: every_tenth, ..Fill::new(&failing, PARTITIONS, records, 100) })?;
            let fine = lab.run(handle(&stage.bootstrap(), &fine, round, records, work))?;
            let failing = lab.run(handle(&stage.bootstrap(), &failing, round, records, work))?;
            rounds.push((failing, fine));
            if work.is_zero() {
                by_hand.push((failing, fail_by_hand(lab, &stage, round, records)?));
            }
        }
        let kept = rounds.iter().map(|(failing, fine)| json!({ "failing": failing.json(), "fine": fine.json() }));
        let kept = json!(kept.collect::<Vec<_>>());
        let ours = median(rounds.iter().map(|(failing, _)| failing.per_second()));
        let ratio = median(rounds.iter().map(|(failing, fine)| failing.per_second() / fine.per_second()));
        let row = Row::new(what, Unit::PerSecond, [ours], kept);
        rows.push(row.beside(ours / ratio, "none fails").ratio_goal(Bound::AtLeast(0.8)));
        if !by_hand.is_empty() {
            let kept = json!(by_hand.iter().map(|(_, by_hand)| by_hand.json()).collect::<Vec<_>>());
            let ratio = median(by_hand.iter().map(|(failing, by_hand)| failing.per_second() / by_hand.per_second()));
            rows.push(Row::new(what, Unit::PerSecond, [ours], kept).beside(ours / ratio, "by hand"));
        }
    }
    Ok(rows)
}

/// The same records, every tenth of them written to another topic and read there.
fn fail_by_hand(lab: &Lab, stage: &Stage, round: usize, records: usize) -> Result<Round, Error> {
    let topics = [("source", 0), ("retry", 100)];
    let topics = topics.map(|(it, delay)| (format!("by-hand-{it}-{round}"), Duration::from_millis(delay)));
    stage.create(lab, topics.iter().map(|(topic, _)| topic.as_str()), PARTITIONS)?;
    stage.fill(Fill { mark: every_tenth, ..Fill::new(&topics[0].0, PARTITIONS, records, 100) })?;
    let (bootstrap, group) = (&*stage.bootstrap(), &*format!("by-hand-{round}"));
    let fails = |value: &[u8]| value.first() == Some(&FAILS);
    by_hand::Chain { bootstrap, group, topics: &topics, fails, headers: &HEADERS[..HEADERS.len() - 1] }
        .run(&stage.producer()?, records)
}

/// Spread over all partitions: their number and ten have a common divisor.
fn every_tenth(number: usize) -> Option<u8> {
    (number / PARTITIONS as usize).is_multiple_of(10).then_some(FAILS)
}

async fn handle(bootstrap: &str, topic: &str, round: usize, records: usize, work: Duration) -> Result<Round, Error> {
    let app = App::new().property("bootstrap.servers", bootstrap).state(Work(work)).listener(fail_once);
    let app = app.property("bench.topic", topic).property("bench.group", format!("{topic}-{round}"));
    METER.run(app, records).await
}
