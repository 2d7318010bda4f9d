//! Judges a history by what is promised, one file for each kind of promise. Shares no code with the library: what it knows, it
//! knows from the plan and from the history alone.

mod acks;
mod blocking;
mod clocks;
mod commits;
mod copies;
mod deliveries;
mod end;
mod facts;
mod order;
mod pauses;
mod places;
mod repeats;
mod room;
mod time;
mod topics;
mod twins;

use std::fmt;

use self::facts::Facts;
use super::history::{Entry, Place};
use super::plan::Plan;

/// A promise that was not kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The invariant, as in `docs/simulation.md`.
    pub rule: Rule,
    /// What happened.
    pub what: String,
    /// The record that it happened to.
    pub id: Option<u32>,
    /// Where.
    pub at: Option<Place>,
}

/// The invariants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rule {
    R1,
    R2,
    R3,
    R4,
    R5,
    R6,
    R7,
    R8,
    R9,
    R10,
    R11,
    R14,
    R15,
    R16,
    R17,
    R19,
    R21,
    R22,
}

/// What was found.
#[derive(Debug, Default)]
struct Verdict(Vec<Violation>);

impl Verdict {
    fn add(&mut self, rule: Rule, id: Option<u32>, at: Option<&Place>, what: impl Into<String>) {
        self.0.push(Violation { rule, what: what.into(), id, at: at.cloned() });
    }
}

/// Everything that is wrong with this history, by invariants.
pub fn judge(plan: &Plan, history: &[Entry]) -> Vec<Violation> {
    let facts = Facts::of(plan, history);
    let mut verdict = Verdict::default();
    commits::check(&facts, &mut verdict);
    repeats::check(&facts, &mut verdict);
    copies::check(&facts, &mut verdict);
    deliveries::check(&facts, &mut verdict);
    order::check(&facts, &mut verdict);
    blocking::check(&facts, &mut verdict);
    pauses::check(&facts, &mut verdict);
    time::check(&facts, &mut verdict);
    topics::check(&facts, &mut verdict);
    end::check(&facts, &mut verdict);
    verdict.0.sort_by_key(|violation| violation.rule);
    verdict.0
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}", self.rule, self.what)?;
        if let Some(id) = self.id {
            write!(f, ", record #{id}")?;
        }
        self.at.iter().try_for_each(|at| write!(f, ", at {at}"))
    }
}
