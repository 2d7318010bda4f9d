//! Fills one listener's settings, key by key: the one way from what is written, in the attribute or elsewhere, to a value.
//! Everything that is wrong is a problem that names the listener, the key, and where its value comes from.

use std::collections::BTreeSet;
use std::fmt::Display;
use std::time::Duration;

use super::definition::{Listener, Setting};
use super::keys::LONGEST_DELAY;
use super::origins::Origins;
use crate::broker::kafka::{is_secret, property_of_env};
use crate::config::{Filled, Parse, Sources, Text, Written, whole_number};
use crate::problem::Problems;

/// Fills the settings of one listener. Keys in parentheses are called as they are written: `backoff(delay)`.
pub(crate) struct Filler<'a> {
    pub(super) listener: &'a Listener,
    /// By which others than the attribute name the listener.
    pub(super) id: String,
    /// Where the values come from that are not the attribute's own.
    pub(super) origins: Origins,
    sources: &'a Sources,
    problems: &'a mut Problems,
}

impl<'a> Filler<'a> {
    pub(crate) fn new(listener: &'a Listener, sources: &'a Sources, problems: &'a mut Problems) -> Self {
        let id = listener.site.function.to_owned();
        Self { listener, id, origins: Origins::default(), sources, problems }
    }

    /// Whether the attribute has this key, which `written` says, or something else sets it.
    pub(super) fn is_given(&self, key: &str, written: bool) -> bool {
        written || self.origins.overrides(key)
    }

    /// The listener's id, by which everything else is looked for.
    pub(super) fn id(&mut self) -> Option<String> {
        let written = self.listener.id.unwrap_or(self.listener.site.function);
        let id = self.filled("id", written, Random::Refused)?;
        self.id.clone_from(&id);
        Some(id)
    }

    /// A text, which cannot be blank.
    pub(super) fn text(&mut self, key: &str, written: Option<&str>) -> Option<String> {
        self.any_text(key, written, Random::Refused)
    }

    /// A text that may be another one at each start.
    pub(super) fn random_text(&mut self, key: &str, written: Option<&str>) -> Option<String> {
        self.any_text(key, written, Random::Allowed)
    }

