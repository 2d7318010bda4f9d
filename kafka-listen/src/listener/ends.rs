//! What is said about dead letters that a listener will never have, or never keep: known only with the plan of all.

use std::sync::Arc;

use super::registry::Registered;
use super::settings::Settings;
use crate::problem::Problems;
use crate::retry::{End, Rules};

/// Tells what is said about nothing; `rules` are those of the listener's topics.
pub(crate) fn check(registered: &Registered, settings: &Settings, rules: &[Arc<Rules>], problems: &mut Problems) {
    let Registered { listener, dlt_handler } = *registered;
    let site = listener.site;
    if let Some(handler) = dlt_handler.filter(|_| settings.dlt == Some(false)) {
        problems.add(format!(
            "{} handles the dead letters of {site}, which has none: remove `dlt = false` there{}, or the handler",
            handler.site,
            settings.origins.of(&["dlt"])
        ));
    }
    if let Some(handler) = dlt_handler.filter(|_| rules.iter().any(|it| *it.chain.end() == End::TryAgain)) {
        problems.add(format!(
            "{} handles the dead letters of {site}, which itself listens to a dead-letter topic and so has none: remove the \
             handler, or write `dlt = true` there",
            handler.site
        ));
    }
    if let Some(handler) = dlt_handler.filter(|_| settings.origins.is_random("group")) {
        problems.add(format!(
            "{} handles the dead letters of {site}, whose group is another one at each start, so that it would handle all of \
             them anew each time: give the listener a lasting group{}, or remove the handler",
            handler.site,
            settings.origins.of(&["group"])
        ));
    }
    // Shared settings are for those who have one.
    let is_own = listener.dlt_on_error.is_some() || settings.origins.overrides("dlt_on_error");
    if is_own && dlt_handler.is_none() {
        problems.add(format!(
            "{site}: `dlt_on_error`{} says what follows when a DLT handler fails, and there is none: write one, as in \
             `#[dlt_handler({})]`, or leave `dlt_on_error` out",
            settings.origins.of(&["dlt_on_error"]),
            site.function
        ));
    }
    // What a pattern will match may have one.
    let has_none = settings.topics.pattern().is_none() && rules.iter().all(|it| it.chain.dlt().is_none());
    // Routes are the attribute's alone: what an override makes void waits for the override to go.
    let is_void = ["dlt", "topic", "topics"].iter().any(|key| settings.origins.overrides(key));
    if !settings.naming.dlt_routes.is_empty() && !is_void && (has_none || settings.dlt == Some(false)) {
        problems.add(format!(
            "{site}: `dlt_route` names a dead-letter topic, and there is none with `dlt = false`{}, nor on a listener to a \
             dead-letter topic: leave it out, or write `dlt = true`",
            settings.origins.of(&["dlt"])
        ));
    }
}
