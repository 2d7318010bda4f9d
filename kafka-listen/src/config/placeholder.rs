//! `${NAME}` and `${NAME:default}` in the texts of an attribute.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

/// What placeholders are filled from: the application's properties first, then the environment.
#[derive(Debug, Default)]
pub(crate) struct Variables {
    properties: BTreeMap<String, String>,
    environment: BTreeMap<String, String>,
    used: RefCell<BTreeSet<String>>,
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
    #[error("\"{text}\" has a placeholder within a placeholder, which is not supported yet")]
    Nested { text: String },
    #[error("`${{random.uuid}}` in \"{text}\" is not supported yet")]
    Random { text: String },
}

impl Variables {
    pub(crate) fn new(properties: BTreeMap<String, String>, environment: BTreeMap<String, String>) -> Self {
        Self { properties, environment, used: RefCell::default() }
    }

    /// The text with all placeholders filled.
    pub(crate) fn fill(&self, text: &str) -> Result<String, PlaceholderError> {
        let mut filled = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(start) = rest.find("${") {
            filled.push_str(&rest[..start]);
            let inside = &rest[start + 2..];
            let end = inside.find('}').ok_or_else(|| PlaceholderError::Open { text: text.to_owned() })?;
            filled.push_str(&self.value(text, &inside[..end])?);
            rest = &inside[end + 1..];
        }
        filled.push_str(rest);
        Ok(filled)
    }

    /// Whether some placeholder asked for this property.
    pub(crate) fn was_used(&self, property: &str) -> bool {
        self.used.borrow().contains(property)
    }

    fn value(&self, text: &str, inside: &str) -> Result<String, PlaceholderError> {
        let (name, default) = match inside.split_once(':') {
            Some((name, default)) => (name.trim(), Some(default)),
            None => (inside.trim(), None),
        };
        let text = text.to_owned();
        if inside.contains("${") {
            return Err(PlaceholderError::Nested { text });
        }
        match name {
            "" => return Err(PlaceholderError::Nameless { text }),
            "random.uuid" => return Err(PlaceholderError::Random { text }),
            _ => self.used.borrow_mut().insert(name.to_owned()),
        };
        let set = self.properties.get(name).or_else(|| self.environment.get(name));
        let value = set.map(String::as_str).or(default);
        value.map(str::to_owned).ok_or_else(|| PlaceholderError::Unset { text, name: name.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables() -> Variables {
        let map = |pairs: &[(&str, &str)]| pairs.iter().map(|&(k, v)| (k.to_owned(), v.to_owned())).collect();
        Variables::new(map(&[("team", "mail"), ("both", "property")]), map(&[("STAGE", "prod"), ("both", "env")]))
    }

    #[test]
    fn properties_come_before_the_environment_and_that_before_the_default() {
        let fill = |text| variables().fill(text).unwrap();
        assert_eq!(fill("plain"), "plain");
        assert_eq!(fill("${team}.${STAGE:dev}.send"), "mail.prod.send");
        assert_eq!(fill("${both}"), "property");
        assert_eq!(fill("x${NONE:}y${NONE:a:b}"), "xya:b");
    }

    #[test]
    fn what_cannot_be_filled_says_what_to_do() {
        let error = |text| variables().fill(text).unwrap_err().to_string();
        assert!(error("${GROUP}-a").contains("`${GROUP}` in \"${GROUP}-a\" is not set"), "{}", error("${GROUP}-a"));
        assert!(error("${GROUP").contains("without its `}`"));
        assert!(error("${:x}").contains("without a name"));
        assert!(error("${A:${B}}").contains("not supported yet"));
        assert!(error("${random.uuid}").contains("not supported yet"));
    }
}
