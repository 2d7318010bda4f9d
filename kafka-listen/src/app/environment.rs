//! What `App::from_env` takes from the environment.

use std::collections::BTreeMap;
use std::path::Path;

use crate::broker::kafka::{nearest_property, property_of_env};
use crate::problem::Problems;

/// Settings that are not built yet are refused rather than ignored.
const OVERRIDES: &str = "KAFKA_LISTEN_";
const FILE: &str = "kafka-listen.toml";

/// The client properties that the environment holds as `KAFKA_<PROPERTY>`, dots as underscores.
///
/// Other names that begin so are left alone: a Kubernetes service called `kafka` injects `KAFKA_PORT`, and broker images
/// have theirs. One that is nearly a property is warned of.
pub(super) fn properties(
    environment: &BTreeMap<String, String>,
    directory: &Path,
    problems: &mut Problems,
) -> BTreeMap<String, String> {
    let mut properties = BTreeMap::new();
    for (variable, value) in environment {
        if let Some(rest) = variable.strip_prefix(OVERRIDES) {
            problems.add(format!(
                "the environment variable `{OVERRIDES}{rest}` would override a listener's setting, which is not supported yet: \
                 write `\"${{NAME:default}}\"` in the attribute instead"
            ));
            continue;
        }
        let Some(rest) = variable.strip_prefix("KAFKA_") else { continue };
        if let Some(name) = property_of_env(rest) {
            properties.insert(name.to_owned(), value.clone());
        } else if let Some(near) = nearest_property(&rest.to_ascii_lowercase().replace('_', ".")) {
            let meant = format!("KAFKA_{}", near.to_ascii_uppercase().replace('.', "_"));
            tracing::warn!(
                "the environment variable `{variable}` is no client property and ignored; did you mean `{meant}`?"
            );
        }
    }
    if directory.join(FILE).exists() {
        problems.add(format!("there is a file `{FILE}`, which is not supported yet: remove it"));
    }
    properties
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> (BTreeMap<String, String>, Problems) {
        let environment = pairs.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect();
        let mut problems = Problems::default();
        (properties(&environment, Path::new("/nowhere"), &mut problems), problems)
    }

    #[test]
    fn client_properties_are_taken_and_what_others_inject_is_not() {
        let (properties, problems) = read(&[
            ("KAFKA_BOOTSTRAP_SERVERS", "h:1"),
            ("KAFKA_SECURITY_PROTOCOL", "ssl"),
            ("KAFKA_LOG_LEVEL", "3"),
            ("KAFKA_PORT", "tcp://10.0.0.1:9092"),
            ("PATH", "x"),
        ]);
        let names: Vec<_> = properties.keys().map(String::as_str).collect();
        assert_eq!(names, ["bootstrap.servers", "log_level", "security.protocol"]);
        assert!(problems.is_empty());
    }

    #[test]
    fn overrides_are_refused_not_ignored() {
        let (_, problems) = read(&[("KAFKA_LISTEN_SEND_EMAIL_ATTEMPTS", "3")]);
        assert!(problems.to_string().contains("not supported yet"), "{problems}");
    }
}
