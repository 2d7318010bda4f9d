//! Client properties: the user's on top of this crate's defaults, as each kind of client takes them.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use rdkafka::config::{ClientConfig, RDKafkaLogLevel};
use rdkafka::error::KafkaError;

use super::defaults::{CONSUMER, Default, EVERY_CLIENT, METADATA_INTERVAL, POLL_INTERVAL, PRODUCER, STRATEGY};
use super::features;
use super::property::{Scope, canonical, is_secret, scope};
use super::refused::property_problem;
use crate::broker::{ClientError, ConsumerSpec};

/// More partitions than these do not share what is read ahead: of so many those that nobody takes from [rest](super::resting).
pub(super) const SHARED_BY: usize = 64;

/// The user's properties: known, allowed, and each under its one name. Secrets are not shown.
#[derive(Clone)]
pub(super) struct Properties(BTreeMap<String, String>);

impl Properties {
    /// Checks the user's properties; all that is wrong is told at once.
    pub(super) fn new(properties: &BTreeMap<String, String>) -> Result<Self, ClientError> {
        Self(BTreeMap::new()).with(properties)
    }

    /// The same and some more, which win.
    pub(super) fn with(&self, more: &BTreeMap<String, String>) -> Result<Self, ClientError> {
        let problems: Vec<_> = more.iter().filter_map(|(name, value)| property_problem(name, value)).collect();
        if !problems.is_empty() {
            return Err(ClientError(problems.join("\n")));
        }
        let mut all = self.0.clone();
        all.extend(more.iter().map(|(name, value)| (canonical(name).to_owned(), value.clone())));
        Ok(Self(all))
    }

    /// The brokers' addresses.
    pub(super) fn address(&self) -> Option<&str> {
        self.0.get("metadata.broker.list").map(String::as_str).filter(|address| !address.trim().is_empty())
    }

    /// The value that the user gave a property.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(canonical(name)).map(String::as_str)
    }

    /// How often each client looks at its topics anew.
    pub(super) fn metadata_interval(&self) -> Duration {
        let default = EVERY_CLIENT.iter().find(|(name, _)| *name == METADATA_INTERVAL).map(|(_, value)| *value);
        let millis = self.get(METADATA_INTERVAL).or(default).and_then(|text| text.parse().ok());
        Duration::from_millis(millis.unwrap_or(0))
    }

    /// For a member of a group that reads `partitions` partitions when it is alone.
    pub(super) fn consumer(&self, spec: &ConsumerSpec, partitions: usize) -> ClientConfig {
        let mut config = self.client(CONSUMER, &[Scope::Both, Scope::Consumer]);
        config.set("group.id", &spec.group);
        // The protocol of KIP-848 refuses an assignor of the client's.
        if self.get("group.protocol") != Some("consumer") && self.get(STRATEGY.0).is_none() {
            config.set(STRATEGY.0, STRATEGY.1);
        }
        // The client takes no poll interval below the session's timeout.
        if self.get("max.poll.interval.ms").is_none() {
            let session = self.get("session.timeout.ms").and_then(|text| text.parse().ok()).unwrap_or(0);
            config.set("max.poll.interval.ms", POLL_INTERVAL.as_millis().max(session).to_string());
        }
        // The limits count for each partition, since each has a queue of its own. The first counts keys and values only. What
        // else a record takes is in the second: some 400 bytes of the client's own, and on a retry topic as much of headers.
        // The last two are what one fetch may go over, of one partition and of all. A broker sends no batch that is larger than the
        // first of them, but for one partition at a time, so where partitions are many their share is not that small: most of them rest.
        let share = spec.read_ahead / partitions.clamp(1, SHARED_BY);
        // What waits is mostly headers: it takes five times its values in memory, and one fetch unpacks to ten times its bytes, or to
        // two hundred times if values are all alike. Nobody is in a hurry for it. Where partitions are many they rest, and large fetches
        // are what it takes to see all of them.
        let (queued, fetch) =
            if spec.waits && partitions <= SHARED_BY { (share / 4, share / 512) } else { (share, share / 2) };
        // A partition whose queue was full waits for the long poll of the others to end, by default half a second. Each poll names
        // all partitions, so where they are many, frequent ones would keep an idle process busy.
        let wait = (partitions / 2).clamp(50, 200);
        let limits = [
            ("queued.max.messages.kbytes", (queued / 1024).clamp(16, 65_536)),
            ("queued.min.messages", (queued / 1000).clamp(32, 20_000)),
            ("fetch.wait.max.ms", wait),
            ("fetch.message.max.bytes", fetch.clamp(16_384, 1_048_576)),
            ("fetch.max.bytes", self.fetch_max((2 * share).min(spec.read_ahead / 8))),
        ];
        for (name, limit) in limits {
            if self.get(name).is_none() {
                config.set(name, limit.to_string());
            }
        }
        config
    }

    /// What one answer may hold, as near to this as the user's own limits allow.
    fn fetch_max(&self, wanted: usize) -> usize {
        let limit = |name| self.get(name).and_then(|text| text.parse().ok());
        let least = limit("message.max.bytes").unwrap_or(1_000_000);
        let most = limit("receive.message.max.bytes").map_or(usize::MAX, |most: usize| most.saturating_sub(512));
        wanted.min(most).max(least)
    }

    /// For the producer.
    pub(super) fn producer(&self) -> ClientConfig {
        self.client(PRODUCER, &[Scope::Both, Scope::Producer])
    }

    /// For questions to the cluster.
    pub(super) fn admin(&self) -> ClientConfig {
        self.client(&[], &[Scope::Both])
    }

    fn client(&self, defaults: &[Default], scopes: &[Scope]) -> ClientConfig {
        let mut config = ClientConfig::new();
        for (name, value) in EVERY_CLIENT.iter().chain(defaults) {
            config.set(*name, *value);
        }
        for (name, value) in self.0.iter().filter(|(name, _)| scopes.contains(&scope(name))) {
            config.set(name, value);
        }
        let debugged = self.get("debug").is_some();
        config.set_log_level(if debugged { RDKafkaLogLevel::Debug } else { RDKafkaLogLevel::Info });
        config
    }
}

