//! The pages of the repository say what is true: tests and files that they name are there, the keys of the attribute are
//! all described, and the expansion that is shown is the one that is made.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

const PAGES: &[&str] = &[
    "README.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "docs/README.md",
    "docs/architecture.md",
    "docs/benchmarks.md",
    "docs/coming-from-rdkafka.md",
    "docs/coming-from-spring.md",
    "docs/configuration.md",
    "docs/expansion.md",
    "docs/guarantees.md",
    "docs/interop.md",
    "docs/operations.md",
    "docs/simulation.md",
    "docs/wire-format.md",
    "kafka-listen/src/docs/attribute.md",
    "kafka-listen/src/docs/batches.md",
    "kafka-listen/src/docs/dlt_handler.md",
    "kafka-listen/src/docs/extractors.md",
    "kafka-listen/src/docs/kafka_listener.md",
    "kafka-listen/src/docs/returns.md",
    "kafka-listen/src/docs/settings.md",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn read(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The text of every Rust file in these folders.
fn sources(folders: &[&str]) -> String {
    fn collect(folder: &Path, text: &mut String) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                collect(&path, text);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                text.push_str(&fs::read_to_string(path).unwrap());
            }
        }
    }
    let mut text = String::new();
    folders.iter().for_each(|folder| collect(&root().join(folder), &mut text));
    text
}

/// What stands between backticks.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.lines().flat_map(|line| line.split('`').skip(1).step_by(2))
}

/// What a table's first column quotes.
fn first_column(table: &str) -> impl Iterator<Item = &str> {
    let rows = table.lines().filter(|line| line.starts_with('|'));
    rows.filter_map(|row| row.split('|').nth(1)).flat_map(quoted)
}

/// The folders in which the tests of each letter are.
const PROOFS: [(&str, &[&str]); 8] = [
    ("I", &["tests/tests/interop"]),
    ("K", &["tests/tests/kafka", "tests/tests/kafka_port", "tests/tests/faults", "tests/tests/tls"]),
    ("V", &["tests/tests/listening"]),
    ("B", &["tests/tests/contract"]),
    ("E", &["kafka-listen/src/engine"]),
    ("P", &["kafka-listen/src/retry"]),
    ("U", &["kafka-listen/src"]),
    ("M", &["kafka-listen-macros/src/tests"]),
];

#[test]
fn every_promise_names_tests_that_are_there() {
    let page = read("docs/guarantees.md");
    let items: Vec<_> = page.lines().filter_map(|line| line.strip_prefix("  - ")?.split_once(' ')).collect();
    assert!(items.len() > 80, "only {} tests are named", items.len());
    assert_are_there(items);
    let bare: Vec<_> = promises(&page).filter(|promise| !promise.contains("\n  - ")).collect();
    assert!(bare.is_empty(), "without a test: {bare:#?}");
}

/// Fails if one of these tests, each with the letter of its folders, is not there.
fn assert_are_there<'a>(tests: impl IntoIterator<Item = (&'a str, &'a str)>) {
    let there: Vec<_> = PROOFS.iter().map(|(letter, folders)| (*letter, tests_in(&sources(folders)))).collect();
    let is_there = |(letter, test): &(&str, &str)| {
        there.iter().any(|(of, tests)| of == letter && tests.contains(test.trim_matches('`')))
    };
    let missing: Vec<_> = tests.into_iter().filter(|test| !is_there(test)).collect();
    assert!(missing.is_empty(), "no such tests there: {missing:#?}");
}

/// The names of all tests: functions that are annotated as such, and the checks of the contract. A function that merely helps
/// proves nothing.
fn tests_in(source: &str) -> BTreeSet<String> {
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    let (mut tests, mut is_test) = (BTreeSet::new(), false);
    for line in source.lines().map(str::trim_start) {
        if let Some((_, function)) = line.split_once("fn ").filter(|_| is_test) {
            tests.extend(function.split(|c| !is_name(c)).next().map(str::to_owned));
        }
        let goes_on = line.starts_with("#[") || line.starts_with("//");
        is_test = line == "#[test]" || line.starts_with("#[tokio::test") || is_test && goes_on;
    }
    let checks = source.split("on_both_brokers!").skip(1).filter_map(|list| list.split([')', '}']).next());
    tests.extend(checks.flat_map(|list| list.split(|c| !is_name(c))).map(str::to_owned));
    tests
}

