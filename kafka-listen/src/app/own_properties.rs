//! The client properties that listeners have for themselves, by `properties(…)`: whether they can be.

use super::Error;
use super::properties::Properties;
use crate::broker::kafka;
use crate::listener::{Plan, PlannedListener};
use crate::problem::Problems;

/// By these a group shares out partitions: its members must agree.
const AGREED: [&str; 3] = ["group.protocol", "group.remote.assignor", "partition.assignment.strategy"];

/// Tells what cannot be, property by property.
pub(super) fn check(plan: &Plan, of_application: &Properties, problems: &mut Problems) {
    for listener in &plan.listeners {
        for (name, value) in &listener.settings.properties {
            if let Some(problem) = problem(name, value, of_application) {
                let origin = listener.settings.origins.of(&[&format!("properties({name})")]);
                problems.add(format!("{}: `properties`{origin}: {problem}", listener.site));
            }
        }
    }
    check_groups(plan, of_application, problems);
}

fn problem(name: &str, value: &str, of_application: &Properties) -> Option<String> {
    if kafka::canonical(name) == kafka::canonical("bootstrap.servers") {
        return Some(format!("`{name}` is the application's: all its listeners are on one cluster"));
    }
    of_application.client_problem(name, value).or_else(|| {
        let is_producers = !kafka::is_of_consumers(name);
        is_producers.then(|| format!("`{name}` is a producer's property, and a listener has no producer of its own"))
    })
}

fn check_groups(plan: &Plan, of_application: &Properties, problems: &mut Problems) {
    for name in AGREED {
        let value = |listener: &PlannedListener| {
            let own = listener.settings.properties.get(name).map(String::as_str);
            own.or_else(|| of_application.get(name)).map(str::to_owned)
        };
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
pub(super) fn check_together(plan: &Plan, of_application: &Properties) -> Result<(), Error> {
    let mut problems = Problems::default();
    for listener in plan.listeners.iter().filter(|listener| !listener.settings.properties.is_empty()) {
        for problem in of_application.contradictions(&listener.settings.properties) {
            problems.add(format!("{}: {problem}", listener.site));
        }
    }
    problems.into_result().map_err(Error::Settings)
}
