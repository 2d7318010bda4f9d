//! The topics of a listener's chains, by name: names that Kafka takes, and no two alike.

use std::collections::{HashMap, HashSet};

use crate::chain::Chain;
use crate::delays::Delays;
use crate::errors::Errors;
use crate::model::Value;
use crate::settings::Settings;

/// The most characters Kafka takes in a topic's name.
const LONGEST_NAME: usize = 249;

/// All topics of all chains: names that Kafka takes, and no two alike.
pub(crate) fn check(settings: &Settings<'_>, errors: &mut Errors) {
    let sources = settings.sources();
    let chain = chain(settings);
    let retry_suffixes = chain.as_ref().map(Chain::suffixes).unwrap_or_default();
    let dlt_suffixes = settings.dlt_suffixes();
    let mut seen = HashMap::new();
    for (topic, name) in &sources {
        let Some(name) = name else { continue };
        if seen.insert(name.clone(), format!("the topic `{name}` itself")).is_some() {
            errors.at(topic, format_args!("the topic `{name}` is listed twice"));
            return;
        }
    }
    if check_routes(settings, errors) {
        return;
    }
    for (topic, name) in sources {
        let Some(name) = name else { continue };
        let retries = retry_suffixes.iter().map(|suffix| (suffix.as_str(), "a retry topic"));
        let has_dlt = settings.has_dlt(&name) == Some(true);
        let dlts = dlt_suffixes.iter().filter(|_| has_dlt).map(|(suffix, what)| (&**suffix, &**what));
        let links: Vec<_> = retries.chain(dlts).collect();
        let longest = links.iter().max_by_key(|(suffix, _)| suffix.len());
        let longest = longest.map_or((name.clone(), "the topic"), |(suffix, what)| (format!("{name}{suffix}"), *what));
        if longest.0.len() > LONGEST_NAME {
            let (long, what) = (longest.0.len(), longest.1);
            errors
                .at(topic, format_args!("the name of {what} would have {long} characters; Kafka takes {LONGEST_NAME}"));
            continue;
        }
        for (suffix, what) in links {
            let link = format!("{name}{suffix}");
            if let Some(other) = seen.insert(link.clone(), format!("{what} of `{name}`")) {
                errors.at(
                    topic,
                    format_args!(
                        "{what} of `{name}` would be called `{link}`, and so is {other}: choose other suffixes"
                    ),
                );
                return;
            }
        }
    }
}

/// Whether a route stands there twice.
fn check_routes(settings: &Settings<'_>, errors: &mut Errors) -> bool {
    let Some(Value::Routes(routes)) = settings.value("dlt_route") else { return false };
    let mut seen = HashSet::new();
    let twice = routes.iter().find(|route| !seen.insert(route.value()));
    if let Some(route) = twice {
        let name = route.value();
        errors.at(route, format_args!("the route `{name}` is given twice: write one, with `|` between the patterns"));
    }
    twice.is_some()
}

/// The chain, as far as it is known.
fn chain(settings: &Settings<'_>) -> Option<Chain> {
    Some(Chain {
        delays: Delays::of_backoff(settings)?,
        retry_suffix: settings.text("retry_suffix", "-retry")?,
        by_index: settings.variant("suffix", "Delay")? == "Index",
        multiple: settings.variant("same_delay", "Single")? == "Multiple",
    })
}
