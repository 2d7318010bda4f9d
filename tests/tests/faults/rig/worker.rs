//! A worker's process, from outside.

use std::collections::BTreeSet;
use std::fs;
use std::process::{Child, ChildStdin, Command, ExitStatus};

use kafka_listen_tests::history::{self, Fault, Step, now};

use super::{Rig, until};

/// One worker's process; it is killed when this is dropped.
pub struct Worker<'r, 'k> {
    rig: &'r Rig<'k>,
    pub process: usize,
    child: Child,
    /// Its standard input: it ends when this is closed, so that it does not outlive the test.
    _lifeline: ChildStdin,
}

impl<'r, 'k> Worker<'r, 'k> {
    pub fn new(rig: &'r Rig<'k>, process: usize, mut child: Child) -> Self {
        let _lifeline = child.stdin.take().unwrap();
        Self { rig, process, child, _lifeline }
    }

    /// SIGKILL.
    pub fn kill(mut self) {
        self.rig.fault("killed", Some(self.process), || {
            self.child.kill().unwrap();
            self.child.wait().unwrap();
        });
    }

    /// SIGTERM, and waits for its end: exit code 0.
    pub fn stop(mut self) {
        self.signal("TERM");
        assert!(self.child.wait().unwrap().success());
    }

    /// Halts it (SIGSTOP) as long as `meanwhile` takes, and waits until it has learned that the group gave it up, and shares
    /// the partitions with this other one again: until then it goes on with what it has.
    pub fn halted(&self, other: &Worker<'_, '_>, meanwhile: impl FnOnce()) {
        let before = self.held();
        self.rig.fault("halted", Some(self.process), || {
            self.signal("STOP");
            meanwhile();
            self.signal("CONT");
            until("it learns that it lost its partitions", || self.has_lost(&before));
            self.rig.until_shared(&[self, other]);
        });
    }

    /// Waits until it has died by itself.
    pub fn dies(mut self) {
        until("the worker dies", || self.child.try_wait().unwrap().is_some());
        // Its last line was written before.
        let last = self.steps().last().map_or(0, |(at, _)| *at);
        let fault = Fault { what: "died".to_owned(), process: Some(self.process), from: last, to: now() };
        self.rig.note(fault);
    }

    /// Whether it has ended by itself, and how.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().unwrap()
    }

    /// What it said on its standard error.
    pub fn said(&self) -> String {
        fs::read_to_string(self.rig.file(self.process, "stderr")).unwrap()
    }

    /// What it wrote.
    pub fn steps(&self) -> Vec<(u64, Step)> {
        history::log::steps(&self.rig.file(self.process, "log"))
    }

    /// The partitions that it was given and has not let go of, and how many steps it has written.
    pub fn held(&self) -> (usize, BTreeSet<String>) {
        let (steps, mut held) = (self.steps(), BTreeSet::new());
        for (_, step) in &steps {
            match step {
                Step::Assigned(partition, _) => drop(held.insert(partition.clone())),
                Step::Revoked { partition, .. } => drop(held.remove(partition)),
                Step::Begin(_) | Step::End(..) | Step::Other(_) => {}
            }
        }
        (steps.len(), held)
    }

    /// Whether it has lost all of these since.
    pub fn has_lost(&self, (since, held): &(usize, BTreeSet<String>)) -> bool {
        let steps = self.steps();
        let lost: BTreeSet<_> = steps[*since..]
            .iter()
            .filter_map(|(_, step)| match step {
                Step::Revoked { partition, lost: true, .. } => Some(partition),
                _ => None,
            })
            .collect();
        held.iter().all(|partition| lost.contains(partition))
    }

    /// How many of its steps are such.
    pub fn count(&self, such: impl Fn(&Step) -> bool) -> usize {
        self.steps().iter().filter(|(_, step)| such(step)).count()
    }

    fn signal(&self, name: &str) {
        assert!(
            Command::new("kill").args([format!("-{name}"), self.child.id().to_string()]).status().unwrap().success()
        );
    }
}

impl Drop for Worker<'_, '_> {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
