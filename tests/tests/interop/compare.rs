//! What differs between two header blocks, there and here, and the rows of the page `docs/interop.md` that tell it.

use std::collections::{BTreeMap, BTreeSet};

use super::support::Read;

pub fn number(bytes: &[u8]) -> i64 {
    bytes.iter().fold(0, |number, byte| number << 8 | i64::from(*byte))
}

pub const DUE: &str = "retry_topic-backoff-timestamp";
/// How the names of headers end that hold a number.
const NUMBERS: [&str; 4] = ["-timestamp", "-attempts", "-partition", "-offset"];
/// In texts they are `t`.
const TOPICS: [&str; 10] = [
    "compared.spring",
    "compared.ours",
    "in-place.spring",
    "in-place.ours",
    "routed.spring",
    "routed.ours",
    "consumer.spring",
    "consumer.ours",
    "parameter.spring",
    "parameter.ours",
];

/// Of a header its texts, there and here.
type Differences = BTreeMap<String, [Vec<String>; 2]>;

/// What differs in a block: of a header its texts, there and here; the order of what is the same.
pub fn differences(theirs: &Read, ours: &Read) -> Differences {
    let [theirs, ours] = [texts(theirs), texts(ours)];
    let names: BTreeSet<_> = theirs.iter().chain(&ours).map(|(name, _)| name.clone()).collect();
    let values = |of: &[(String, String)], name| -> Vec<_> {
        of.iter().filter(|(it, _)| *it == name).map(|(_, value)| quoted(value)).collect()
    };
    let mut all: Differences = names
        .into_iter()
        .map(|name| (format!("`{name}`"), [values(&theirs, name.clone()), values(&ours, name)]))
        .collect();
    all.insert("order".to_owned(), [order(&theirs), order(&ours)]);
    all.retain(|_, [theirs, ours]| theirs != ours);
    all
}

/// As the page has it.
fn quoted(text: &str) -> String {
    if text.contains('`') { format!("`` {text} ``") } else { format!("`{text}`") }
}

/// Names and values as one reads them, and without what tells the sides apart.
fn texts(letter: &Read) -> Vec<(String, String)> {
    let text = |value: &[u8]| {
        let text = String::from_utf8(value.to_vec()).unwrap();
        let text = TOPICS.iter().fold(text, |text, topic| text.replace(topic, "t"));
        let (first, more) = text.split_once('\n').map_or((text.as_str(), ""), |(first, _)| (first.trim_end(), " …"));
        format!("{first}{more}")
    };
    let headers = letter.headers.iter().map(|(name, value)| {
        let name = String::from_utf8(name.clone()).unwrap();
        let value = match (name.as_str(), value) {
            (_, None) => "null".to_owned(),
            // Looked at by `are_due`.
            (DUE, Some(_)) => "a time".to_owned(),
            (name, Some(value)) if NUMBERS.iter().any(|it| name.ends_with(it)) => {
                format!("{} in {} bytes", number(value), value.len())
            }
            (_, Some(value)) => text(value),
        };
        (name, value)
    });
    headers.collect()
}

/// The kinds of headers, each where its last ones stand.
fn order(headers: &[(String, String)]) -> Vec<String> {
    let kinds = headers.iter().map(|(name, _)| match name.as_str() {
        name if name.contains("exception") => "the error",
        name if name.starts_with("retry_topic") => "the retry",
        name if name.starts_with("kafka_") => "the origin",
        name if name.starts_with("__") => "the types",
        _ => "the user's",
    });
    let mut order = Vec::new();
    for kind in kinds {
        order.retain(|it| it != kind);
        order.push(kind.to_owned());
    }
    order
}

pub type Rows = BTreeSet<[String; 4]>;

/// Each difference once, with the hops at which it is.
pub fn rows_of_hops(hops: &[Differences]) -> Rows {
    let [first, later @ ..] = hops else { unreachable!("there are five") };
    let mut all = rows(first.clone(), "each");
    for (index, hop) in later.iter().enumerate() {
        let mut hop = hop.clone();
        hop.retain(|name, values| first.get(name) != Some(values));
        for (name, [theirs, ours]) in &mut hop {
            // Spring's last one is ours.
            if name.starts_with('`') && theirs.len() == index + 2 && theirs.last() == ours.last() {
                (*theirs, *ours) = (vec!["once for each hop".to_owned()], vec!["once".to_owned()]);
            }
        }
        all.extend(rows(hop, "from the second on"));
    }
    all
}

pub fn rows(differences: Differences, hops: &str) -> Rows {
    let text = |values: Vec<String>| if values.is_empty() { "–".to_owned() } else { values.join(", ") };
    differences.into_iter().map(|(name, [theirs, ours])| [name, hops.to_owned(), text(theirs), text(ours)]).collect()
}

/// Each difference once, with the cases in which it is.
pub fn rows_of_cases(cases: &[(&str, Differences)]) -> Rows {
    let mut all = BTreeMap::<_, Vec<&str>>::new();
    for (case, differences) in cases {
        for [name, _, theirs, ours] in rows(differences.clone(), case) {
            all.entry((name, theirs, ours)).or_default().push(case);
        }
    }
    let text = |of: Vec<&str>| if of.len() == cases.len() { "each".to_owned() } else { of.join("; ") };
    all.into_iter().map(|((name, theirs, ours), of)| [name, text(of), theirs, ours]).collect()
}

/// The first four columns of the table below this heading.
pub fn rows_of_page(heading: &str) -> Rows {
    let page = include_str!("../../../docs/interop.md");
    let section = page.split(&format!("{heading}\n")).nth(1).unwrap().split("\n#").next().unwrap();
    let rows = section.lines().filter(|line| line.starts_with('|')).skip(2);
    rows.map(|row| {
        let mut columns = row.trim_matches('|').split('|').map(|column| column.trim().to_owned());
        std::array::from_fn(|_| columns.next().unwrap())
    })
    .collect()
}
