//! Runs the simulation: `simulate [--seeds N] [--from S]` runs many seeds, `simulate --seed S` one of them, with its history.

use std::process::ExitCode;

use kafka_listen_tests::simulation::{Report, Run};

const USAGE: &str = "simulate [--seeds N] [--from S] | --seed S";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |name: &str| {
        let place = arguments.iter().position(|it| it == name)?;
        arguments.get(place + 1)?.parse::<u64>().ok()
    };
    let known = |it: &String| ["--seeds", "--from", "--seed"].contains(&it.as_str()) || it.parse::<u64>().is_ok();
    if !arguments.iter().all(known) {
        eprintln!("{USAGE}");
        return ExitCode::FAILURE;
    }
    match number("--seed") {
        Some(seed) => one(seed),
        None => many(number("--from").unwrap_or(0), number("--seeds").unwrap_or(2_000)),
    }
}

fn one(seed: u64) -> ExitCode {
    let run = Run::of(seed);
    if run.is_good() {
        println!("{}seed {seed}: every promise was kept", run.history());
        return ExitCode::SUCCESS;
    }
    println!("{run}");
    ExitCode::FAILURE
}

fn many(from: u64, seeds: u64) -> ExitCode {
    let report = Report::of(from..from.saturating_add(seeds));
    for bad in report.bad.values().take(3) {
        println!("{bad}");
    }
    print!("{report}");
    if report.bad.is_empty() {
        return ExitCode::SUCCESS;
    }
    let seeds: Vec<_> = report.bad.keys().take(20).map(u64::to_string).collect();
    println!("see them again with `--seed`: {}", seeds.join(" "));
    ExitCode::FAILURE
}
