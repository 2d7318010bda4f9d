//! Allocations and instructions of a record on the broker inside the process, the broker's own included: figures that do
//! not depend on how busy the machine is.
//!
//! Instructions are counted by valgrind's callgrind, for two numbers of records and with the writing of the records alone;
//! what is left when all that is subtracted is the cost of one record.

use serde_json::json;

use crate::lab::{Error, Lab};
use crate::table::{Row, Unit};

const FEW: usize = 5_000;
const MANY: usize = 25_000;

/// What becomes of a record, and what a worker calls that.
const CASES: [(&str, &str); 3] =
    [("handled", "fine"), ("handled in a batch of 100", "together"), ("that fails 3 times", "failing")];

pub fn run(lab: &Lab) -> Result<Vec<Row>, Error> {
    let mut rows = Vec::new();
    for (what, name) in CASES {
        let few = allocations(lab, name, FEW)?;
        let many = allocations(lab, name, MANY)?;
        let each = (many - few) / (MANY - FEW) as f64;
        let kept = json!({ "few": few, "many": many });
        rows.push(Row::new(format!("a record {what}: allocations"), Unit::Count, [each], kept));
    }
    let Ok(written) = instructions(lab, "none") else {
        eprintln!("instructions are not counted: there is no valgrind");
        return Ok(rows);
    };
    for (what, name) in CASES {
        let counted = instructions(lab, name)?;
        let kept = json!({ "written": written, "counted": counted });
        rows.push(Row::new(format!("a record {what}: instructions"), Unit::Count, [counted - written], kept));
    }
    Ok(rows)
}

fn allocations(lab: &Lab, what: &str, records: usize) -> Result<f64, Error> {
    let measured = lab.worker(&["cost", what, &records.to_string()])?;
    measured["allocations"].as_f64().ok_or_else(|| "nothing was counted".into())
}

/// Of one record, from the difference of two runs.
fn instructions(lab: &Lab, what: &str) -> Result<f64, Error> {
    let count = |records: usize| -> Result<f64, Error> {
        let file = std::env::temp_dir().join(format!("kafka-listen-callgrind-{}", std::process::id()));
        let out = format!("--callgrind-out-file={}", file.display());
        let valgrind = ["valgrind", "--tool=callgrind", "--quiet", &out];
        lab.worker_under(&valgrind, &["cost", what, &records.to_string()])?;
        let text = std::fs::read_to_string(&file)?;
        std::fs::remove_file(&file)?;
        let total = text.lines().find_map(|line| line.strip_prefix("totals: ")?.trim().parse().ok());
        total.ok_or_else(|| "callgrind has told no total".into())
    };
    Ok((count(MANY)? - count(FEW)?) / (MANY - FEW) as f64)
}
