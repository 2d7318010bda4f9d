//! The file that keeps what every round yielded.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde_json::{Value, json};

use crate::lab::{Error, Lab};
use crate::table::Row;

/// Written anew after each row, so that a run that is broken off leaves what it had.
pub struct Results {
    path: PathBuf,
    document: Value,
}

impl Results {
    /// To `out`, or to a file that is named by the date.
    pub fn new(out: Option<PathBuf>, lab: &Lab) -> Result<Self, Error> {
        let date = humantime::format_rfc3339_seconds(SystemTime::now()).to_string();
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("results");
        let path = out.unwrap_or_else(|| folder.join(format!("{}.json", date.replace(':', "-"))));
        path.parent().map_or(Ok(()), fs::create_dir_all)?;
        let cores = std::thread::available_parallelism().map_or(0, usize::from);
        let document = json!({ "date": date, "cores": cores, "rounds": lab.rounds, "scale": lab.scale, "rows": [] });
        Ok(Self { path, document })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Keeps a row.
    pub fn keep(&mut self, scenario: &str, row: &Row) -> Result<(), Error> {
        let kept = json!({
            "scenario": scenario,
            "what": row.what,
            "unit": format!("{:?}", row.unit),
            "ours": row.ours,
            "beside": row.beside.map(|(figure, what)| json!({ "figure": figure, "what": what })),
            "ratio": row.ratio(),
            "goal": format!("{:?}", row.goal),
            "reached": row.is_reached(),
            "rounds": row.rounds,
        });
        if let Some(rows) = self.document["rows"].as_array_mut() {
            rows.push(kept);
        }
        Ok(fs::write(&self.path, serde_json::to_string_pretty(&self.document)?)?)
    }
}
