//! What says something else than a listener's attribute: the program over the environment over the file.
//!
//! Which settings there are is not known here: whoever fills a listener's settings asks for each of them, and what was
//! never asked for is nobody's.

use std::cell::RefCell;
use std::collections::BTreeMap;

use super::asked::{Asked, PREFIX, variable};
use super::{Origin, Written};
use crate::problem::Problems;

/// What is written about listeners outside of their attributes.
#[derive(Default)]
pub(crate) struct Overrides {
    /// By listener and key; of the same listener and key the first counts.
    entries: Vec<Entry>,
    /// By the name behind [`PREFIX`].
    environment: BTreeMap<String, String>,
    asked: RefCell<Asked>,
}

/// A setting that a file or the program makes.
pub(crate) struct Entry {
    pub(crate) listener: String,
    /// As it is written there: `backoff.delay`.
    pub(crate) key: String,
    pub(crate) written: Written,
}

impl Overrides {
    /// `code` counts for more than the environment, and that for more than the `file`.
    pub(crate) fn new(code: Vec<Entry>, environment: BTreeMap<String, String>, file: Vec<Entry>) -> Self {
        // A later call replaces an earlier one.
        let entries = code.into_iter().rev().chain(file).collect();
        Self { entries, environment, asked: RefCell::default() }
    }

    /// What is written about this key of this listener. `key` is as in the attribute: `backoff(delay)`.
    pub(crate) fn find(&self, listener: &str, key: &str) -> Option<Written> {
        let key = dotted(key);
        let variable = variable(listener, &key);
        let from_environment = self.environment.get(&variable);
        let origin = || Origin::Environment(format!("{PREFIX}{variable}"));
        let from_environment = from_environment.map(|text| Written::new(text, origin()));
        let mut entries = self.entries.iter().filter(|it| it.listener == listener && it.key == key);
        let entry = entries.next().map(|it| it.written.clone());
        self.asked.borrow_mut().add(listener, key, variable);
        match entry {
            Some(Written { origin: Origin::Code(_), .. }) => entry,
            _ => from_environment.or(entry),
        }
    }

    /// The names that files and the program write below this key of this listener: `fetch.max.bytes` of
    /// `properties.fetch.max.bytes`.
    pub(crate) fn names_below(&self, listener: &str, key: &str) -> Vec<String> {
        self.asked.borrow_mut().tables.insert((listener.to_owned(), key.to_owned()));
        let of = self.entries.iter().filter(|it| it.listener == listener);
        of.filter_map(|it| Some(it.key.strip_prefix(key)?.strip_prefix('.')?.to_owned())).collect()
    }

    /// What stands behind a listener's and a key's name in variables: `FETCH_MAX_BYTES` of
    /// `KAFKA_LISTEN_MAIL_PROPERTIES_FETCH_MAX_BYTES`.
    pub(crate) fn variables_below(&self, listener: &str, key: &str) -> Vec<String> {
        let begin = format!("{}_", variable(listener, key));
        self.environment.keys().filter_map(|name| Some(name.strip_prefix(&begin)?.to_owned())).collect()
    }

    /// Tells what nobody asked for. `fixed` are keys that only the attribute can hold, each with the reason.
    pub(crate) fn check(&self, fixed: &[(&str, &str)], problems: &mut Problems) {
        let asked = self.asked.borrow();
        for entry in &self.entries {
            if let Some(problem) = asked.problem_of(&entry.listener, &entry.key, fixed) {
                problems.add(format!("{}: {problem}", entry.written.origin));
            }
        }
        for variable in self.environment.keys() {
            if let Some(problem) = asked.problem_of_variable(variable, fixed) {
                problems.add(format!("the environment variable `{PREFIX}{variable}` {problem}"));
            }
        }
    }
}

