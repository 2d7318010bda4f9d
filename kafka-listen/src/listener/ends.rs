//! What an attribute says about dead letters that its listener will never have: known only with the plan of all.

use std::sync::Arc;

use super::registry::Registered;
use crate::problem::Problems;
use crate::retry::{End, Rules};

/// Tells what is said about nothing; `rules` are those of the listener's topics.
pub(crate) fn check(registered: &Registered, rules: &[Arc<Rules>], problems: &mut Problems) {
    let Registered { listener, dlt_handler } = *registered;
    if let Some(handler) = dlt_handler.filter(|_| rules.iter().any(|it| *it.chain.end() == End::TryAgain)) {
        problems.add(format!(
            "{} handles the dead letters of {}, which itself listens to a dead-letter topic and so has none: remove the \
             handler, or write `dlt = true` there",
            handler.site, listener.site
        ));
    }
    if let (Some(_), None) = (listener.dlt_on_error, dlt_handler) {
        problems.add(format!(
            "{}: `dlt_on_error` says what follows when a DLT handler fails, and there is none: write one, as in \
             `#[dlt_handler({})]`, or leave `dlt_on_error` out",
            listener.site, listener.site.function
        ));
    }
    if !listener.dlt_routes.is_empty() && rules.iter().all(|it| it.chain.dlt().is_none()) {
        problems.add(format!(
            "{}: `dlt_route` names a dead-letter topic, and a listener to a dead-letter topic has none: leave it out, or write \
             `dlt = true`",
            listener.site
        ));
    }
}
