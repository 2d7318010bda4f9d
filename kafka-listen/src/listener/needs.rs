//! What a handler's parameters need of the application and of its deliveries.

use super::site::Site;
use crate::extract::{Needs, States};
use crate::problem::Problems;

/// Whether the handler acknowledges by itself.
pub(super) fn is_manual(needs: fn(&mut Needs)) -> bool {
    let mut needed = Needs::default();
    needs(&mut needed);
    !needed.acks().is_empty()
}

/// Tells what a handler's parameters need and do not get.
pub(super) fn check(site: Site, needs: fn(&mut Needs), takes_batches: bool, states: &States, problems: &mut Problems) {
    let mut needed = Needs::default();
    needs(&mut needed);
    for need in needed.states().iter().filter(|need| !states.contains(need.type_id)) {
        problems.add(format!(
            "{site}: the parameter `{}` needs a state that the application does not have: give it one with `.state(…)` of type `{}`",
            need.parameter, need.type_name
        ));
    }
    if let ([one, ..], true) = (needed.acks(), takes_batches) {
        problems.add(format!(
            "{site}: `{one}` takes the record's `Ack`, which a listener with `batch` does not have: say what came of each \
             record by returning `Vec<Result<(), E>>`"
        ));
    }
    if let [one, other, ..] = needed.acks() {
        problems.add(format!(
            "{site}: both `{one}` and `{other}` take the record's `Ack`, and there is one: remove one of them"
        ));
    }
}
