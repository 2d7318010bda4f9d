//! Measures kafka-listen on a real Kafka that it starts by itself: prints one table, and keeps every round as JSON.
//!
//! `cargo run --release -p kafka-listen-bench` measures everything, `… -- NAME…` some of it, `… -- --help` names the
//! scenarios. `docs/benchmarks.md` says how each is measured and how to read it.

mod bare;
mod by_hand;
mod counting;
mod lab;
mod meter;
mod results;
mod scenarios;
mod stage;
mod table;
#[expect(unsafe_code, reason = "the operating system is asked for CPU time")]
mod usage;
mod values;
mod worker;

use std::path::PathBuf;

use clap::Parser;
use clap::builder::PossibleValuesParser;

use kafka_listen::__internals::AS_USERS_HAVE_IT;
use lab::{Error, Lab};
use results::Results;
use scenarios::SCENARIOS;

/// Measures kafka-listen on a real Kafka that it starts by itself: one table, and every round as JSON.
#[derive(Debug, Parser)]
#[command(after_help = scenarios::help())]
struct Arguments {
    /// What to measure, see below; everything if nothing is named.
    #[arg(value_name = "SCENARIO", hide_possible_values = true, value_parser = PossibleValuesParser::new(scenarios::names()))]
    scenarios: Vec<String>,
    /// How often each comparison is made, alternating; the table shows medians.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// So much of the usual number of records and of the usual time: for a quick look, not for figures to compare.
    #[arg(long, default_value_t = 1.0)]
    scale: f64,
    /// Where the JSON of all rounds goes. [default: bench/results/DATE.json]
    #[arg(long)]
    out: Option<PathBuf>,
}

fn main() -> Result<(), Error> {
    if !AS_USERS_HAVE_IT {
        return Err("this was built together with the tests, for which the library is another: build it alone, by \
                    `cargo run --release -p kafka-listen-bench`"
            .into());
    }
    let mut words = std::env::args().skip(1);
    if words.next().as_deref() == Some(worker::WORD) {
        return worker::run(&words.collect::<Vec<_>>());
    }
    let arguments = Arguments::parse();
    let lab = Lab::new(arguments.rounds.max(1), arguments.scale)?;
    let wanted = |name: &str| {
        arguments.scenarios.is_empty() || arguments.scenarios.iter().any(|it| it == name || it == scenarios::ALL)
    };
    let mut results = Results::new(arguments.out, &lab)?;
    table::head();
    for scenario in SCENARIOS.iter().filter(|scenario| wanted(scenario.name)) {
        for row in (scenario.run)(&lab)? {
            table::line(&row);
            results.keep(scenario.name, &row)?;
        }
    }
    println!("\nevery round: {}", results.path().display());
    Ok(())
}
