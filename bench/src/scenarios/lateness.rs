//! How long after its due time a retry starts, with nothing else to do and with five thousand due in each second.
//!
//! The due time is what the record's header says, in whole milliseconds; the handler reads the clock first of all. A broker that has
//! just started spends its first minute compiling itself on all cores, so a case that is not shown goes first.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use kafka_listen::prelude::*;
use rdkafka::producer::BaseRecord;
use serde_json::json;

use crate::lab::{Error, Lab, percentile};
use crate::meter::Meter;
use crate::stage::Stage;
use crate::table::{Bound, Row, Unit};

static METER: Meter = Meter::new();
/// Lateness in milliseconds, by retry topic.
type Late = BTreeMap<String, Vec<f64>>;

static LATE: Mutex<Late> = Mutex::new(BTreeMap::new());

const PARTITIONS: i32 = 6;

#[kafka_listener(
    topic = "${bench.topic}",
    group = "${bench.topic}-group",
    attempts = "${bench.attempts}",
    backoff(delay = 1000, multiplier = 2)
)]
async fn fail(topic: Topic, #[header("retry_topic-backoff-timestamp")] due: Option<&[u8]>) -> Result<(), &'static str> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    if let Some(due) = due {
        let due = due.iter().fold(0_i64, |due, byte| due << 8 | i64::from(*byte));
        let late = now.as_secs_f64() * 1000.0 - due as f64;
        let mut all = LATE.lock().unwrap_or_else(PoisonError::into_inner);
        all.entry(topic.to_string()).or_default().push(late);
        METER.count();
    }
    Err("on purpose")
}

/// So many records a second, for so many seconds, each with so many retries.
struct Case {
    topic: &'static str,
    per_second: u32,
    seconds: u64,
    retries: usize,
    /// For min, p50, p90, p99 and max.
    goals: [Option<Bound>; 5],
}

const FIRST: Case = Case { topic: "first", per_second: 500, seconds: 30, retries: 4, goals: [None; 5] };

const CASES: [Case; 3] = [
    Case { topic: "five", per_second: 5, seconds: 40, retries: 4, goals: goals(Some(1.0), 3.0, Some(10.0)) },
    Case { topic: "fifty", per_second: 50, seconds: 40, retries: 4, goals: goals(Some(1.0), 5.0, Some(20.0)) },
    Case { topic: "many", per_second: 5000, seconds: 20, retries: 1, goals: goals(None, 20.0, None) },
];

const fn goals(p50: Option<f64>, p99: f64, max: Option<f64>) -> [Option<Bound>; 5] {
    const fn most(most: Option<f64>) -> Option<Bound> {
        match most {
            Some(most) => Some(Bound::AtMost(most)),
            None => None,
        }
    }
    [Some(Bound::AtLeast(0.0)), most(p50), None, most(Some(p99)), most(max)]
}

pub fn run(lab: &Lab) -> Result<Vec<Row>, Error> {
    let stage = Stage::start();
    let mut rows = Vec::new();
    measure(lab, &stage, &FIRST)?;
    for case in CASES {
        let mut late = measure(lab, &stage, &case)?;
        let Case { per_second, goals, .. } = case;
        let all: Vec<_> = late.values().flatten().copied().collect();
        rows.push(row(&format!("late at {per_second}/s, min/p50/p90/p99/max"), all).goal(goals));
        if late.len() > 1 {
            let parts =
                late.iter_mut().map(|(topic, late)| row(&format!("  after {} ms", after(topic)), std::mem::take(late)));
            rows.extend(parts);
        }
    }
    Ok(rows)
}

/// The delay, by which the topic is named.
fn after(topic: &str) -> &str {
    topic.rsplit('-').next().unwrap_or(topic)
}

fn row(what: &str, mut late: Vec<f64>) -> Row {
    let figures = [0.0, 0.5, 0.9, 0.99, 1.0].map(|share| percentile(&mut late, share));
    Row::new(what, Unit::Millis, figures, json!(late))
}

fn measure(lab: &Lab, stage: &Stage, case: &Case) -> Result<Late, Error> {
    stage.create(lab, [case.topic], PARTITIONS)?;
    let time = lab.time(Duration::from_secs(case.seconds));
    lab.run(send(stage, case, time))
}

/// Sends records that always fail, evenly, and waits for the last of their retries.
async fn send(stage: &Stage, case: &Case, time: Duration) -> Result<Late, Error> {
    let &Case { topic, per_second, retries, .. } = case;
    let app = App::new().property("bootstrap.servers", stage.bootstrap()).listener(fail);
    let app = app.property("bench.topic", topic).property("bench.attempts", (retries + 1).to_string());
    let mut running = app.start().await?;
    running.ready().await?;
    let records = (time.as_secs_f64() * f64::from(per_second)) as u32;
    METER.expect(records as usize * retries);
    METER.begin();
    let producer = stage.producer()?;
    let begin = Instant::now();
    let mut ticks = tokio::time::interval(Duration::from_millis(1));
    let mut sent = 0;
    while sent < records {
        ticks.tick().await;
        let due = ((begin.elapsed().as_secs_f64() * f64::from(per_second)) as u32).min(records);
        for number in sent..due {
            let record = BaseRecord::<(), str>::to(topic).payload("x").partition(number as i32 % PARTITIONS);
            producer.send(record).map_err(|(error, _)| error)?;
        }
        sent = due;
    }
    METER.reached().await?;
    running.stop().await;
    Ok(std::mem::take(&mut *LATE.lock().unwrap_or_else(PoisonError::into_inner)))
}
