//! Where a value was written, as an error shows it.

use std::fmt;
use std::sync::Arc;

/// Where a value was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// In the program, by this method of [`App`](crate::App).
    Code(&'static str),
    /// In the environment, in this variable.
    Environment(String),
    /// In the file at this path, in this line.
    #[cfg_attr(
        not(any(feature = "toml", test)),
        expect(dead_code, reason = "without the feature nothing is read from a file")
    )]
    File { path: Arc<str>, line: usize },
}

/// `kafka-listen.toml:12`.
impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Code(method) => write!(f, "`App::{method}`"),
            Self::Environment(variable) => write!(f, "environment variable `{variable}`"),
            Self::File { path, line } => write!(f, "{path}:{line}"),
        }
    }
}

/// A value with its place. It may be a secret, so `Debug` leaves it out.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Written {
    pub(crate) text: Text,
    pub(crate) origin: Origin,
}

/// What was written.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Text {
    One(String),
    /// A list, which only a file can tell from a text.
    #[cfg_attr(not(feature = "toml"), expect(dead_code, reason = "nothing but the file makes one"))]
    List(Vec<String>),
}

impl Written {
    pub(crate) fn new(text: impl Into<String>, origin: Origin) -> Self {
        Self { text: Text::One(text.into()), origin }
    }

    /// The text, if it is no list.
    pub(crate) fn one(&self) -> Option<&str> {
        match &self.text {
            Text::One(text) => Some(text),
            Text::List(_) => None,
        }
    }

    /// The texts of a list. One text is a list with commas between.
    pub(crate) fn list(&self) -> Vec<&str> {
        match &self.text {
            Text::One(text) => text.split(',').map(str::trim).collect(),
            Text::List(texts) => texts.iter().map(String::as_str).collect(),
        }
    }
}

impl fmt::Debug for Written {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Written({})", self.origin)
    }
}
