//! Fills one listener's settings, key by key: the one way from what is written to a value. Everything that is wrong is a
//! problem that names the listener and the key.

use std::fmt::Display;

use super::definition::{Listener, Setting};
use crate::config::{Parse, Variables};
use crate::problem::Problems;

/// Fills the settings of one listener. Keys in parentheses are called as they are written: `backoff(delay)`.
pub(crate) struct Filler<'a> {
    pub(super) listener: &'a Listener,
    variables: &'a Variables,
    problems: &'a mut Problems,
}

impl<'a> Filler<'a> {
    pub(crate) fn new(listener: &'a Listener, variables: &'a Variables, problems: &'a mut Problems) -> Self {
        Self { listener, variables, problems }
    }

    /// A text; only a suffix may be empty.
    pub(super) fn text(&mut self, key: &str, written: Option<&str>) -> Option<String> {
        let filled = self.variables.fill(written?);
        let filled = self.checked(key, filled)?;
        if filled.is_empty() && !key.ends_with("suffix") {
            self.problem(format!("`{key}` is empty"));
            return None;
        }
        Some(filled)
    }

    /// A number, a time, a flag or a word.
    pub(super) fn value<T: Parse>(&mut self, key: &str, written: Option<Setting<T>>) -> Option<T> {
        match written? {
            Setting::Value(value) => Some(value),
            Setting::Text(text) => {
                let filled = self.text(key, Some(text))?;
                self.checked(key, T::parse_text(&filled))
            }
        }
    }

    /// A number from 1 to `most`.
    pub(super) fn count(&mut self, key: &str, written: Option<Setting<u32>>, most: u32) -> Option<u32> {
        let number = self.value(key, written)?;
        if !(1..=most).contains(&number) {
            self.problem(format!("`{key} = {number}` cannot be: write 1 to {most}"));
            return None;
        }
        Some(number)
    }

    /// The value, or `None` once what is wrong with it is told.
    pub(super) fn checked<T, E: Display>(&mut self, key: &str, result: Result<T, E>) -> Option<T> {
        result.map_err(|error| self.problem(format!("`{key}`: {error}"))).ok()
    }

    pub(super) fn problem(&mut self, what: impl Display) {
        self.problems.add(format!("{}: {what}", self.listener.site));
    }
}
