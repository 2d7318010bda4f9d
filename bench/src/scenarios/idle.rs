//! A hundred listeners with four retry topics and a DLT handler each, with nothing to do, in a process of their own.
//!
//! Started twice: the first time 500 topics are created, the second time they are there. Beside the first stands how long
//! the broker takes to create as many, asked by one request, until the last of them can be read.

use std::time::{Duration, Instant};

use serde_json::Value;

use crate::lab::{Error, Lab};
use crate::stage::Stage;
use crate::table::{Bound, Row, Unit};
use crate::worker::IDLE_TOPICS;

pub fn run(lab: &Lab) -> Result<Vec<Row>, Error> {
    let stage = Stage::start();
    stage.create(lab, IDLE_TOPICS.iter().copied(), 1)?;
    let begin = Instant::now();
    let others: Vec<_> = (0..5 * IDLE_TOPICS.len()).map(|number| format!("other-{number}")).collect();
    stage.create(lab, others.iter().map(String::as_str), 1)?;
    stage.wait_for(&others)?;
    let broker = begin.elapsed().as_secs_f64();
    let seconds = lab.time(Duration::from_secs(20)).as_secs().to_string();
    let first = lab.worker(&["idle", &stage.bootstrap(), "0"])?;
    let again = lab.worker(&["idle", &stage.bootstrap(), &seconds])?;
    let row = |what: &str, unit, from: &Value, name: &str, most| {
        let figure = from[name].as_f64().unwrap_or(f64::NAN);
        Row::new(format!("100 idle listeners: {what}"), unit, [figure], from.clone()).goal([Some(Bound::AtMost(most))])
    };
    Ok(vec![
        row("consumers", Unit::Count, &again, "consumers", 3.0),
        row("threads", Unit::Count, &again, "threads", 30.0),
        row("memory", Unit::Mebibytes, &again, "rss", 100.0 * 1_048_576.0),
        row("CPU of a core", Unit::Percent, &again, "cpu", 2.0),
        row("until ready", Unit::Seconds, &again, "ready_seconds", 3.0),
        row("until ready, 500 topics new", Unit::Seconds, &first, "ready_seconds", 3.0)
            .beside(broker, "500 topics alone"),
    ])
}
