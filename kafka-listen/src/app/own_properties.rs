//! The client properties that listeners have for themselves, by `properties(…)`: whether they can be.

use std::collections::BTreeMap;

use super::Error;
use super::start::embedded_problem;
use crate::broker::kafka;
use crate::listener::{Plan, PlannedListener};
use crate::problem::Problems;

/// Where the cluster is. Topics, retries and dead letters of all listeners are on one.
const CLUSTER: [&str; 2] = ["bootstrap.servers", "metadata.broker.list"];

/// By these a group shares out partitions: its members must agree.
const AGREED: [&str; 3] = ["group.protocol", "group.remote.assignor", "partition.assignment.strategy"];

/// Tells what cannot be, property by property.
pub(super) fn check(plan: &Plan, of_application: &BTreeMap<String, String>, embedded: bool, problems: &mut Problems) {
    for listener in &plan.listeners {
        for (name, value) in &listener.properties {
            let problem = problem(name, value).or_else(|| embedded.then(|| embedded_problem(name, value)).flatten());
            problem.into_iter().for_each(|problem| problems.add(format!("{}: {problem}", listener.site)));
        }
    }
    check_groups(plan, of_application, problems);
}

fn problem(name: &str, value: &str) -> Option<String> {
    if CLUSTER.contains(&name) {
        return Some(format!("`{name}` is the application's: all its listeners are on one cluster"));
    }
    kafka::property_problem(name, value).or_else(|| {
        let is_producers = !kafka::is_of_consumers(name);
        is_producers.then(|| format!("`{name}` is a producer's property, and a listener has no producer of its own"))
    })
}

fn check_groups(plan: &Plan, of_application: &BTreeMap<String, String>, problems: &mut Problems) {
    for name in AGREED {
        let value =
            |listener: &PlannedListener| listener.properties.get(name).or_else(|| of_application.get(name)).cloned();
        for (place, listener) in plan.listeners.iter().enumerate() {
            let before = plan.listeners[..place].iter().find(|before| before.group == listener.group);
            if let Some(before) = before.filter(|before| value(before) != value(listener)) {
                problems.add(format!(
                    "{} and {} are in the group `{}` with different values of `{name}`: a group shares out partitions in one way",
                    before.site, listener.site, listener.group
                ));
            }
        }
    }
}

/// Tells what is good property by property and not together, or not with the application's.
pub(super) fn check_together(
    plan: &Plan,
    of_application: &BTreeMap<String, String>,
    embedded: bool,
) -> Result<(), Error> {
    let mut problems = Problems::default();
    for listener in plan.listeners.iter().filter(|listener| !embedded && !listener.properties.is_empty()) {
        let mut all = of_application.clone();
        all.extend(listener.properties.clone());
        for problem in kafka::contradictions(&all) {
            problems.add(format!("{}: {problem}", listener.site));
        }
    }
    problems.into_result().map_err(Error::Settings)
}
