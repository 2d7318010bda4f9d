//! Keys that would have no effect beside the others, or on this function: what does nothing is most likely meant to do
//! something.

use crate::errors::Errors;
use crate::function::Function;
use crate::model::{Value, Written};
use crate::settings::Settings;

/// Judges the keys beside each other.
pub(crate) fn check(settings: &Settings<'_>, errors: &mut Errors) {
    check_batch(settings, errors);
    check_group(settings, errors);
    check_chain(settings, errors);
    check_retries(settings, errors);
    check_blocking(settings, errors);
    for (max_delay, multiplier) in [("max_delay", "multiplier"), ("blocking_max_delay", "blocking_multiplier")] {
        if let (Some(key), None, false) = (settings.key(max_delay), settings.key(multiplier), settings.open) {
            errors.at(key, "`max_delay` does nothing: without `multiplier` all delays are equal");
        }
    }
}

/// Judges the keys on this function.
pub(crate) fn check_on(function: &Function, settings: &Settings<'_>, errors: &mut Errors) {
    if let (Some(key), None) = (settings.key("handler_timeout"), &function.sig.asyncness) {
        errors.at(
            key,
            "`handler_timeout` cannot end a plain `fn`, which runs until it returns: write an `async fn`, or leave it out",
        );
    }
}

/// What a process leaves in retry topics is read by the next one of its group.
fn check_group(settings: &Settings<'_>, errors: &mut Errors) {
    let retries = match settings.value("attempts") {
        Some(Value::Whole(Written::Literal(attempts))) => *attempts > 1,
        _ => false,
    };
    if let (Some(key), true) = (settings.key("attempts"), retries && settings.is_random("group")) {
        errors.at(
            key,
            "no later process could finish what waits in retry topics, since `${random.uuid}` is another group at each \
             start: write `blocking(attempts = …)` instead, to try again in place",
        );
    }
}

/// Batches hold records of many keys.
fn check_batch(settings: &Settings<'_>, errors: &mut Errors) {
    let (batch, order) = (settings.key("batch"), settings.key("order"));
    if let (Some(_), Some(key), Some("Key")) = (batch, order, settings.variant("order", "Partition")) {
        errors.at(
            key,
            "`order = \"key\"` is not for batches, which hold records of many keys: leave it out, since batches of a \
             partition run one after the other and keep the order of every key",
        );
    }
}

/// What is about topics that there are not.
fn check_chain(settings: &Settings<'_>, errors: &mut Errors) {
    let deliveries = match (settings.key("attempts"), settings.value("attempts")) {
        (None, _) if settings.open => None,
        (None, _) => Some("without `attempts` there are none: add `attempts = 5`"),
        (_, Some(Value::Whole(Written::Literal(1)))) => Some("with `attempts = 1` there are none: leave it out"),
        _ => None,
    };
    for name in ["backoff", "retry_suffix", "suffix", "same_delay"] {
        if let (Some(key), Some(why)) = (settings.key(name), deliveries) {
            errors.at(key, format_args!("`{name}` is about retry topics, and {why}"));
        }
    }
    let names: Option<Vec<_>> = settings.sources().into_iter().map(|(_, name)| name).collect();
    let no_dlt =
        names.is_some_and(|names| !names.is_empty() && names.iter().all(|name| settings.has_dlt(name) == Some(false)));
    for (name, what) in [
        ("dlt_suffix", "names the dead-letter topic"),
        ("dlt_route", "names a dead-letter topic"),
        ("dlt_on_error", "is about the handler of dead letters"),
    ] {
        let (Some(key), true) = (settings.key(name), no_dlt) else { continue };
        let why = match settings.key("dlt") {
            Some(_) => "with `dlt = false` there is none: leave it out",
            None => "a dead-letter topic has none of its own: leave it out, or add `dlt = true`",
        };
        errors.at(key, format_args!("`{key}` {what}, and {why}"));
    }
    let creates = settings.flag("auto_create", true) != Some(false);
    for name in ["auto_create", "partitions", "replication", "retention"] {
        let Some(key) = settings.key(name) else { continue };
        let why = if no_dlt && deliveries.is_some() {
            "this listener has none"
        } else if !creates && name != "auto_create" {
            "`auto_create = false` creates none"
        } else {
            continue;
        };
        errors.at(key, format_args!("`{name}` is about created topics, and {why}: leave it out"));
    }
    if let (Some(key), true, Some(_)) = (settings.key("group_naming"), no_dlt, deliveries) {
        errors
            .at(key, "`group_naming` names who reads retry topics and DLTs, and this listener has none: leave it out");
    }
}

/// What is about retries that there are not.
fn check_retries(settings: &Settings<'_>, errors: &mut Errors) {
    let is_once = |name| matches!(settings.value(name), Some(Value::Whole(Written::Literal(1))));
    let no_topics = settings.key("attempts").is_none() || is_once("attempts");
    let no_tries = is_once("blocking_attempts") || settings.key("blocking").is_none() && is_once("attempts");
    let has_end = settings
        .sources()
        .iter()
        .filter_map(|(_, name)| name.as_ref())
        .all(|name| settings.has_dlt(name) == Some(true));
    if !(no_topics && no_tries && (has_end || settings.key("dlt").is_some())) {
        return;
    }
    for name in ["timeout", "retry_on", "fatal"] {
        if let Some(key) = settings.key(name) {
            errors.at(
                key,
                format_args!("`{name}` is about retries, and with `attempts = 1` there are none: leave it out"),
            );
        }
    }
}

/// A single try in place is what there is without `blocking`, beside `attempts`.
fn check_blocking(settings: &Settings<'_>, errors: &mut Errors) {
    let Some(Value::Whole(Written::Literal(1))) = settings.value("blocking_attempts") else { return };
    for name in ["blocking_delay", "blocking_multiplier", "blocking_max_delay", "blocking_retry_on"] {
        if let Some(key) = settings.key(name) {
            return errors
                .at(key, format_args!("`{key}` is about tries in place, and with `attempts = 1` there is one"));
        }
    }
    if let (Some(key), Some(_)) = (settings.key("blocking"), settings.key("attempts")) {
        errors.at(key, "`blocking(attempts = 1)` does nothing beside `attempts`: leave it out");
    }
}
