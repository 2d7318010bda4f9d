//! Which topics a listener reads: those that it names, or all that a pattern matches.

use std::collections::HashSet;
use std::fmt;

use regex_lite::Regex;

use super::filler::Filler;
use crate::config::Text;
use crate::record::TopicName;

/// A listener's source topics.
#[derive(Clone, Debug)]
pub(crate) enum SourceTopics {
    /// These.
    Named(Vec<TopicName>),
    /// All whose names match, whenever they appear.
    Matching(TopicPattern),
}

impl SourceTopics {
    /// Those that are named.
    pub(crate) fn named(&self) -> &[TopicName] {
        match self {
            Self::Named(topics) => topics,
            Self::Matching(_) => &[],
        }
    }

    /// The pattern, if they are not named.
    pub(crate) fn pattern(&self) -> Option<&TopicPattern> {
        match self {
            Self::Named(_) => None,
            Self::Matching(pattern) => Some(pattern),
        }
    }

    /// Whether a topic of this name is one of them, or would be.
    pub(crate) fn contain(&self, name: &str) -> bool {
        match self {
            Self::Named(topics) => topics.iter().any(|topic| **topic == *name),
            Self::Matching(pattern) => pattern.matches(name),
        }
    }
}

/// A regular expression for names of topics, from their beginning on.
#[derive(Clone, Debug)]
pub(crate) struct TopicPattern {
    text: String,
    regex: Regex,
}

/// Why a text is no pattern.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InvalidPattern {
    #[error("\"{0}\" is no regular expression: {1}")]
    Regex(String, regex_lite::Error),
    #[error("\"{0}\" does not begin with `^`, where names of topics begin")]
    Unanchored(String),
}

impl TopicPattern {
    pub(crate) fn new(text: String) -> Result<Self, InvalidPattern> {
        if let Err(error) = Regex::new(&text) {
            return Err(InvalidPattern::Regex(text, error));
        }
        let Some(rest) = text.strip_prefix('^') else { return Err(InvalidPattern::Unanchored(text)) };
        // Of `^a|b`, too, each part is where names begin.
        match Regex::new(&format!("^(?:{rest})")) {
            Ok(regex) => Ok(Self { text, regex }),
            Err(error) => Err(InvalidPattern::Regex(text, error)),
        }
    }

    /// Whether it matches. The broker's own topics it never does.
    pub(crate) fn matches(&self, name: &str) -> bool {
        !name.starts_with("__") && self.regex.is_match(name)
    }
}

impl fmt::Display for TopicPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Filler<'_> {
    /// The topics that it reads, if nothing is wrong with them.
    pub(super) fn topics(&mut self) -> Option<SourceTopics> {
        let listener = self.listener;
        let found = ["topic", "topics", "topic_pattern"].map(|key| self.find(key).map(|found| (key, found)));
        let mut found = found.into_iter().flatten();
        let written = listener.topics.iter().copied().chain(listener.topic_pattern);
        let (key, names) = match (found.next(), found.next()) {
            (None, _) => {
                let key = match (listener.topic_pattern, listener.topics.len()) {
                    (Some(_), _) => "topic_pattern",
                    (None, 1) => "topic",
                    (None, _) => "topics",
                };
                (key, self.texts(key, written))
            }
            (Some((key, found)), None) => {
                written.for_each(|void| self.pass_over(void));
                let names = match (key, &found.text) {
                    ("topics", _) => self.texts(key, found.list()),
                    (_, Text::One(one)) => self.texts(key, [one.as_str()]),
                    (_, Text::List(_)) => {
                        self.problem(key, format_args!("is one value, not a list{SEVERAL}"));
                        None
                    }
                };
                (key, names)
            }
            (Some((one, _)), Some((other, _))) => {
                self.problem_with(&[one, other], "both replace the attribute's: leave one of them out");
                return None;
            }
        };
        if key == "topic_pattern" {
            let pattern = names?.concat();
            return self.checked(key, TopicPattern::new(pattern)).map(SourceTopics::Matching);
        }
        let names: Vec<_> = names?.into_iter().map(|name| self.topic(key, name)).collect();
        let names = names.into_iter().collect::<Option<Vec<_>>>()?;
        if names.is_empty() {
            self.problem(key, "is an empty list: name a topic, or leave it out");
            return None;
        }
        let mut seen = HashSet::new();
        if let Some(twice) = names.iter().find(|name| !seen.insert(*name)) {
            self.problem(key, format_args!("the topic `{twice}` is listed twice"));
            return None;
        }
        Some(SourceTopics::Named(names))
    }

    fn topic(&mut self, key: &str, name: String) -> Option<TopicName> {
        let hint = if key == "topic" && name.contains(',') { SEVERAL } else { "" };
        self.checked(key, TopicName::new(name).map_err(|error| format!("{error}{hint}")))
    }
}

/// What to write for more than one topic.
const SEVERAL: &str = ": name several topics with `topics`";

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, name: &str) -> bool {
        TopicPattern::new(pattern.to_owned()).unwrap().matches(name)
    }

    #[test]
    fn a_pattern_is_about_the_beginning_of_a_name_unless_it_says_where_it_ends() {
        for (pattern, yes, no) in [
            (r"^email\.", "email.send", "emails"),
            ("^email$", "email", "email.send"),
            ("^email|chat", "chat.room", "old-email"),
            ("^email|chat", "email", "old-chat"),
            (r"^[a-z]{2}-\d+$", "de-17", "de-17-retry"),
            ("^.*", "anything", "__consumer_offsets"),
            ("^_", "_mine", "__transaction_state"),
        ] {
            assert!(matches(pattern, yes), "{pattern} {yes}");
            assert!(!matches(pattern, no), "{pattern} {no}");
        }
    }

    #[test]
    fn what_is_no_pattern_is_told_with_the_text() {
        let said = |text: &str| TopicPattern::new(text.to_owned()).unwrap_err().to_string();
        assert!(said("^(a").starts_with("\"^(a\" is no regular expression: "), "{}", said("^(a"));
        assert_eq!(said("a.*"), "\"a.*\" does not begin with `^`, where names of topics begin");
        // Taken apart it would be two good ones.
        assert!(TopicPattern::new("^a)(?:b".to_owned()).is_err());
    }
}