    /// The texts of a list, all of them good.
    pub(super) fn texts<'t>(&mut self, key: &str, list: impl IntoIterator<Item = &'t str>) -> Option<Vec<String>> {
        let filled: Vec<_> = list.into_iter().map(|text| self.filled(key, text, Random::Refused)).collect();
        filled.into_iter().collect()
    }

    /// The properties that are written elsewhere below a key; nobody else can list them.
    pub(super) fn properties_below(&self, key: &str) -> BTreeSet<String> {
        let overrides = &self.sources.overrides;
        let variables = overrides.variables_below(&self.id, key).into_iter();
        let from_environment = variables.filter_map(|name| property_of_env(&name).map(str::to_owned));
        overrides.names_below(&self.id, key).into_iter().chain(from_environment).collect()
    }

    /// A time, a flag, a word, or a number with a fraction.
    pub(super) fn value<T: Parse>(&mut self, key: &str, written: Option<Setting<T>>) -> Option<T> {
        self.parsed(key, written, T::parse_text)
    }

    /// A whole number, whose range the caller judges; `most` ends it.
    pub(super) fn whole(&mut self, key: &str, written: Option<Setting<u32>>, most: u32) -> Option<u32> {
        self.parsed(key, written, |text| whole_number(text, most))
    }

    fn parsed<T, E: Display>(
        &mut self,
        key: &str,
        written: Option<Setting<T>>,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        let text = match (self.find(key), written) {
            (Some(found), Some(Setting::Text(text))) => self.instead(key, found, text)?,
            (Some(found), _) => self.one(key, found)?,
            (None, Some(Setting::Text(text))) => text.to_owned(),
            (None, Some(Setting::Value(value))) => return Some(value),
            (None, None) => return None,
        };
        let filled = self.filled(key, &text, Random::Refused)?;
        self.checked(key, parse(&filled))
    }

    /// A number from 1 to `most`.
    pub(super) fn count(&mut self, key: &str, written: Option<Setting<u32>>, most: u32) -> Option<u32> {
        let number = self.whole(key, written, most)?;
        if !(1..=most).contains(&number) {
            self.problem(key, format_args!("`{key} = {number}` cannot be: write 1 to {most}"));
            return None;
        }
        Some(number)
    }

    /// A time that a record may wait.
    pub(super) fn wait(&mut self, key: &str, written: Option<Setting<u64>>) -> Option<Duration> {
        let millis = self.value(key, written)?;
        if millis > LONGEST_DELAY {
            self.problem(key, "is over ten years: write a shorter time");
        }
        Some(Duration::from_millis(millis))
    }

    /// The value, or `None` once what is wrong with this key is told.
    pub(super) fn checked<T, E: Display>(&mut self, key: &str, result: Result<T, E>) -> Option<T> {
        self.checked_with(&[key], result)
    }

    /// The same of a value that several keys make; the first names it.
    pub(super) fn checked_with<T, E: Display>(&mut self, keys: &[&str], result: Result<T, E>) -> Option<T> {
        result.map_err(|error| self.problem_with(keys, error)).ok()
    }

    /// Something is wrong with this key.
    pub(super) fn problem(&mut self, key: &str, what: impl Display) {
        self.problem_with(&[key], what);
    }

    /// Something is wrong with these keys; the first names them. With none, it is the listener.
    pub(super) fn problem_with(&mut self, keys: &[&str], what: impl Display) {
        let (site, origins) = (self.listener.site, self.origins.of(keys));
        self.problems.add(match keys.first() {
            None => format!("{site}: {what}"),
            Some(key) => format!("{site}: `{key}`{origins}: {what}"),
        });
    }

    /// A text that the application has for all of its listeners.
    pub(super) fn random(&mut self, key: &str, text: &str) -> Option<String> {
        self.filled(key, text, Random::Allowed)
    }

    fn any_text(&mut self, key: &str, written: Option<&str>, random: Random) -> Option<String> {
        let text = match (self.find(key), written) {
            (Some(found), Some(text)) => self.instead(key, found, text)?,
            (Some(found), None) => self.one(key, found)?,
            (None, text) => text?.to_owned(),
        };
        self.filled(key, &text, random)
    }

    /// What something else than the attribute says.
    pub(super) fn find(&mut self, key: &str) -> Option<Written> {
        let found = self.sources.overrides.find(&self.id, key)?;
        self.origins.add_override(key, &found);
        Some(found)
    }

    /// The text that was found instead of the attribute's.
    fn instead(&mut self, key: &str, found: Written, written: &str) -> Option<String> {
        self.pass_over(written);
        self.one(key, found)
    }

    /// What is written, and void because something else counts for more: it uses its placeholders all the same, so that a
    /// property that only it needs is no mistake.
    pub(super) fn pass_over(&self, written: &str) {
        let _ = self.sources.variables.fill(written);
    }

    /// What is one value, and no list.
    pub(super) fn one(&mut self, key: &str, found: Written) -> Option<String> {
        match found.text {
            Text::One(text) => Some(text),
            Text::List(_) => {
                self.problem(key, "is one value, not a list");
                None
            }
        }
    }

    fn filled(&mut self, key: &str, text: &str, random: Random) -> Option<String> {
        let filled = self.sources.variables.fill(text).map_err(|error| match key.strip_prefix("properties(") {
            Some(name) if is_secret(name) => "a placeholder in it cannot be filled".to_owned(),
            _ => error.to_string(),
        });
        let Filled { text, from, random: is_random } = self.checked(key, filled)?;
        self.origins.add_places(key, from);
        if is_random && random == Random::Refused {
            self.problem(key, "`${random.uuid}` is another id at each start, which makes sense for `group` alone");
            return None;
        }
        self.origins.set_random(key, is_random);
        if text.trim().is_empty() {
            self.problem(key, if text.is_empty() { "is empty" } else { "is blank" });
            return None;
        }
        if text.contains('\0') {
            self.problem(key, "has a null character, which ends a text of the client");
            return None;
        }
        Some(text)
    }
}

/// Whether a text may be another one at each start.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Random {
    Allowed,
    Refused,
}
