//! What can be measured. One scenario a file; each starts a Kafka of its own, so that none disturbs another.

mod chain;
mod concurrency;
mod cost;
mod dead_letter;
mod failing;
mod idle;
mod lateness;
mod memory;
mod noop;
mod sleeping;

use crate::lab::{Error, Lab};
use crate::table::Row;

/// Something that can be measured.
pub struct Scenario {
    /// Its name on the command line.
    pub name: &'static str,
    about: &'static str,
    /// Measures it.
    pub run: fn(&Lab) -> Result<Vec<Row>, Error>,
}

/// The name that stands for all.
pub const ALL: &str = "all";

/// All of them, in the order in which they run.
pub const SCENARIOS: &[Scenario] = &[
    Scenario { name: "noop", about: "a handler that does nothing, beside the bare poll loop", run: noop::run },
    Scenario { name: "sleeping", about: "handlers that sleep, by the order that they keep", run: sleeping::run },
    Scenario { name: "concurrency", about: "100 handlers of 10 ms side by side, one partition", run: concurrency::run },
    Scenario { name: "failing", about: "every tenth record fails once", run: failing::run },
    Scenario { name: "chain", about: "every record fails until it is in the DLT", run: chain::run },
    Scenario { name: "lateness", about: "how long after its due time a retry starts", run: lateness::run },
    Scenario { name: "idle", about: "100 listeners with four retry topics each, doing nothing", run: idle::run },
    Scenario { name: "dead-letter", about: "bytes of headers on a dead letter", run: dead_letter::run },
    Scenario { name: "memory", about: "memory behind many waiting records and many partitions", run: memory::run },
    Scenario { name: "cost", about: "allocations and instructions of a record, without Kafka", run: cost::run },
];

/// Every name.
pub fn names() -> Vec<&'static str> {
    SCENARIOS.iter().map(|scenario| scenario.name).chain([ALL]).collect()
}

/// What `--help` says of them.
pub fn help() -> String {
    let lines = SCENARIOS.iter().map(|scenario| format!("  {:<12} {}\n", scenario.name, scenario.about));
    format!("Scenarios:\n{}  {ALL:<12} everything, as if none is named", lines.collect::<String>())
}