/// `backoff(delay)` as a file writes it: `backoff.delay`.
fn dotted(key: &str) -> String {
    key.trim_end_matches(')').replace('(', ".")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(listener: &str, key: &str, text: &str) -> Entry {
        let origin = Origin::File { path: "kafka-listen.toml".into(), line: 7 };
        Entry { listener: listener.to_owned(), key: key.to_owned(), written: Written::new(text, origin) }
    }

    fn code(listener: &str, key: &str, text: &str) -> Entry {
        let written = Written::new(text, Origin::Code("setting"));
        Entry { listener: listener.to_owned(), key: key.to_owned(), written }
    }

    fn environment(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    fn found(overrides: &Overrides, listener: &str, key: &str) -> Option<String> {
        overrides.find(listener, key).map(|written| written.list().join(" "))
    }

    fn told(overrides: &Overrides) -> Vec<String> {
        let mut problems = Problems::default();
        overrides.check(&[("classify", "it is a function")], &mut problems);
        problems.iter().map(str::to_owned).collect()
    }

    #[test]
    fn the_program_counts_for_more_than_the_environment_and_that_for_more_than_the_file() {
        let overrides = Overrides::new(
            vec![code("mail", "attempts", "1"), code("mail", "attempts", "2")],
            environment(&[("MAIL_ATTEMPTS", "3"), ("MAIL_BACKOFF_DELAY", "4")]),
            vec![file("mail", "attempts", "5"), file("mail", "backoff.delay", "6"), file("mail", "order", "key")],
        );
        assert_eq!(found(&overrides, "mail", "attempts").as_deref(), Some("2"), "the later call");
        assert_eq!(found(&overrides, "mail", "backoff(delay)").as_deref(), Some("4"));
        assert_eq!(found(&overrides, "mail", "order").as_deref(), Some("key"));
        assert_eq!(found(&overrides, "mail", "group"), None);
        assert_eq!(told(&overrides), Vec::<String>::new());
    }

    #[test]
    fn an_id_that_begins_as_another_does_is_told_from_it() {
        let variables = [("MAIL_ATTEMPTS", "1"), ("MAIL_URGENT_ATTEMPTS", "2"), ("MAIL_BACKOFF_DELAY", "3")];
        let overrides = Overrides::new(Vec::new(), environment(&variables), Vec::new());
        let of = |listener, key| found(&overrides, listener, key);
        assert_eq!(of("mail", "attempts").as_deref(), Some("1"));
        assert_eq!(of("mail-urgent", "attempts").as_deref(), Some("2"));
        assert_eq!((of("mail", "backoff(delay)").as_deref(), of("mail-backoff", "order")), (Some("3"), None));
        assert_eq!(told(&overrides), Vec::<String>::new());
    }

    #[test]
    fn a_variable_with_two_meanings_is_refused_with_both() {
        let overrides = Overrides::new(Vec::new(), environment(&[("MAIL_BLOCKING_ATTEMPTS", "1")]), Vec::new());
        found(&overrides, "mail", "blocking(attempts)");
        found(&overrides, "mail_blocking", "attempts");
        let expected = "the environment variable `KAFKA_LISTEN_MAIL_BLOCKING_ATTEMPTS` may mean `blocking.attempts` of the \
                        listener `mail` or `attempts` of the listener `mail_blocking`: write what is meant in the file, where it \
                        is clear";
        assert_eq!(told(&overrides), [expected]);
    }

    #[test]
    fn what_nobody_asked_for_is_told_with_what_was_meant() {
        let overrides = Overrides::new(
            vec![code("mial", "attempts", "1")],
            environment(&[("MAIL_ATEMPTS", "1"), ("SERVICE_HOST", "10.0.0.1"), ("MAIL_CLASSIFY", "x")]),
            vec![
                file("mail", "atempts", "1"),
                file("mail", "backoff", "1"),
                file("other", "attempts", "1"),
                file("mail", "classify", "x"),
            ],
        );
        for key in ["attempts", "backoff(delay)", "backoff(jitter)"] {
            found(&overrides, "mail", key);
        }
        let expected = [
            "`App::setting`: there is no listener `mial`; did you mean `mail`?",
            "kafka-listen.toml:7: the listener `mail` has no setting `atempts`; did you mean `attempts`?",
            "kafka-listen.toml:7: `backoff` of the listener `mail` has settings of its own: write `backoff.delay`, `backoff.jitter`",
            "kafka-listen.toml:7: there is no listener `other`; there are `mail`",
            "kafka-listen.toml:7: `classify` of the listener `mail` cannot be set here: it is a function",
            "the environment variable `KAFKA_LISTEN_MAIL_ATEMPTS` sets nothing; did you mean `KAFKA_LISTEN_MAIL_ATTEMPTS`?",
            "the environment variable `KAFKA_LISTEN_MAIL_CLASSIFY` cannot set `classify` of the listener `mail`: it is a function",
            "the environment variable `KAFKA_LISTEN_SERVICE_HOST` sets nothing: the listeners' variables are called \
             `KAFKA_LISTEN_MAIL_…`; Kubernetes makes such names for a service called `kafka-listen`: rename that, or set \
             `enableServiceLinks: false`",
        ];
        assert_eq!(told(&overrides), expected);
    }

    #[test]
    fn other_capitals_and_separators_and_a_key_without_its_part_are_told_with_what_to_write() {
        let variables = ["MAIL_attempts", "MAIL_BACKOFF", "MAIL_PROPERTIES", "MAIL"];
        let overrides = Overrides::new(
            Vec::new(),
            environment(&variables.map(|name| (name, "1"))),
            vec![
                file("mail", "ATTEMPTS", "1"),
                file("mail", "backoff.maxDelay", "1"),
                file("mail", "back-off", "1"),
                file("mail", "properties", "1"),
                file("Mail", "attempts", "1"),
            ],
        );
        for key in ["attempts", "backoff(delay)", "backoff(max_delay)"] {
            found(&overrides, "mail", key);
        }
        overrides.names_below("mail", "properties");
        let own = "of the listener `mail` has settings of its own: write";
        let expected = [
            "kafka-listen.toml:7: the listener `mail` has no setting `ATTEMPTS`; did you mean `attempts`?",
            "kafka-listen.toml:7: the listener `mail` has no setting `backoff.maxDelay`; did you mean `backoff.max_delay`?",
            "kafka-listen.toml:7: the listener `mail` has no setting `back-off`; there are `attempts`, `backoff.delay`, \
             `backoff.max_delay`",
            &format!("kafka-listen.toml:7: `properties` {own} `properties.NAME`"),
            "kafka-listen.toml:7: there is no listener `Mail`; did you mean `mail`?",
            "the environment variable `KAFKA_LISTEN_MAIL` sets nothing: the listeners' variables are called `KAFKA_LISTEN_MAIL_…`",
            &format!(
                "the environment variable `KAFKA_LISTEN_MAIL_BACKOFF` sets nothing: `backoff` {own} \
                 `KAFKA_LISTEN_MAIL_BACKOFF_DELAY`, `KAFKA_LISTEN_MAIL_BACKOFF_MAX_DELAY`"
            ),
            &format!(
                "the environment variable `KAFKA_LISTEN_MAIL_PROPERTIES` sets nothing: `properties` {own} \
                 `KAFKA_LISTEN_MAIL_PROPERTIES_NAME`"
            ),
            "the environment variable `KAFKA_LISTEN_MAIL_attempts` sets nothing; did you mean `KAFKA_LISTEN_MAIL_ATTEMPTS`?",
        ];
        assert_eq!(told(&overrides), expected);
    }
}
