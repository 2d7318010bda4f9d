//! Where a listener's settings come from, as far as that is not its attribute.

use std::collections::BTreeMap;

use crate::broker::kafka::is_secret;
use crate::config::{Text, Written};

/// Where settings come from, by key.
#[derive(Clone, Debug, Default)]
pub(crate) struct Origins(BTreeMap<String, Origin>);

#[derive(Clone, Debug, Default)]
struct Origin {
    /// In the order of a sentence: where the text stands, then what filled its placeholders.
    places: Vec<String>,
    /// The text that stands for the attribute's, as the plan shows it.
    overridden: Option<String>,
    is_random: bool,
}

impl Origins {
    pub(super) fn add_override(&mut self, key: &str, written: &Written) {
        let origin = self.0.entry(key.to_owned()).or_default();
        origin.places.push(written.origin.to_string());
        origin.overridden = Some(match &written.text {
            Text::One(text) => text.clone(),
            Text::List(texts) => texts.join(", "),
        });
    }

    pub(super) fn add_places(&mut self, key: &str, places: impl IntoIterator<Item = String>) {
        let mut places = places.into_iter().peekable();
        if places.peek().is_some() {
            self.0.entry(key.to_owned()).or_default().places.extend(places);
        }
    }

    pub(super) fn set_random(&mut self, key: &str, is_random: bool) {
        if is_random {
            self.0.entry(key.to_owned()).or_default().is_random = true;
        }
    }

    /// Whether something else than the attribute sets this key, or one in its parentheses.
    pub(super) fn overrides(&self, key: &str) -> bool {
        self.0.iter().any(|(name, origin)| origin.overridden.is_some() && is_within(name, key))
    }

    /// Whether the value is another one at each start.
    pub(super) fn is_random(&self, key: &str) -> bool {
        self.0.get(key).is_some_and(|origin| origin.is_random)
    }

    /// Where these keys, and the keys in their parentheses, come from: ` (kafka-listen.toml:12)`, or nothing.
    pub(crate) fn of(&self, keys: &[&str]) -> String {
        let is_meant = |name: &str| keys.iter().any(|key| is_within(name, key));
        let meant: Vec<_> = self.0.iter().filter(|(name, it)| is_meant(name) && !it.places.is_empty()).collect();
        match &*meant {
            [] => String::new(),
            [(name, origin)] if keys.first().is_some_and(|first| first == name) => {
                format!(" ({})", origin.places.join(", "))
            }
            all => {
                let all: Vec<_> = all.iter().map(|(name, it)| format!("`{name}`: {}", it.places.join(", "))).collect();
                format!(" ({})", all.join("; "))
            }
        }
    }

    /// The settings that are not the attribute's, with their places, as the plan shows them.
    pub(crate) fn overridden(&self) -> impl Iterator<Item = String> {
        self.0.iter().filter_map(|(key, origin)| {
            let text = origin.overridden.as_ref()?;
            let text = if is_secret(key) { "…" } else { text };
            Some(format!("{key} = {text} ({})", origin.places.join(", ")))
        })
    }
}

/// Whether `name` is this key, or stands in its parentheses.
fn is_within(name: &str, key: &str) -> bool {
    name.strip_prefix(key).is_some_and(|rest| rest.is_empty() || rest.starts_with('('))
}
