//! The house rules that a compiler does not know: lower layers never import higher ones, the pure ones read no clock, one
//! folder speaks to librdkafka, and every file says what it is for.

use std::fs;
use std::path::{Path, PathBuf};

/// From the bottom to the top. A module may use those before it.
const LAYERS: [&str; 17] = [
    "sabotage", "clock", "record", "problem", "outcome", "config", "observe", "retry", "broker", "producer", "extract",
    "engine", "listener", "topics", "runtime", "app", "testing",
];

/// Modules without I/O, clock, threads or chance.
const PURE: [&str; 2] = ["retry", "engine"];

struct Source {
    path: PathBuf,
    layer: String,
    text: String,
}

impl Source {
    /// The lines that are code, with their numbers; tests may use what they like.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let code = self.text.lines().take_while(|line| !line.starts_with("#[cfg(test)]"));
        code.enumerate().map(|(index, line)| (index + 1, line)).filter(|(_, line)| !line.trim_start().starts_with("//"))
    }

    fn at(&self, line: usize) -> String {
        format!("{}:{line}", self.path.display())
    }
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("kafka-listen/src");
    let mut found = Vec::new();
    collect(&root, &root, &mut found);
    assert!(found.len() > 60, "only {} files: is this the right folder?", found.len());
    found
}

fn collect(root: &Path, folder: &Path, found: &mut Vec<Source>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(root, &path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let inner = path.strip_prefix(root).unwrap().to_owned();
            let first = inner.iter().next().unwrap().to_str().unwrap();
            let layer = first.trim_end_matches(".rs").to_owned();
            let text = fs::read_to_string(&path).unwrap();
            found.push(Source { path: inner, layer, text });
        }
    }
}

fn is_test(source: &Source) -> bool {
    source.path.iter().any(|part| part.to_str().is_some_and(|part| part.contains("test")) && part != "testing")
}

fn assert_none(what: &str, found: &[String]) {
    assert!(found.is_empty(), "{what}:\n  {}", found.join("\n  "));
}

/// The modules that a line of code names behind `crate::`.
fn imports(line: &str) -> Vec<&str> {
    let names = line.match_indices("crate::").map(|(at, found)| &line[at + found.len()..]);
    let names = names.map(|rest| rest.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default());
    names.filter(|name| LAYERS.contains(name)).collect()
}

#[test]
fn no_layer_imports_a_higher_one() {
    let height = |layer: &str| LAYERS.iter().position(|it| *it == layer);
    let mut upward = Vec::new();
    for source in sources().iter().filter(|it| !is_test(it)) {
        let Some(own) = height(&source.layer) else {
            assert!(
                ["lib", "private", "internals", "docs"].contains(&&*source.layer),
                "`{}` has no place among the layers",
                source.layer
            );
            continue;
        };
        for (number, line) in source.code() {
            for name in imports(line).into_iter().filter(|name| height(name) > Some(own)) {
                upward.push(format!("{} imports {name}", source.at(number)));
            }
        }
    }
    assert_none("steps upward", &upward);
}

#[test]
fn the_check_sees_an_upward_import() {
    assert_eq!(imports("use crate::app::App;"), ["app"]);
    assert_eq!(imports("    let x = crate::engine::Order::Key;"), ["engine"]);
    assert_eq!(imports("use crate::{Attempt};"), Vec::<&str>::new());
}

#[test]
fn the_pure_layers_are_pure() {
    let impure =
        ["Instant", "SystemTime", "std::thread", "tokio", "rand", "async ", ".await", "rdkafka", "std::fs", "std::env"];
    let mut found = Vec::new();
    for source in sources().iter().filter(|it| PURE.contains(&&*it.layer) && !is_test(it)) {
        for (number, line) in source.code() {
            found.extend(
                impure.iter().filter(|it| line.contains(**it)).map(|it| format!("{}: {it}", source.at(number))),
            );
        }
    }
    assert_none("not pure", &found);
}

#[test]
fn one_folder_names_rdkafka() {
    let mut found = Vec::new();
    for source in sources().iter().filter(|it| !it.path.starts_with("broker/kafka")) {
        let named = source.code().filter(|(_, line)| line.contains("rdkafka::") || line.contains("rdkafka_sys"));
        found.extend(named.map(|(number, _)| source.at(number)));
    }
    assert_none("names rdkafka", &found);
}

#[test]
fn clocks_are_read_in_one_file() {
    let mut found = Vec::new();
    for source in sources().iter().filter(|it| it.layer != "clock" && !is_test(it)) {
        let read = source.code().filter(|(_, line)| line.contains("SystemTime::now"));
        found.extend(read.map(|(number, _)| source.at(number)));
    }
    assert_none("reads the clock", &found);
}

#[test]
fn every_file_says_what_it_is_for_and_stays_readable() {
    let mut found = Vec::new();
    for source in sources() {
        let lines = source.text.lines().count();
        let longest = match source.path.file_name().and_then(|name| name.to_str()) {
            Some("lib.rs") => 120,
            Some("mod.rs") if !is_test(&source) => 80,
            _ => 500,
        };
        if !source.text.starts_with("//!") {
            found.push(format!("{} begins without `//!`", source.path.display()));
        }
        if lines > longest {
            found.push(format!("{} has {lines} lines, more than {longest}", source.path.display()));
        }
    }
    assert_none("hard to read", &found);
}
