//! What a user of the attributes sees: the errors of wrong code, word for word, and right code that compiles without a
//! warning.
//!
//! Each file under `ui/<cause>/` is one mistake, named by it; `.stderr` beside it is rustc's output, of Rust 1.95;
//! another release may word its part differently. After a change, `TRYBUILD=overwrite cargo test -p kafka-listen-tests --test ui` writes them
//! anew, to be read before they are committed. The files under `ui/pass/` are modules of this test.

#[path = "ui/pass/mod.rs"]
mod pass;

use std::fs;
use std::path::PathBuf;

#[test]
fn wrong_code_is_told_what_to_write() {
    let cases = trybuild::TestCases::new();
    for cause in causes() {
        cases.compile_fail(cause.join("*.rs"));
    }
}

/// A mistake that prints several errors hides what is wrong.
#[test]
fn nearly_every_mistake_is_one_short_error() {
    let outputs: Vec<String> = outputs().map(|output| fs::read_to_string(output).expect("a readable file")).collect();
    let errors = |output: &String| output.lines().filter(|line| line.starts_with("error")).count();
    let single = outputs.iter().filter(|output| errors(output) == 1).count();
    assert!(outputs.len() >= 60, "{} cases", outputs.len());
    assert!(single * 100 >= outputs.len() * 90, "{single} of {} cases print one error", outputs.len());

    let mut lengths: Vec<usize> = outputs.iter().map(|output| output.lines().count()).collect();
    lengths.sort_unstable();
    assert!(lengths[lengths.len() / 2] <= 8, "half of the cases print more than {} lines", lengths[lengths.len() / 2]);
}

fn causes() -> impl Iterator<Item = PathBuf> {
    let ui = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/ui");
    let folders = fs::read_dir(ui).expect("the cases").map(|entry| entry.expect("a readable folder").path());
    folders.filter(|folder| folder.is_dir() && !folder.ends_with("pass"))
}

fn outputs() -> impl Iterator<Item = PathBuf> {
    let files = causes().flat_map(|cause| fs::read_dir(cause).expect("a readable folder"));
    files
        .map(|file| file.expect("a readable file").path())
        .filter(|file| file.extension().is_some_and(|e| e == "stderr"))
}