#[test]
fn a_test_is_an_annotated_function_or_a_check_of_the_contract() {
    let source = "fn helps() {}\n#[test]\n// Why.\n#[ignore]\nfn one() {}\nfn helps_too() {}\n    #[tokio::test(flavor = \"x\")]\n    \
                  async fn two() {}\non_both_brokers! { three, four }\nfn three(rig: &Rig) {}";
    let found: Vec<_> = tests_in(source).into_iter().filter(|name| !name.is_empty()).collect();
    assert_eq!(found, ["four", "one", "three", "two"]);
}

#[test]
fn what_others_do_and_this_does_otherwise_is_shown_by_a_test_or_has_its_reason() {
    let pages = ["docs/coming-from-rdkafka.md", "docs/coming-from-spring.md"].map(read);
    let is_shown = |head: &[&str]| head.last() == Some(&"shown by");
    let bare: Vec<_> = tables(&pages[1]).filter(|(head, _)| !is_shown(head)).collect();
    assert!(bare.is_empty(), "tables without tests: {bare:#?}");
    let shown: Vec<_> = pages.iter().flat_map(|page| tables(page)).filter(|(head, _)| is_shown(head)).collect();
    let rows: Vec<_> = shown.iter().flat_map(|(head, rows)| rows.iter().map(move |row| (head, row))).collect();
    assert!(rows.len() > 100, "only {} rows", rows.len());
    rows.iter().for_each(|(head, row)| assert_is_whole(head, row));
    let tests =
        rows.iter().filter_map(|(_, row)| row.last()).flat_map(|cell| cell.split(", ")).filter(|it| !it.is_empty());
    assert_are_there(tests.map(|test| test.split_once(' ').unwrap_or((test, ""))));
}

/// Fails if a cell is empty, but for the reason where there is a test, and the test where there is a reason.
fn assert_is_whole(head: &[&str], row: &[&str]) {
    assert_eq!(row.len(), head.len(), "it has other columns than its head: {row:?}");
    let is_reason = |name: &str| name == "what differs, or why not";
    let empty: Vec<_> = head.iter().zip(row).filter(|(_, cell)| cell.is_empty()).map(|(name, _)| *name).collect();
    let may_be_empty = match empty[..] {
        [] => true,
        [one] => is_reason(one) || one == "shown by" && head.iter().any(|name| is_reason(name)),
        _ => false,
    };
    assert!(may_be_empty, "nothing under {empty:?}: {row:?}");
}

/// The tables of a page, each as its head and its rows.
fn tables(page: &str) -> impl Iterator<Item = (Vec<&str>, Vec<Vec<&str>>)> {
    let blocks = page.split("\n\n").map(str::trim).filter(|block| block.starts_with('|'));
    blocks.map(|table| (cells(table.lines().next().unwrap()), table.lines().skip(2).map(cells).collect()))
}

/// What stands in a row of a table.
fn cells(row: &str) -> Vec<&str> {
    row.trim_matches('|').split('|').map(str::trim).collect()
}

#[test]
fn every_property_that_is_refused_is_told_to_users_of_the_client() {
    let source = read("kafka-listen/src/broker/kafka/refused.rs");
    let table = source.split("const REFUSED").nth(1).unwrap().split("\n];").next().unwrap();
    let refused: BTreeSet<_> = table.split("refused(").skip(1).filter_map(|rest| rest.split('"').nth(1)).collect();
    assert!(refused.len() > 10, "{refused:?}");
    let page = read("docs/coming-from-rdkafka.md");
    let told: BTreeSet<_> =
        first_column(page.split("## Properties").nth(1).unwrap().split("\n## ").next().unwrap()).collect();
    assert_eq!(told, refused);
}

/// The items of the page's first two lists, each with what is below it.
fn promises(page: &str) -> impl Iterator<Item = &str> {
    let lists = page.split("## Not promised").next().unwrap_or_default();
    lists.split("\n- ").skip(1)
}

#[test]
fn every_start_up_error_is_one_that_is_told() {
    let sources: String =
        sources(&["kafka-listen/src"]).replace("\\\n", "").split_whitespace().collect::<Vec<_>>().join(" ");
    let page = read("docs/operations.md");
    let table = page.split("# Start-up errors").nth(1).unwrap().split("\n#").next().unwrap();
    let parts = first_column(table).flat_map(|message| message.split('…')).map(str::trim);
    let missing: Vec<_> = parts.filter(|part| !sources.contains(part)).collect();
    assert!(missing.is_empty(), "nobody says: {missing:#?}");
}

