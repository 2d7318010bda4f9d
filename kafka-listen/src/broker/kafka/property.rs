//! Names of client properties: which there are, which are two names for one, which hold secrets.
//!
//! The source is librdkafka's own table, so that a new version brings its new properties by itself.

use std::collections::HashMap;
use std::sync::OnceLock;

use super::native::table::table;
use crate::problem::nearest;

/// Which clients a property is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    Both,
    Consumer,
    Producer,
}

struct Property {
    scope: Scope,
    /// The name under which librdkafka keeps the value.
    canonical: String,
}

/// Whether librdkafka has a property of this name.
pub fn is_property(name: &str) -> bool {
    properties().contains_key(name)
}

/// Whether a consumer takes a property of this name.
pub fn is_of_consumers(name: &str) -> bool {
    scope(name) != Scope::Producer
}

/// The property that an environment variable `KAFKA_<name>` means: dots are written as underscores there.
pub fn property_of_env(name: &str) -> Option<&'static str> {
    let plain = |text: &str| text.to_ascii_lowercase().replace('.', "_");
    let wanted = plain(name);
    properties().keys().find(|known| plain(known) == wanted).map(String::as_str)
}

/// The property whose name is closest to `name`, if it is so close that a slip of the pen explains the difference.
pub fn nearest_property(name: &str) -> Option<&'static str> {
    nearest(name, properties().keys().map(String::as_str))
}

/// Whether the value of this property must not be shown.
pub fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    // What librdkafka calls sensitive, and more: `key.location` and the like are paths; hiding them too costs nothing.
    let words =
        ["password", "secret", "key", "jaas", "token", "credential", "passphrase", "username", "oauthbearer.config"];
    words.iter().any(|word| name.contains(word))
}

/// The one name of a property that has several.
pub fn canonical(name: &str) -> &str {
    properties().get(name).map_or(name, |property| &property.canonical)
}

/// Which clients take this property; both take one that is unknown, and say so.
pub(super) fn scope(name: &str) -> Scope {
    properties().get(name).map_or(Scope::Both, |property| property.scope)
}

fn properties() -> &'static HashMap<String, Property> {
    static PROPERTIES: OnceLock<HashMap<String, Property>> = OnceLock::new();
    PROPERTIES.get_or_init(|| parse(&table().unwrap_or_default()))
}

fn parse(table: &str) -> HashMap<String, Property> {
    let mut properties = HashMap::new();
    for line in table.lines() {
        let mut columns = line.split('|').map(str::trim);
        let (Some(name), Some(scope)) = (columns.next(), columns.next()) else { continue };
        let scope = match scope {
            "*" => Scope::Both,
            "C" => Scope::Consumer,
            "P" => Scope::Producer,
            _ => continue,
        };
        // The ranges hold no `|`, so what is left over after the importance is the description.
        let description = line.splitn(6, '|').nth(5).unwrap_or_default();
        let alias_of = description.split_once("Alias for `").and_then(|(_, rest)| rest.split('`').next());
        let canonical = alias_of.unwrap_or(name).to_owned();
        // Some stand in the table twice, for all topics and for one: the first is the one for clients.
        properties.entry(name.to_owned()).or_insert(Property { scope, canonical });
    }
    properties
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_properties_with_and_without_a_default_and_those_of_features_not_built_in() {
        for name in ["bootstrap.servers", "sasl.password", "ssl.ca.location", "linger.ms", "auto.offset.reset"] {
            assert!(is_property(name), "{name}");
        }
        for name in ["bootstrap.server", "port", "Property", ""] {
            assert!(!is_property(name), "{name}");
        }
    }

    #[test]
    fn an_environment_name_is_matched_with_its_dots_lost() {
        assert_eq!(property_of_env("BOOTSTRAP_SERVERS"), Some("bootstrap.servers"));
        assert_eq!(property_of_env("LOG_LEVEL"), Some("log_level"), "an underscore of its own");
        assert_eq!(property_of_env("PORT"), None, "what Kubernetes injects for a service called kafka");
    }

    #[test]
    fn a_slip_is_recognised_and_another_word_is_not() {
        assert_eq!(nearest_property("bootstrap.server"), Some("bootstrap.servers"));
        assert_eq!(nearest_property("securty.protocol"), Some("security.protocol"));
        assert_eq!(nearest_property("port"), None);
        assert_eq!(nearest_property("heap.opts"), None);
    }

    #[test]
    fn two_names_of_one_property_are_one() {
        assert_eq!(canonical("bootstrap.servers"), "metadata.broker.list");
        assert_eq!(canonical("acks"), "request.required.acks");
        assert_eq!(canonical("enable.auto.commit"), "enable.auto.commit", "the client's, not the old one of topics");
        assert_eq!((scope("linger.ms"), scope("fetch.wait.max.ms")), (Scope::Producer, Scope::Consumer));
    }

    #[test]
    fn secrets_are_known_by_their_names() {
        for name in ["sasl.password", "ssl.key.pem", "sasl.oauthbearer.client.secret", "sasl.jaas.config"] {
            assert!(is_secret(name), "{name}");
        }
        assert!(!is_secret("bootstrap.servers"));
    }
}
