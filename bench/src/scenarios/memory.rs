//! Memory of a process behind a million records that wait in a retry topic, and behind two thousand retry partitions that
//! all hold records.
//!
//! A consumer holds at most 64 MiB of records, and its client reads at most 64 MiB ahead: that is the budget which stands
//! beside the figures, for the consumer of retry topics and, where records come from the source, for that of the source, too.
//! What the process needs without any record is in the figures, too.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::Value;

use crate::lab::{Error, Lab};
use crate::stage::{Fill, Stage};
use crate::table::{Bound, Row, Unit};
use crate::worker::{CHAIN, CHAIN_PARTITIONS};

/// Of one consumer.
const BUDGET: f64 = 128.0 * 1_048_576.0;

pub fn run(lab: &Lab) -> Result<Vec<Row>, Error> {
    let mut rows = waiting(lab)?;
    rows.push(partitions(lab)?);
    Ok(rows)
}

fn waiting(lab: &Lab) -> Result<Vec<Row>, Error> {
    let stage = Stage::start();
    let records = lab.records(1_000_000);
    stage.create(lab, ["waiting"], 6)?;
    stage.fill(Fill::new("waiting", 6, records, 100))?;
    let failing = lab.worker(&["fail", &stage.bootstrap(), &records.to_string()])?;
    let again = lab.worker(&["wait", &stage.bootstrap()])?;
    Ok(vec![
        row("1,000,000 records fail and wait, most", &failing, "rss_most", 2.0 * BUDGET),
        row("1,000,000 records wait, started anew", &again, "rss", BUDGET),
    ])
}

fn partitions(lab: &Lab) -> Result<Row, Error> {
    const RECORDS: usize = 100_000;
    let stage = Stage::start();
    stage.create(lab, CHAIN, CHAIN_PARTITIONS)?;
    let in_half_an_hour = SystemTime::now().duration_since(UNIX_EPOCH)? + Duration::from_secs(1800);
    let due = (in_half_an_hour.as_millis() as u64).to_be_bytes();
    for (index, topic) in CHAIN.iter().enumerate().skip(1) {
        let attempt = (index as u32 + 1).to_be_bytes();
        let headers = [("retry_topic-attempts", &attempt[..]), ("retry_topic-backoff-timestamp", &due[..])];
        let fill = Fill::new(topic, CHAIN_PARTITIONS, lab.records(RECORDS), 1024);
        stage.fill(Fill { headers: &headers, ..fill })?;
    }
    let measured = lab.worker(&["partitions", &stage.bootstrap()])?;
    Ok(row("2,000 retry partitions, 400 MB waiting", &measured, "rss_most", BUDGET))
}

fn row(what: &str, measured: &Value, name: &str, budget: f64) -> Row {
    let figure = measured[name].as_f64().unwrap_or(f64::NAN);
    Row::new(what, Unit::Mebibytes, [figure], measured.clone()).beside(budget, "budget").ratio_goal(Bound::AtMost(1.0))
}
