//! TOML in, a [`File`] out, or all that is wrong with it. Values are never shown: they may be secrets.

use std::ops::Range;
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use super::file::File;
use super::overrides::Entry;
use super::{Origin, Text, Written};
use crate::problem::{Problems, nearest};

/// What may stand at the top of the file.
const SECTIONS: &[&str] = &["group", "properties", "listener"];

/// Reads the text of the file at `path`.
pub(super) fn parse(path: &str, text: &str, problems: &mut Problems) -> File {
    let mut reader = Reader { path: path.into(), text, problems };
    let (table, errors) = DeTable::parse_recoverable(text);
    let mut wrong: Vec<_> = errors.iter().map(|error| (reader.place(error.span()), error.message())).collect();
    wrong.sort_unstable();
    for ((line, column), message) in wrong {
        reader.problems.add(format!("{path}:{line}:{column}: {message}"));
    }
    if errors.is_empty() { reader.file(table.get_ref()) } else { File::default() }
}

struct Reader<'a> {
    path: Arc<str>,
    text: &'a str,
    problems: &'a mut Problems,
}

impl Reader<'_> {
    fn file(&mut self, table: &DeTable<'_>) -> File {
        let mut file = File::default();
        for (name, value) in in_order(table) {
            match (&**name.get_ref(), value.get_ref()) {
                ("group", _) => file.group = self.written("group", value),
                ("properties", DeValue::Table(properties)) => {
                    for (name, written) in self.flat("", properties) {
                        file.properties.insert(name, written);
                    }
                }
                ("listener", DeValue::Table(listeners)) => {
                    for (id, settings) in in_order(listeners) {
                        file.listeners.extend(self.listener(id, settings));
                    }
                }
                ("properties", _) => self.problem(name, "`properties` is a table: write `[properties]`"),
                ("listener", _) => self.problem(name, "`listener` is a table: write `[listener.send_email]`"),
                (other, _) => {
                    let near = nearest(other, SECTIONS.iter().copied());
                    let near = near.map_or("there are `group`, `properties` and `listener`".to_owned(), |near| {
                        format!("did you mean `{near}`?")
                    });
                    self.problem(name, &format!("there is no `{other}` at the top of the file; {near}"));
                }
            }
        }
        file
    }

    fn listener(&mut self, id: &Spanned<DeString<'_>>, settings: &Spanned<DeValue<'_>>) -> Vec<Entry> {
        let (at, id) = (id, id.get_ref());
        let DeValue::Table(table) = settings.get_ref() else {
            self.problem(settings, &format!("`listener.{id}` is a table: write `[listener.{id}]`"));
            return Vec::new();
        };
        self.check_empty(at, &format!("listener.{id}"), table);
        let entry = |(key, written)| Entry { listener: id.to_string(), key, written };
        self.flat("", table).into_iter().map(entry).collect()
    }

    /// All values of a table, those of tables within under names with dots.
    fn flat(&mut self, prefix: &str, table: &DeTable<'_>) -> Vec<(String, Written)> {
        let mut all = Vec::new();
        for (at, value) in in_order(table) {
            let name = format!("{prefix}{}", at.get_ref());
            match value.get_ref() {
                DeValue::Table(inner) => {
                    self.check_empty(at, &name, inner);
                    all.extend(self.flat(&format!("{name}."), inner));
                }
                _ => all.extend(self.written(&name, value).map(|written| (name, written))),
            }
        }
        all
    }

    /// A table that sets nothing has no name that anybody could find unknown.
    fn check_empty(&mut self, at: &Spanned<DeString<'_>>, name: &str, table: &DeTable<'_>) {
        if table.is_empty() {
            self.problem(at, &format!("`{name}` is an empty table: set something in it, or leave it out"));
        }
    }

    fn written(&mut self, name: &str, value: &Spanned<DeValue<'_>>) -> Option<Written> {
        let text = match value.get_ref() {
            DeValue::Array(items) => {
                items.iter().map(|item| scalar(item.get_ref())).collect::<Option<_>>().map(Text::List)
            }
            value => scalar(value).map(Text::One),
        };
        if text.is_none() {
            self.problem(
                value,
                &format!("`{name}` cannot be {}: write a text, a number, `true` or `false`", a(value.get_ref())),
            );
        }
        Some(Written {
            text: text?,
            origin: Origin::File { path: self.path.clone(), line: self.place(Some(value.span())).0 },
        })
    }

    fn problem<T>(&mut self, at: &Spanned<T>, what: &str) {
        let line = self.place(Some(at.span())).0;
        self.problems.add(format!("{}:{line}: {what}", self.path));
    }

    /// Line and column, from 1.
    fn place(&self, span: Option<Range<usize>>) -> (usize, usize) {
        let start = span.map_or(0, |span| span.start);
        let before = self.text.get(..start).unwrap_or(self.text);
        let line = before.rsplit('\n').next().unwrap_or_default();
        (before.matches('\n').count() + 1, line.chars().count() + 1)
    }
}

