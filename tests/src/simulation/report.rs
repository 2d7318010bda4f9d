//! Many seeds over all cores, and what they came to.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::history::{Entry, What};
use super::run::Run;

/// What many seeds came to.
#[derive(Default)]
pub struct Report {
    /// The runs in which a promise was broken, by their seeds.
    pub bad: BTreeMap<u64, String>,
    seeds: u64,
    counts: Counts,
    took: Duration,
}

#[derive(Default)]
struct Counts {
    millis: u64,
    records: u64,
    copies: u64,
    deliveries: u64,
    commits: u64,
    /// What was done to the world, and how often.
    done: BTreeMap<&'static str, u64>,
}

impl Report {
    /// Runs these seeds.
    pub fn of(seeds: Range<u64>) -> Self {
        let (next, began) = (AtomicU64::new(seeds.start), Instant::now());
        let workers = thread::available_parallelism().map_or(1, usize::from);
        let run = || {
            let mut report = Self::default();
            loop {
                let seed = next.fetch_add(1, Ordering::Relaxed);
                if seed >= seeds.end {
                    return report;
                }
                report.take(seed, &Run::of(seed));
            }
        };
        let mut all = Self::default();
        thread::scope(|scope| {
            let workers: Vec<_> = (0..workers).map(|_| scope.spawn(run)).collect();
            for worker in workers {
                all.add(worker.join().expect("what panics in a run is caught there"));
            }
        });
        all.took = began.elapsed();
        all
    }

    fn take(&mut self, seed: u64, run: &Run) {
        self.seeds += 1;
        self.counts.millis += run.history.last().map_or(0, |entry| entry.ms);
        run.history.iter().for_each(|entry| self.counts.take(entry));
        if !run.is_good() {
            self.bad.insert(seed, run.to_string());
        }
    }

    fn add(&mut self, other: Self) {
        self.bad.extend(other.bad);
        self.seeds += other.seeds;
        let (counts, more) = (&mut self.counts, other.counts);
        counts.millis += more.millis;
        counts.records += more.records;
        counts.copies += more.copies;
        counts.deliveries += more.deliveries;
        counts.commits += more.commits;
        for (what, count) in more.done {
            *counts.done.entry(what).or_default() += count;
        }
    }
}

impl Counts {
    fn take(&mut self, entry: &Entry) {
        let done = match &entry.what {
            What::Planned { .. } => return self.records += 1,
            What::Answered { answer: Ok(_), .. } => return self.copies += 1,
            What::Begun { .. } => return self.deliveries += 1,
            What::Committed { .. } => return self.commits += 1,
            What::Started { .. } => "instance started",
            What::Stopped { .. } => "instance stopped",
            What::Killed { .. } => "instance killed",
            What::MovedBack { .. } => "record written once more",
            What::Fault(fault) => fault.kind(),
            _ => return,
        };
        *self.done.entry(done).or_default() += 1;
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Counts { millis, records, copies, deliveries, commits, done } = &self.counts;
        let (hours, seconds) = (millis / 3_600_000, self.took.as_secs_f64());
        writeln!(f, "{} seeds, {} in which a promise was broken", self.seeds, self.bad.len())?;
        writeln!(f, "{hours} logical hours in {seconds:.1} s, {:.0} seeds/s", self.seeds as f64 / seconds)?;
        writeln!(f, "{records} records, {deliveries} deliveries, {copies} copies, {commits} commits")?;
        done.iter().try_for_each(|(what, count)| writeln!(f, "  {count:>9}  {what}"))
    }
}
