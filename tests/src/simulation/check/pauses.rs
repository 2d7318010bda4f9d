//! R15: a listener that is paused, be it because a handler asked for it, starts nothing before it goes on. R5: a stop ends.

use super::facts::{Facts, Moment};
use super::{Rule, Verdict};

/// The longest that a stop may take, in milliseconds: what runs and what is in front of what has ended, commits, and a cluster
/// that is away.
const STOP: u64 = 40_000;

pub fn check(facts: &Facts<'_>, verdict: &mut Verdict) {
    for (instance, from, until) in &facts.pauses {
        // What begins in the very millisecond may not have heard of it.
        let is_within = |at: Moment| at.ms > from.ms && until.is_none_or(|until| at.line < until.line);
        let mut begun = facts.deliveries.iter().filter(|it| it.instance == *instance);
        if let Some(delivery) = begun.find(|it| is_within(it.begun)) {
            verdict.add(Rule::R15, delivery.id, Some(&delivery.at), "begins though its listener is paused");
        }
    }
    for (instance, stopping) in &facts.stopping {
        let ended = facts.stopped.get(instance).map(|at| at.ms);
        if ended.is_none_or(|ended| ended > stopping.ms + STOP) {
            verdict.add(Rule::R5, None, None, format!("instance {instance} does not end when it is stopped"));
        }
    }
}
