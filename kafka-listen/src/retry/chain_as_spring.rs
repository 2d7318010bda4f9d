//! The chains that Spring made of its annotation, and ours of the same values.

use std::time::Duration;

use super::golden::{Config, topics};
use super::{Backoff, Chain, EndKind, GroupNaming, Naming, Policy, SameDelay, Suffix};
use crate::record::TopicName;

fn chain(source: &str, config: &Config) -> Chain {
    let millis = Duration::from_millis;
    let multiplier = config.multiplier.unwrap_or(1.0);
    let backoff = Backoff::new(millis(config.delay), multiplier, config.max_delay.map(millis), 0.0).unwrap();
    let mut naming = Naming {
        suffix: if config.suffixing == "index" { Suffix::Index } else { Suffix::Delay },
        same_delay: if config.reuse == "multiple" { SameDelay::Multiple } else { SameDelay::Single },
        ..Naming::default()
    };
    naming.retry_suffix = config.retry_suffix.clone().unwrap_or(naming.retry_suffix);
    naming.dlt_suffix = config.dlt_suffix.clone().unwrap_or(naming.dlt_suffix);
    naming.dlt_routes.clone_from(&config.dlt_routes);
    let end = if config.dlt == Some(false) { EndKind::Discard } else { EndKind::Dlt };
    Chain::new(TopicName::new(source).unwrap(), &Policy::new(config.attempts, backoff).unwrap(), &naming, end).unwrap()
}

#[test]
fn a_failing_record_passes_the_topics_that_it_passes_in_spring() {
    let (mut compared, mut routed) = (0, 0);
    for configured in topics().iter().filter(|configured| !configured.config.names_vary_by_start) {
        let chain = chain(&configured.topic, &configured.config);
        // Where there is a route, the recorded error took it.
        let end = chain.routes().first().map(|route| &route.topic).or(chain.dlt());
        let path = chain.steps().iter().map(|step| &step.topic).chain(end).map(|topic| topic.as_str());
        assert_eq!(path.collect::<Vec<_>>(), configured.path, "{}", configured.topic);
        let ours: Vec<_> = chain.dead_letter_topics().map(ToString::to_string).collect();
        assert!(ours.iter().all(|dlt| configured.topics.contains_key(dlt)), "{}: {ours:?}", configured.topic);
        (compared, routed) = (compared + 1, routed + chain.routes().len());
    }
    assert_eq!((compared, routed), (28, 1));
}

#[test]
fn jitter_stays_out_of_names() {
    let all = topics();
    let jittered = all.iter().find(|configured| configured.config.names_vary_by_start).unwrap();
    let chain = chain(&jittered.topic, &jittered.config);
    let names: Vec<_> = chain.retry_topics().into_iter().map(|retry| retry.topic.to_string()).collect();
    assert_eq!(names, ["n-jitter-retry-1000", "n-jitter-retry-2000"]);
}

#[test]
fn springs_groups_are_the_main_one_and_the_suffix() {
    for configured in topics() {
        let chain = chain(&configured.topic, &configured.config);
        for (topic, reader) in &configured.topics {
            let topic = TopicName::new(topic.as_str()).unwrap();
            let Some(suffix) = chain.suffix_of(&topic) else { continue };
            let ours = match chain.dlt() {
                _ if suffix.is_empty() => configured.group.clone(),
                Some(dlt) if *dlt == topic => GroupNaming::PerTopic.of_dead_letters(&configured.group, suffix),
                _ => GroupNaming::PerTopic.of_retries(&configured.group, suffix),
            };
            assert_eq!(reader.group, ours, "{topic}");
        }
    }
}