#[test]
fn links_between_pages_and_files_lead_somewhere() {
    let mut broken = Vec::new();
    for page in PAGES {
        let text = read(page);
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let (path, heading) = link.split_once('#').unwrap_or((link, ""));
            // Addresses, and links of rustdoc's, which the compiler checks.
            let is_name = page.starts_with("kafka-listen/") && !path.contains('.');
            if path.contains("://") || path.contains("::") || is_name {
                continue;
            }
            let target =
                if path.is_empty() { root().join(page) } else { root().join(page).parent().unwrap().join(path) };
            if !target.exists()
                || !heading.is_empty() && !headings(&fs::read_to_string(target).unwrap()).contains(heading)
            {
                broken.push(format!("{page}: {link}"));
            }
        }
    }
    assert!(broken.is_empty(), "links to nowhere: {broken:#?}");
}

/// The headings of a page, as links call them.
fn headings(page: &str) -> BTreeSet<String> {
    let lines = page.lines().filter(|line| line.starts_with('#')).map(|line| line.trim_start_matches('#').trim());
    let slug = |c: char| match c {
        ' ' => Some('-'),
        c if c.is_alphanumeric() || "-_".contains(c) => Some(c.to_ascii_lowercase()),
        _ => None,
    };
    lines.map(|heading| heading.chars().filter_map(slug).collect()).collect()
}

/// The keys of the attribute as they are written, those in parentheses included.
fn keys(table: &str) -> BTreeSet<&str> {
    let keys = table.split("key(").skip(1);
    // A definition and not a call: `key(name: …)`.
    keys.filter_map(|rest| rest.trim_start().strip_prefix('"')?.split('"').next()).collect()
}

#[test]
fn every_key_is_in_the_table_that_an_editor_shows() {
    let page = read("kafka-listen/src/docs/kafka_listener.md");
    let table = page.split("# Keys").nth(1).unwrap().split("\n#").next().unwrap();
    let words: BTreeSet<_> =
        quoted(table).flat_map(|it| it.split(|c: char| !c.is_alphanumeric() && c != '_')).collect();
    let source = read("kafka-listen-macros/src/keys.rs");
    let missing: Vec<_> = keys(&source).into_iter().filter(|key| !words.contains(key)).collect();
    assert!(missing.is_empty(), "not in the table: {missing:?}");
}

#[test]
fn every_key_of_the_attribute_is_described_and_no_other() {
    let table = read("kafka-listen-macros/src/keys.rs");
    // One that another level has, too, is called by what it sets.
    let inner = table.split(".sets(\"").skip(1).filter_map(|rest| rest.split('"').next());
    let keys: BTreeSet<String> = keys(&table).into_iter().chain(inner).map(str::to_owned).collect();
    assert!(keys.len() >= 20, "{keys:?}");

    let page = read("kafka-listen/src/docs/attribute.md");
    let described = first_column(page.split("# What is refused").next().unwrap());
    let described = described.filter(|word| word.chars().all(|c| c.is_ascii_lowercase() || "_()".contains(c)));
    let described = described.map(|key| {
        key.replace("backoff(", "")
            .replace("batch(", "")
            .replace("blocking(", "blocking_")
            .trim_end_matches(')')
            .to_owned()
    });
    let mut described: BTreeSet<String> = described.collect();
    // These are described by what is in them, `crate` in a paragraph of its own.
    described.extend(["backoff", "batch", "batch_max", "batch_wait", "blocking", "crate"].map(str::to_owned));
    assert_eq!(described, keys);
}

#[test]
fn every_event_is_in_the_operators_table() {
    let source = read("kafka-listen/src/observe/event.rs");
    let variants = source.split("pub enum Event {").nth(1).unwrap().lines();
    let variants = variants.filter_map(|line| line.strip_prefix("    ")?.strip_suffix(" {"));
    let variants: BTreeSet<_> = variants.filter(|name| name.chars().all(char::is_alphanumeric)).collect();
    assert!(variants.len() > 10, "{variants:?}");
    let page = read("docs/operations.md");
    let table = page.split("# What is logged").nth(1).unwrap().split("\n#").next().unwrap();
    let told: BTreeSet<_> = first_column(table).filter(|word| *word != "Event").collect();
    assert_eq!(told, variants);
}

#[test]
fn the_expansion_that_is_shown_is_the_one_that_is_made() {
    let snapshot = "kafka_listen_macros__tests__expansions__the_email_listener_in_forty_lines.snap";
    let snapshot = read(Path::new("kafka-listen-macros/src/tests/snapshots").join(snapshot));
    let made = snapshot.splitn(3, "---\n").nth(2).unwrap();
    let page = read("docs/expansion.md");
    let shown = page.split("```rust,ignore\n").nth(1).unwrap().split("```").next().unwrap();
    assert_eq!(shown.trim(), made.trim());
}
