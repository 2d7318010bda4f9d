//! One seed: planned, run, judged.

use std::fmt;
use std::sync::Arc;

use super::check::{self, Violation};
use super::history::{Entry, What};
use super::plan::Plan;
use super::world;

/// What came of a seed.
pub struct Run {
    plan: Arc<Plan>,
    pub(super) history: Vec<Entry>,
    pub(super) violations: Vec<Violation>,
}

impl Run {
    /// Runs a seed. The same seed always has the same history.
    pub fn of(seed: u64) -> Self {
        let plan = Arc::new(Plan::of(seed));
        let history = world::run(&plan);
        let violations = check::judge(&plan, &history);
        Self { plan, history, violations }
    }

    /// Whether every promise was kept.
    pub fn is_good(&self) -> bool {
        self.violations.is_empty()
    }

    /// The whole history.
    pub fn history(&self) -> String {
        self.history.iter().map(|entry| format!("{entry}\n")).collect()
    }

    fn concerns(&self, entry: &Entry) -> bool {
        let ids: Vec<_> = self.violations.iter().filter_map(|it| it.id).collect();
        let places: Vec<_> = self.violations.iter().filter_map(|it| it.at.as_ref()).map(|it| it.partition()).collect();
        let known = |id: Option<u32>| id.is_none_or(|id| ids.contains(&id));
        match &entry.what {
            What::Appended { record, .. } | What::Answered { record, .. } => known(record.id),
            What::Begun { id, at, .. } => known(*id) || places.contains(&at.partition()),
            What::Ended { .. } | What::Planned { .. } => true,
            What::Committed { upto: at, .. } | What::Assigned { from: at, .. } => {
                places.is_empty() || places.contains(&at.partition())
            }
            _ => true,
        }
    }
}

/// The violations, the plan, and the part of the history that they concern.
impl fmt::Display for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "seed {}", self.plan.seed)?;
        self.violations.iter().try_for_each(|violation| writeln!(f, "  {violation}"))?;
        self.plan.teams.iter().try_for_each(|team| writeln!(f, "  {team}"))?;
        self.history.iter().filter(|entry| self.concerns(entry)).try_for_each(|entry| writeln!(f, "{entry}"))
    }
}
