//! `${NAME}` and `${NAME:default}` in texts.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use super::{Origin, Text, Written};

/// What placeholders are filled from: what the program sets, the environment, what the file sets; and an id of this start.
pub(crate) struct Variables {
    properties: BTreeMap<String, Written>,
    environment: BTreeMap<String, String>,
    id: String,
    used: RefCell<BTreeSet<String>>,
}

/// A text with its placeholders filled.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Filled {
    pub(crate) text: String,
    /// Where each value comes from, as an error shows it: ``"`${NAME}` from the environment variable `NAME`"``.
    pub(crate) from: Vec<String>,
    /// Whether it is another text at each start.
    pub(crate) random: bool,
}

/// A text whose placeholders cannot be filled.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PlaceholderError {
    #[error(
        "`${{{name}}}` in \"{text}\" is not set: give the application a property `{name}`, set the environment variable, or write a default: `${{{name}:…}}`"
    )]
    Unset { text: String, name: String },
    #[error("\"{text}\" has a `${{` without its `}}`")]
    Open { text: String },
    #[error("\"{text}\" has a placeholder without a name: write `${{NAME}}` or `${{NAME:default}}`")]
    Nameless { text: String },
    #[error("\"{text}\" has a placeholder within a placeholder, which cannot be: give the outer one a name of its own")]
    Nested { text: String },
    #[error("`${{{name}}}` in \"{text}\" is no random value that there is: there is `${{random.uuid}}`")]
    Random { text: String, name: String },
}

impl Variables {
    /// An id that no other start of an application has.
    const RANDOM: &'static str = "random.uuid";

    pub(crate) fn new(properties: BTreeMap<String, Written>, environment: BTreeMap<String, String>) -> Self {
        let id = uuid::Uuid::new_v4().to_string();
        Self { properties, environment, id, used: RefCell::default() }
    }

    /// Fills from these properties from now on.
    pub(crate) fn set_properties(&mut self, properties: BTreeMap<String, Written>) {
        self.properties = properties;
    }

    /// The text with all placeholders filled.
    pub(crate) fn fill(&self, text: &str) -> Result<Filled, PlaceholderError> {
        let mut filled = Filled { text: String::with_capacity(text.len()), from: Vec::new(), random: false };
        let mut rest = text;
        while let Some(start) = rest.find("${") {
            filled.text.push_str(&rest[..start]);
            let inside = &rest[start + 2..];
            let end = inside.find('}').ok_or_else(|| PlaceholderError::Open { text: text.to_owned() })?;
            self.add(&mut filled, text, &inside[..end])?;
            rest = &inside[end + 1..];
        }
        filled.text.push_str(rest);
        Ok(filled)
    }

    /// Whether some placeholder asked for this property.
    pub(crate) fn was_used(&self, property: &str) -> bool {
        self.used.borrow().contains(property)
    }

    fn add(&self, filled: &mut Filled, text: &str, inside: &str) -> Result<(), PlaceholderError> {
        let (name, default) = match inside.split_once(':') {
            Some((name, default)) => (name.trim(), Some(default)),
            None => (inside.trim(), None),
        };
        let text = || text.to_owned();
        if inside.contains("${") {
            return Err(PlaceholderError::Nested { text: text() });
        }
        if name.is_empty() {
            return Err(PlaceholderError::Nameless { text: text() });
        }
        if name == Self::RANDOM {
            filled.random = true;
            filled.text.push_str(&self.id);
            return Ok(());
        }
        if name.starts_with("random.") {
            return Err(PlaceholderError::Random { text: text(), name: name.to_owned() });
        }
        self.used.borrow_mut().insert(name.to_owned());
        let (value, from) = match (self.value(name), default) {
            (Some((value, origin)), _) => (value, format!("`${{{name}}}` from {origin}")),
            (None, Some(default)) => (default, format!("the default of `${{{name}}}`")),
            (None, None) => return Err(PlaceholderError::Unset { text: text(), name: name.to_owned() }),
        };
        filled.text.push_str(value);
        filled.from.push(from);
        Ok(())
    }

    fn value(&self, name: &str) -> Option<(&str, Origin)> {
        let property = self.properties.get(name).and_then(|written| match &written.text {
            Text::One(text) => Some((text.as_str(), written.origin.clone())),
            Text::List(_) => None,
        });
        let variable = self.environment.get(name);
        let variable = variable.map(|value| (value.as_str(), Origin::Environment(name.to_owned())));
        match property {
            Some((_, Origin::Code(_))) => property,
            _ => variable.or(property),
        }
    }
}

impl Default for Variables {
    fn default() -> Self {
        Self::new(BTreeMap::new(), BTreeMap::new())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables() -> Variables {
        let file = || Origin::File { path: "kafka-listen.toml".into(), line: 3 };
        let code = || Origin::Code("property");
        let properties =
            [("team", "mail", code()), ("both", "property", code()), ("STAGE", "file", file()), ("zone", "a", file())];
        let properties = properties.map(|(name, value, origin)| (name.to_owned(), Written::new(value, origin)));
        let environment = [("STAGE", "prod"), ("both", "env")].map(|(name, value)| (name.to_owned(), value.to_owned()));
        Variables::new(properties.into(), environment.into())
    }

    #[test]
    fn the_program_comes_before_the_environment_that_before_the_file_and_that_before_the_default() {
        let variables = variables();
        let fill = |text| variables.fill(text).unwrap().text;
        assert_eq!(fill("plain"), "plain");
        assert_eq!(fill("${team}.${STAGE:dev}.send"), "mail.prod.send");
        assert_eq!(fill("${both}"), "property");
        assert_eq!(fill("${zone:z}"), "a");
        assert_eq!(fill("x${NONE:}y${NONE:a:b}"), "xya:b");
        assert!(variables.was_used("zone") && !variables.was_used("z"));
    }

    #[test]
    fn what_was_filled_in_is_told_with_its_place() {
        let from = variables().fill("${team}${STAGE}${zone}${NONE:x}").unwrap().from;
        let expected = [
            "`${team}` from `App::property`",
            "`${STAGE}` from environment variable `STAGE`",
            "`${zone}` from kafka-listen.toml:3",
            "the default of `${NONE}`",
        ];
        assert_eq!(from, expected);
    }

    #[test]
    fn a_random_id_is_one_for_each_start() {
        let (one, other) = (variables(), variables());
        let of = |variables: &Variables| variables.fill("a-${random.uuid}").unwrap();
        assert!(of(&one).random && !one.fill("a").unwrap().random);
        assert_eq!(of(&one), of(&one));
        assert_ne!(of(&one).text, of(&other).text);
        assert_eq!(of(&one).text.len(), "a-00000000-0000-0000-0000-000000000000".len());
    }

    #[test]
    fn what_cannot_be_filled_says_what_to_do() {
        let error = |text| variables().fill(text).unwrap_err().to_string();
        assert!(error("${GROUP}-a").contains("`${GROUP}` in \"${GROUP}-a\" is not set"), "{}", error("${GROUP}-a"));
        assert!(error("${GROUP").contains("without its `}`"));
        assert!(error("${:x}").contains("without a name"));
        assert!(error("${A:${B}}").contains("cannot be"));
        assert!(error("${random.int}").contains("`${random.int}` in \"${random.int}\" is no random value"));
    }
}