impl fmt::Debug for Properties {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |name: &str, value| if is_secret(name) { "…" } else { String::as_str(value) };
        f.debug_map().entries(self.0.iter().map(|(name, value)| (name, shown(name, value)))).finish()
    }
}

/// A client that could not be made, without showing a secret.
pub(super) fn unusable(error: KafkaError) -> ClientError {
    match error {
        KafkaError::ClientConfig(_, why, name, _) => ClientError(match features::cure(&why) {
            Some(cure) => format!("the client property `{name}` asks for what this program was built without: {cure}"),
            None if is_secret(&name) => format!("the client property `{name}` has a value that cannot be used"),
            None => format!("the client property `{name}` cannot be used: {why}"),
        }),
        KafkaError::ClientCreation(why) => ClientError(format!("the Kafka client cannot be made: {why}")),
        other => ClientError(format!("the Kafka client cannot be made: {other}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn properties(pairs: &[(&str, &str)]) -> Result<Properties, ClientError> {
        Properties::new(&pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect())
    }

    fn spec() -> ConsumerSpec {
        ConsumerSpec {
            group: "mail".to_owned(),
            topics: Vec::new(),
            properties: BTreeMap::new(),
            read_ahead: 64 << 20,
            waits: false,
            grows: false,
        }
    }

    #[test]
    fn the_users_value_wins_under_whatever_name_it_was_given() {
        let properties = properties(&[("linger.ms", "7"), ("fetch.wait.max.ms", "300"), ("acks", "-1")]).unwrap();
        assert_eq!(properties.producer().get("queue.buffering.max.ms"), Some("7"));
        assert_eq!(properties.producer().get("request.required.acks"), Some("-1"));
        assert_eq!(properties.consumer(&spec(), 1).get("fetch.wait.max.ms"), Some("300"));
        assert_eq!(properties.consumer(&spec(), 1).get("queue.buffering.max.ms"), None, "it is no consumer's property");
    }

    #[test]
    fn librdkafka_takes_all_defaults() {
        let properties = properties(&[]).unwrap();
        for config in [properties.consumer(&spec(), 3), properties.producer(), properties.admin()] {
            config.create_native_config().map(drop).unwrap();
        }
    }

    #[test]
    fn what_would_break_a_promise_is_refused_by_name_and_all_at_once() {
        let error = properties(&[
            ("enable.auto.commit", "true"),
            ("acks", "1"),
            ("bootstrap.server", "x"),
            ("linger.ms", "soon"),
            ("security.protocol", "magic"),
        ]);
        let text = error.unwrap_err().to_string();
        assert!(text.contains("`enable.auto.commit` cannot be `true`: offsets are committed when"), "{text}");
        assert!(text.contains("`acks` cannot be `1`"), "{text}");
        assert!(text.contains("there is no client property `bootstrap.server`; did you mean `bootstrap.servers`?"));
        assert!(text.contains("`linger.ms` cannot be used") && text.contains("`security.protocol` cannot"), "{text}");
        assert!(properties(&[("enable.auto.commit", "false"), ("acks", "all")]).is_ok());
    }

    #[test]
    fn a_secret_is_shown_neither_in_debug_nor_in_an_error() {
        let properties = properties(&[("sasl.password", "hunter2"), ("client.id", "me")]).unwrap();
        assert_eq!(format!("{properties:?}"), r#"{"client.id": "me", "sasl.password": "…"}"#);
        let wrong = ClientConfig::new().set("sasl.oauthbearer.client.secret", "hunter2\0").clone();
        let error = wrong.create_native_config().map(drop).map_err(unusable);
        assert!(!format!("{error:?}").contains("hunter2"));
    }

    #[test]
    fn who_reads_many_partitions_asks_for_them_less_often() {
        let properties = properties(&[]).unwrap();
        let wait = |partitions| properties.consumer(&spec(), partitions).get("fetch.wait.max.ms").map(str::to_owned);
        assert_eq!([1, 100, 300, 2000].map(wait), ["50", "50", "150", "200"].map(|text| Some(text.to_owned())));
    }

    #[test]
    fn what_is_read_ahead_is_shared_among_the_partitions() {
        let properties = properties(&[]).unwrap();
        let kbytes = |partitions| {
            let config = properties.consumer(&spec(), partitions);
            config.get("queued.max.messages.kbytes").map(str::to_owned)
        };
        assert_eq!(kbytes(1).as_deref(), Some("65536"));
        assert_eq!(kbytes(64).as_deref(), Some("1024"));
        assert_eq!(kbytes(100_000).as_deref(), Some("1024"), "the others rest");
    }

    #[test]
    fn where_records_wait_little_is_read_ahead_and_little_is_fetched_unless_partitions_rest() {
        let properties = properties(&[]).unwrap();
        let limits = |waits, partitions| {
            let config = properties.consumer(&ConsumerSpec { waits, ..spec() }, partitions);
            ["queued.max.messages.kbytes", "fetch.message.max.bytes"].map(|name| config.get(name).unwrap().to_owned())
        };
        assert_eq!(limits(true, 1), ["16384", "131072"]);
        assert_eq!(limits(true, 64), ["256", "16384"]);
        assert_eq!(limits(true, 65), limits(false, 65), "they rest");
        assert_eq!(limits(false, 1), ["65536", "1048576"]);
    }

    #[test]
    fn how_often_topics_are_looked_at_is_the_users_or_the_default() {
        let interval = |pairs: &[_]| properties(pairs).unwrap().metadata_interval();
        assert_eq!(interval(&[]), Duration::from_secs(10));
        assert_eq!(interval(&[("topic.metadata.refresh.interval.ms", "60000")]), Duration::from_secs(60));
    }

    #[test]
    fn a_rebalance_waits_for_a_minute_unless_the_user_says_otherwise() {
        let interval = |pairs: &[_]| {
            let config = properties(pairs).unwrap().consumer(&spec(), 1);
            config.get("max.poll.interval.ms").map(str::to_owned)
        };
        assert_eq!(interval(&[]).as_deref(), Some("60000"));
        assert_eq!(interval(&[("session.timeout.ms", "90000")]).as_deref(), Some("90000"));
        assert_eq!(interval(&[("max.poll.interval.ms", "300000")]).as_deref(), Some("300000"));
    }

    #[test]
    fn the_new_group_protocol_is_given_no_assignor() {
        assert!(properties(&[]).unwrap().consumer(&spec(), 1).get(STRATEGY.0).is_some());
        let new = properties(&[("group.protocol", "consumer")]).unwrap();
        assert!(new.consumer(&spec(), 1).get(STRATEGY.0).is_none());
    }
}
