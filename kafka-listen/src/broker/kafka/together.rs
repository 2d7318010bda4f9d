//! Client properties that are good one by one and not together: only a whole client finds that out. So one is made of each
//! kind, without brokers, and dropped.

use std::collections::BTreeMap;

use rdkafka::config::ClientConfig;
use rdkafka::error::KafkaError;
use rdkafka::producer::BaseProducer;

use super::config::{Properties, unusable};
use super::features;
use super::native::client::GroupClient;
use crate::broker::{ClientError, ConsumerSpec};

/// What is wrong with these properties together.
pub fn contradictions(properties: &BTreeMap<String, String>) -> Vec<String> {
    let properties = match Properties::new(properties) {
        Ok(properties) => properties,
        Err(ClientError(problem)) => return vec![problem],
    };
    let (group, topics, more) = ("any".to_owned(), Vec::new(), BTreeMap::new());
    let spec = ConsumerSpec { group, topics, properties: more, read_ahead: 1 << 26, waits: false, grows: false };
    let consumer = GroupClient::new(&unconnected(properties.consumer(&spec, 1)), || {}).map(drop);
    let producer = unconnected(properties.producer()).create::<BaseProducer>().map(drop);
    let mut problems: Vec<_> = [consumer, producer].into_iter().filter_map(Result::err).map(worded).collect();
    // What concerns both kinds is said by both.
    problems.dedup();
    problems
}

fn unconnected(mut config: ClientConfig) -> ClientConfig {
    config.remove("metadata.broker.list");
    // It would complain that there are no brokers.
    config.set("log_level", "0").remove("debug");
    config
}

fn worded(error: KafkaError) -> String {
    match error {
        KafkaError::ClientCreation(why) => {
            let cure = features::cure(&why).map(|cure| format!("; {cure}")).unwrap_or_default();
            format!("the client properties cannot be used together: {why}{cure}")
        }
        other => unusable(other).0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(pairs: &[(&str, &str)]) -> Vec<String> {
        let servers = [("bootstrap.servers", "127.0.0.1:1")];
        let pairs = servers.iter().chain(pairs).map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        contradictions(&pairs.collect())
    }

    #[test]
    fn our_defaults_and_both_protocols_are_at_peace() {
        for pairs in [&[][..], &[("group.protocol", "consumer")], &[("group.instance.id", "pod-1")]] {
            assert_eq!(of(pairs), Vec::<String>::new());
        }
    }

    /// The mechanism that librdkafka uses where none is named needs a part that is seldom built in.
    #[test]
    fn what_was_not_built_in_is_told_with_the_feature_that_brings_it() {
        let problems = of(&[("security.protocol", "sasl_plaintext")]);
        #[cfg(not(feature = "gssapi"))]
        assert!(problems.len() == 1 && problems[0].contains("set `sasl.mechanism` to the one"), "{problems:?}");
        let problems = of(&[("security.protocol", "ssl"), ("ssl.key.password", "hunter2")]);
        #[cfg(not(feature = "ssl"))]
        {
            let expected = "asks for what this program was built without: enable the feature `ssl` of kafka-listen, or \
                            `ssl-vendored` where no OpenSSL is installed to build with";
            let of = |name| format!("the client property `{name}` {expected}");
            assert_eq!(problems, [[of("security.protocol"), of("ssl.key.password")].join("\n")]);
        }
        #[cfg(feature = "ssl")]
        assert_eq!(problems, Vec::<String>::new());
    }

    #[test]
    fn what_the_new_protocol_does_not_take_is_refused_by_name() {
        for (name, value) in [
            ("partition.assignment.strategy", "range"),
            ("session.timeout.ms", "10000"),
            ("heartbeat.interval.ms", "1000"),
        ] {
            let problems = of(&[("group.protocol", "consumer"), (name, value)]);
            assert_eq!(problems.len(), 1, "{problems:?}");
            assert!(problems[0].contains(name) && problems[0].contains("`group.protocol=consumer`"), "{problems:?}");
        }
    }

    #[test]
    fn a_contradiction_of_consumers_or_producers_is_told() {
        let problems =
            of(&[("max.poll.interval.ms", "5000"), ("session.timeout.ms", "6000"), ("max.in.flight", "100")]);
        assert_eq!(problems.len(), 2, "{problems:?}");
        assert!(problems[0].contains("`max.poll.interval.ms`") && problems[1].contains("`max.in.flight`"));
    }
}
