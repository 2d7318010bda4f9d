//! The client properties of the application, checked, and the broker that they lead to.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Error;
use crate::broker::Broker;
use crate::broker::kafka::{self, KafkaBroker};
use crate::config::{Origin, Text, Variables, Written};
use crate::problem::Problems;

const SERVERS: &str = "bootstrap.servers";

/// The properties of every client, by librdkafka's names. They may be secrets.
pub(super) struct Properties(BTreeMap<String, String>);

impl Properties {
    /// Checks each by itself; what is no client property must be used by a placeholder.
    pub(super) fn new(written: BTreeMap<String, Written>, variables: &Variables, problems: &mut Problems) -> Self {
        let client = written.iter().filter_map(|(name, written)| match &written.text {
            Text::One(value) if kafka::is_property(name) => Some((name.clone(), value.clone())),
            _ => None,
        });
        let properties = Self(client.collect());
        if properties.servers().is_empty() {
            problems.add(format!(
                "no Kafka is named: set the property `{SERVERS}` or the environment variable `KAFKA_BOOTSTRAP_SERVERS`, \
                 to `host:port` for a cluster or to `embedded` for the in-process broker (feature `embedded`)"
            ));
        }
        for (name, written) in &written {
            if let Some(problem) = properties.problem_of(name, written, variables) {
                problems.add(match &written.origin {
                    Origin::Code(_) => problem,
                    origin => format!("{problem} ({origin})"),
                });
            }
        }
        properties
    }

    /// What is good property by property and not together.
    pub(super) fn check_together(&self) -> Result<(), Error> {
        let mut problems = Problems::default();
        self.contradictions(&BTreeMap::new()).into_iter().for_each(|problem| problems.add(problem));
        problems.into_result().map_err(Error::Settings)
    }

    /// The same with `more`, which win.
    pub(super) fn contradictions(&self, more: &BTreeMap<String, String>) -> Vec<String> {
        if self.is_embedded() {
            return Vec::new();
        }
        let mut all = self.0.clone();
        all.extend(more.clone());
        kafka::contradictions(&all)
    }

    /// What a property of this name is set to.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// What is wrong with a client property.
    pub(super) fn client_problem(&self, name: &str, value: &str) -> Option<String> {
        let problem = kafka::property_problem(name, value);
        problem.or_else(|| self.is_embedded().then(|| embedded_problem(name, value)).flatten())
    }

    /// The broker that they lead to; nothing is connected yet.
    pub(super) fn broker(&self) -> Result<Arc<dyn Broker>, Error> {
        match self.servers() {
            servers if is_embedded(servers) => embedded(servers),
            _ => Ok(Arc::new(KafkaBroker::new(self.0.clone())?)),
        }
    }

    /// What a consumer is told beside its group and topics: the broker inside the process has no properties of its own.
    pub(super) fn of_groups(&self) -> BTreeMap<String, String> {
        if self.is_embedded() { self.0.clone() } else { BTreeMap::new() }
    }

    fn problem_of(&self, name: &str, written: &Written, variables: &Variables) -> Option<String> {
        let Text::One(value) = &written.text else {
            return Some(format!("the property `{name}` is a list: write one text, with commas"));
        };
        if kafka::is_property(name) {
            return self.client_problem(name, value);
        }
        if variables.was_used(name) {
            return None;
        }
        let near = kafka::nearest_property(name).map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
        Some(format!("the property `{name}` is neither a client property nor used by a placeholder{near}"))
    }

    fn servers(&self) -> &str {
        let servers = self.0.iter().find(|(name, _)| kafka::canonical(name) == kafka::canonical(SERVERS));
        servers.map_or("", |(_, servers)| servers.trim())
    }

    fn is_embedded(&self) -> bool {
        is_embedded(self.servers())
    }
}

fn is_embedded(servers: &str) -> bool {
    servers == "embedded" || servers.starts_with("embedded:")
}

#[cfg(feature = "embedded")]
fn embedded(address: &str) -> Result<Arc<dyn Broker>, Error> {
    Ok(crate::broker::memory::Cluster::reached_by(address))
}

#[cfg(feature = "embedded")]
use crate::broker::memory::property_problem as embedded_problem;

/// That the broker is not there is told instead.
#[cfg(not(feature = "embedded"))]
fn embedded_problem(_: &str, _: &str) -> Option<String> {
    None
}

#[cfg(not(feature = "embedded"))]
fn embedded(address: &str) -> Result<Arc<dyn Broker>, Error> {
    let mut problems = Problems::default();
    problems.add(format!(
        "`{SERVERS}={address}` asks for the in-process broker: enable the feature `embedded` of kafka-listen"
    ));
    Err(Error::Settings(problems))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_groups_properties_are_for_the_broker_that_has_none_of_its_own() {
        let given = |servers: &str| {
            let properties = [(SERVERS, servers), ("session.timeout.ms", "6000")];
            let properties = properties.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
            Properties(properties).of_groups().get("session.timeout.ms").cloned()
        };
        assert_eq!(given("embedded").as_deref(), Some("6000"));
        assert_eq!(given("embedded:a").as_deref(), Some("6000"));
        assert_eq!(given("localhost:9092"), None);
    }
}