/// As the lines of the file stand.
fn in_order<'t, 'i>(table: &'t DeTable<'i>) -> Vec<(&'t Spanned<DeString<'i>>, &'t Spanned<DeValue<'i>>)> {
    let mut entries: Vec<_> = table.iter().collect();
    entries.sort_by_key(|(name, _)| name.span().start);
    entries
}

/// A single value as a text.
fn scalar(value: &DeValue<'_>) -> Option<String> {
    match value {
        DeValue::String(text) => Some(text.to_string()),
        DeValue::Integer(number) => {
            i64::from_str_radix(number.as_str(), number.radix()).ok().map(|number| number.to_string())
        }
        DeValue::Float(number) => Some(number.as_str().to_owned()),
        DeValue::Boolean(flag) => Some(flag.to_string()),
        DeValue::Datetime(_) | DeValue::Array(_) | DeValue::Table(_) => None,
    }
}

fn a(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list of such values",
        DeValue::Table(_) => "a table",
        _ => "this",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (File, Vec<String>) {
        let mut problems = Problems::default();
        let file = parse("kafka-listen.toml", text, &mut problems);
        (file, problems.iter().map(str::to_owned).collect())
    }

    #[test]
    fn values_of_every_kind_have_their_lines() {
        let text = r#"
            group = "email"
            [properties]
            bootstrap.servers = "a:1,b:2"
            "linger.ms" = 5
            [listener.send_email]
            attempts = 3
            backoff = { delay = "2s", jitter = 0.5 }
            topics = ["a", "b"]
            [listener."send-sms".backoff]
            delay = 0x10
        "#;
        let (file, problems) = read(text);
        assert_eq!(problems, Vec::<String>::new());
        assert_eq!(file.group.unwrap().list(), ["email"]);
        let properties: Vec<_> = file.properties.iter().map(|(name, it)| (&**name, it.list().join("+"))).collect();
        assert_eq!(properties, [("bootstrap.servers", "a:1+b:2".to_owned()), ("linger.ms", "5".to_owned())]);
        let listeners = file.listeners.iter().map(|it| {
            (format!("{} {}", it.listener, it.key), it.written.list().join("+"), it.written.origin.to_string())
        });
        let mut listeners: Vec<_> = listeners.collect();
        listeners.sort();
        let expected = [
            ("send-sms backoff.delay", "16", 11),
            ("send_email attempts", "3", 7),
            ("send_email backoff.delay", "2s", 8),
            ("send_email backoff.jitter", "0.5", 8),
            ("send_email topics", "a+b", 9),
        ];
        assert_eq!(
            listeners,
            expected.map(|(key, text, line)| (key.to_owned(), text.to_owned(), format!("kafka-listen.toml:{line}")))
        );
    }

    #[test]
    fn what_is_no_toml_is_told_with_line_and_column_and_without_values() {
        let (_, problems) = read("group = \"email\"\n[properties]\nsasl.password = \"hunter2\nx = 1\n[listener");
        assert!(problems.len() >= 2, "{problems:?}");
        assert!(problems[0].starts_with("kafka-listen.toml:3:"), "{problems:?}");
        assert!(!problems.join("").contains("hunter2"), "{problems:?}");
    }

    #[test]
    fn a_table_that_sets_nothing_is_told_since_nobody_else_would_find_its_name_unknown() {
        let text = "[properties]\nclient.id = {}\n[listener.typo]\n[listener.a]\nbackoff = {}\n[listener.a.properties]";
        let expected =
            [(2, "client.id"), (3, "listener.typo"), (5, "backoff"), (6, "properties")].map(|(line, name)| {
                format!("kafka-listen.toml:{line}: `{name}` is an empty table: set something in it, or leave it out")
            });
        assert_eq!(read(text).1, expected);
        assert_eq!(read("[properties]\n[listener]").1, Vec::<String>::new(), "what is to be filled in may stand there");
    }

    #[test]
    fn what_has_no_meaning_is_told_all_together() {
        let (_, problems) = read(
            "groop = 1\nlistener = 2\n[properties]\na = 1979-05-27\nb = [[1]]\n[listeners.x]\ny = 1\nz = 99999999999999999999",
        );
        let expected = [
            "kafka-listen.toml:1: there is no `groop` at the top of the file; did you mean `group`?",
            "kafka-listen.toml:2: `listener` is a table: write `[listener.send_email]`",
            "kafka-listen.toml:4: `a` cannot be a date: write a text, a number, `true` or `false`",
            "kafka-listen.toml:5: `b` cannot be a list of such values: write a text, a number, `true` or `false`",
            "kafka-listen.toml:6: there is no `listeners` at the top of the file; did you mean `listener`?",
        ];
        assert_eq!(problems, expected);
    }
}
