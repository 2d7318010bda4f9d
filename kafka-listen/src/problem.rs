//! What is wrong at start-up: all of it at once. And what a mistyped name was meant to be.

use std::fmt;

/// The one of these names that is closest to `name`, if it is so close that a slip of the pen explains the difference. Other
/// capitals and separators are none: `autoCreate`, `AUTO-CREATE`.
pub(crate) fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let bare =
        |name: &str| name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect::<String>();
    let name = bare(name);
    let distances = known.into_iter().map(|known| (strsim::damerau_levenshtein(&bare(known), &name), known));
    let slip = 1 + name.len() / 8;
    distances.min_by_key(|(distance, _)| *distance).filter(|(distance, _)| *distance <= slip).map(|(_, known)| known)
}

/// Everything that is wrong, one sentence each: what, where, and what to do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Problems(Vec<String>);

impl Problems {
    /// The problems.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn add(&mut self, problem: impl Into<String>) {
        let problem = problem.into();
        // One cause may be met on two ways.
        if !self.0.contains(&problem) {
            self.0.push(problem);
        }
    }

    pub(crate) fn into_result(self) -> Result<(), Self> {
        if self.is_empty() { Ok(()) } else { Err(self) }
    }
}

/// One a line, each behind a dash.
impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for problem in &self.0 {
            write!(f, "\n  - {problem}")?;
        }
        Ok(())
    }
}
