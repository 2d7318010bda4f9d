//! A hundred listeners with four retry topics and a DLT handler each, with nothing to do, in a process of their own.
//!
//! Started twice: the first time 500 topics are created, the second time they are there.

use std::time::Duration;

use serde_json::Value;

use crate::lab::{Error, Lab};
use crate::stage::Stage;
use crate::table::{Bound, Row, Unit};
use crate::worker::IDLE_TOPICS;

pub fn run(lab: &Lab) -> Result<Vec<Row>, Error> {
    let stage = Stage::start();
    stage.create(lab, IDLE_TOPICS.iter().copied(), 1)?;
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
        row("until ready, topics created", Unit::Seconds, &first, "ready_seconds", 3.0),
    ])
}
