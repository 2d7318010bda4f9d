//! Negative controls: the library's rules, broken one by one. A checker that does not notice is worth nothing.

use std::fmt;
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use kafka_listen::__internals::sabotage::{Rule as Broken, break_rule};

use super::check::Rule::{self, R1, R2, R3, R4, R5, R6, R7, R8, R9, R10, R11, R14, R15, R16, R17, R19, R21, R22};
use super::run::Run;

/// What is broken, and which invariants then do not hold.
const CONTROLS: &[(Broken, &[Rule])] = &[
    (Broken::AckBeforeCommit, &[R3]),
    (Broken::PublishAgain, &[R15]),
    (Broken::UnbrokenRun, &[R2]),
    (Broken::Gaps, &[R2, R15]),
    (Broken::TrailingGap, &[R15]),
    (Broken::NextTier, &[R4]),
    (Broken::DeadLetter, &[R1]),
    (Broken::AttemptCounts, &[R4]),
    (Broken::CommitAtStop, &[R5]),
    (Broken::Committed, &[R6]),
    (Broken::Due, &[R7]),
    (Broken::WakeUp, &[R7, R15]),
    (Broken::Delay, &[R7]),
    (Broken::Overtaking, &[R8, R7]),
    (Broken::Waits, &[R7]),
    (Broken::LongWaits, &[R7]),
    (Broken::Window, &[R6]),
    (Broken::Lanes, &[R9]),
    (Broken::Blocking, &[R9]),
    (Broken::DueOrder, &[R9]),
    (Broken::Groups, &[R10]),
    (Broken::RawValue, &[R11]),
    (Broken::UserHeaders, &[R11]),
    (Broken::HeaderBlock, &[R11]),
    (Broken::SourceHeaders, &[R11]),
    (Broken::CreateOnce, &[R14]),
    (Broken::PartitionCount, &[R14]),
    (Broken::CommitSoon, &[R6]),
    (Broken::WholeRun, &[R6]),
    (Broken::CommitAgain, &[R15]),
    (Broken::WaitForTopic, &[R16]),
    (Broken::Rejection, &[R17]),
    (Broken::Panic, &[R15, R17]),
    (Broken::Timeout, &[R4]),
    (Broken::Fatal, &[R4]),
    (Broken::Route, &[R4]),
    (Broken::InPlace, &[R4]),
    (Broken::SkipDead, &[R4]),
    (Broken::Aborted, &[R19]),
    (Broken::BeyondChain, &[R21]),
    (Broken::FromBeginning, &[R22]),
    (Broken::Fencing, &[R1, R2, R3]),
    (Broken::Drain, &[R5]),
    (Broken::EachOfBatch, &[R1, R4]),
    (Broken::Ack, &[R1, R2, R9]),
    (Broken::Unacked, &[R1]),
    (Broken::FirstSaid, &[R4]),
    (Broken::Warn, &[R5]),
    (Broken::Stop, &[R2, R4]),
    (Broken::Pause, &[R15]),
    (Broken::OwnClock, &[R7]),
    (Broken::StepBack, &[R7]),
    (Broken::Mend, &[R15]),
    (Broken::Lost, &[R1, R2, R6, R9]),
];

/// What came of all of them.
pub struct Controls(Vec<Control>);

struct Control {
    broken: Broken,
    wanted: &'static [Rule],
    /// The seed that showed it, and what was seen there.
    caught: Option<(u64, String)>,
}

impl Controls {
    /// Breaks each rule until the checker notices, for these seeds at most.
    pub fn of(seeds: Range<u64>) -> Self {
        let next = AtomicUsize::new(0);
        let work = || {
            let mut done = Vec::new();
            while let Some((broken, wanted)) = CONTROLS.get(next.fetch_add(1, Ordering::Relaxed)) {
                done.push(Control::of(*broken, wanted, seeds.clone()));
            }
            done
        };
        let workers = thread::available_parallelism().map_or(1, usize::from);
        let mut all = thread::scope(|scope| {
            let workers: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
            workers.into_iter().flat_map(|it| it.join().expect("a run does not panic")).collect::<Vec<_>>()
        });
        all.sort_by_key(|control| CONTROLS.iter().position(|(broken, _)| *broken == control.broken));
        Self(all)
    }

    /// Whether each was caught.
    pub fn are_caught(&self) -> bool {
        self.0.len() == CONTROLS.len() && self.0.iter().all(|control| control.caught.is_some())
    }
}

impl Control {
    fn of(broken: Broken, wanted: &'static [Rule], mut seeds: Range<u64>) -> Self {
        break_rule(Some(broken));
        let caught = seeds.find_map(|seed| {
            let run = Run::of(seed);
            let violation = run.violations.iter().find(|violation| wanted.contains(&violation.rule))?;
            Some((seed, violation.to_string()))
        });
        break_rule(None);
        Self { broken, wanted, caught }
    }
}

impl fmt::Display for Controls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Control { broken, wanted, caught } in &self.0 {
            let (broken, wanted) = (format!("{broken:?}"), format!("{wanted:?}"));
            match caught {
                Some((seed, what)) => writeln!(f, "{broken:<16} caught by seed {seed:>5}  {what}")?,
                None => writeln!(f, "{broken:<16} NOT CAUGHT         {wanted}")?,
            }
        }
        let caught = self.0.iter().filter(|control| control.caught.is_some()).count();
        writeln!(f, "negative controls: {caught}/{}", CONTROLS.len())
    }
}
