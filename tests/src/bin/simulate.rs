//! Runs the simulation: `simulate [--seeds N] [--from S]` runs many seeds, `simulate --seed S` one of them, with its history,
//! and `simulate --controls` breaks the library's rules, each until the checker notices.

use std::process::ExitCode;

use kafka_listen_tests::simulation::{Controls, Report, Run};

const USAGE: &str = "simulate [--seeds N] [--from S] | --seed S | --controls";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |name: &str| {
        let place = arguments.iter().position(|it| it == name)?;
        arguments.get(place + 1)?.parse::<u64>().ok()
    };
    let known =
        |it: &String| ["--seeds", "--from", "--seed", "--controls"].contains(&it.as_str()) || it.parse::<u64>().is_ok();
    if !arguments.iter().all(known) {
        eprintln!("{USAGE}");
        return ExitCode::FAILURE;
    }
    match number("--seed") {
        Some(seed) => one(seed),
        None if arguments.iter().any(|it| it == "--controls") => controls(number("--seeds").unwrap_or(2_000)),
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

fn controls(seeds: u64) -> ExitCode {
    let controls = Controls::of(0..seeds);
    print!("{controls}");
    if controls.are_caught() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
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
