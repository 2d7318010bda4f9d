//! Names of topics, and places inside them.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

/// The name of a topic; exists only if Kafka would take it. Cheap to clone.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TopicName(Arc<str>);

/// Why a text cannot be the name of a topic.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidTopicName {
    /// The text is empty.
    #[error("a topic's name cannot be empty")]
    Empty,
    /// The text is `.` or `..`, which Kafka keeps for itself.
    #[error("`{0}` cannot be the name of a topic")]
    Dots(String),
    /// The text is longer than Kafka takes.
    #[error("the topic name `{0}` has {len} characters; Kafka takes {max}", len = .0.len(), max = TopicName::MAX_LEN)]
    TooLong(String),
    /// The text has a character that Kafka does not take.
    #[error("the topic name `{name}` has the character {character:?}; Kafka takes letters, digits, `.`, `_` and `-`")]
    Character {
        /// The whole text.
        name: String,
        /// The first character that Kafka does not take.
        character: char,
    },
}

impl TopicName {
    /// The most characters Kafka takes in a topic's name.
    pub const MAX_LEN: usize = 249;

    /// Checks `name` by Kafka's own rules.
    ///
    /// # Errors
    /// [`InvalidTopicName`] says which rule it breaks.
    pub fn new(name: impl Into<Arc<str>>) -> Result<Self, InvalidTopicName> {
        let name = name.into();
        let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
        if name.is_empty() {
            Err(InvalidTopicName::Empty)
        } else if matches!(&*name, "." | "..") {
            Err(InvalidTopicName::Dots(name.to_string()))
        } else if let Some(character) = name.chars().find(|&c| !allowed(c)) {
            Err(InvalidTopicName::Character { name: name.to_string(), character })
        } else if name.len() > Self::MAX_LEN {
            Err(InvalidTopicName::TooLong(name.to_string()))
        } else {
            Ok(Self(name))
        }
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Deref for TopicName {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl std::borrow::Borrow<str> for TopicName {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TopicName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for TopicName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

/// A partition of a topic, written `topic/3`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TopicPartition {
    /// The topic.
    pub topic: TopicName,
    /// The partition's number.
    pub partition: i32,
}

impl fmt::Display for TopicPartition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.topic, self.partition)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_kafkas_rules() {
        for good in ["email.send", "a", "A-b_c.9", &"x".repeat(249)] {
            assert!(TopicName::new(good).is_ok(), "{good}");
        }
        for bad in ["", ".", "..", "a b", "ü", "a/b", &"x".repeat(250)] {
            assert!(TopicName::new(bad).is_err(), "{bad}");
        }
    }
}
