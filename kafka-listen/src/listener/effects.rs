//! What does nothing is most likely meant to do something. The macro says so of the attribute's keys; this says it of
//! what was written elsewhere. A key of the attribute that an override makes void is left alone: it waits for the
//! override to go.

use super::filler::Filler;
use super::settings::Settings;
use crate::retry::InPlace;

/// Judges the overrides beside the settings that came of them.
pub(super) fn check(filler: &mut Filler<'_>, settings: &Settings) {
    check_group(filler, settings);
    check_retries(filler, settings);
    check_pauses(filler, settings);
    check_topics(filler, settings);
    if settings.batching.is_none() {
        for key in ["batch(max)", "batch(wait)"] {
            void(filler, key, "is about records taken together, and this handler takes one at a time");
        }
    }
}

/// What a process leaves in retry topics is read by the next one of its group.
fn check_group(filler: &mut Filler<'_>, settings: &Settings) {
    if settings.origins.is_random("group") && !settings.policy.delays().is_empty() {
        filler.problem_with(
            &["group", "attempts"],
            "`${random.uuid}` is another group at each start, so no later process could finish what waits in retry topics: \
             try again in place, with `blocking(attempts = 5)` instead of `attempts`",
        );
    }
}

fn check_retries(filler: &mut Filler<'_>, settings: &Settings) {
    if !settings.policy.delays().is_empty() {
        return;
    }
    for key in [
        "backoff(delay)",
        "backoff(multiplier)",
        "backoff(max_delay)",
        "backoff(jitter)",
        "retry_suffix",
        "suffix",
        "same_delay",
    ] {
        void(filler, key, "is about retry topics, and this listener has none: set `attempts` to 2 or more");
    }
    if settings.in_place.attempts() == InPlace::NONE.attempts() {
        void(filler, "timeout", "is about retries, and this listener has none: set `attempts` to 2 or more");
    }
}

fn check_pauses(filler: &mut Filler<'_>, settings: &Settings) {
    let listener = filler.listener;
    let growing = [
        ("backoff(max_delay)", "backoff(multiplier)", listener.multiplier.is_some()),
        ("blocking(max_delay)", "blocking(multiplier)", listener.blocking_multiplier.is_some()),
    ];
    for (max_delay, multiplier, written) in growing {
        if !filler.is_given(multiplier, written) {
            void(filler, max_delay, "does nothing: without `multiplier` all delays are equal");
        }
    }
    if settings.in_place.attempts() == InPlace::NONE.attempts() {
        for key in ["blocking(delay)", "blocking(multiplier)", "blocking(max_delay)"] {
            void(filler, key, "is about tries in place, and there is one");
        }
    }
}

fn check_topics(filler: &mut Filler<'_>, settings: &Settings) {
    let no_dlt = settings.dlt == Some(false);
    if no_dlt {
        void(filler, "dlt_suffix", "names the dead-letter topic, and with `dlt = false` there is none");
        void(filler, "dlt_on_error", "is about the handler of dead letters, and with `dlt = false` there is none");
    }
    let creates_none = no_dlt && settings.policy.delays().is_empty();
    if creates_none {
        void(filler, "group_naming", "names who reads retry topics and DLTs, and this listener has none");
    }
    for key in ["auto_create", "partitions", "replication", "retention"] {
        if creates_none {
            void(filler, key, "is about created topics, and this listener has none");
        } else if !settings.auto_create && key != "auto_create" {
            void(filler, key, "is about created topics, and with `auto_create = false` there are none");
        }
    }
}

fn void(filler: &mut Filler<'_>, key: &str, why: &str) {
    if filler.origins.overrides(key) {
        filler.problem(key, why);
    }
}
