//! The file `kafka-listen.toml`: what it says, each value with its line.

use std::collections::BTreeMap;
use std::path::Path;

use super::Written;
use super::overrides::Entry;
use crate::problem::Problems;

/// What a file says.
#[derive(Default)]
pub(crate) struct File {
    /// `group = "…"`.
    pub(crate) group: Option<Written>,
    /// `[properties]`.
    pub(crate) properties: BTreeMap<String, Written>,
    /// `[listener.…]`.
    pub(crate) listeners: Vec<Entry>,
}

/// Reads the file; it may be missing unless it is `wanted`.
pub(crate) fn read(path: &Path, wanted: bool, problems: &mut Problems) -> File {
    match std::fs::read_to_string(path) {
        Ok(text) => parse(&path.display().to_string(), &text, problems),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && !wanted => File::default(),
        Err(error) => {
            problems.add(format!("the file `{}` cannot be read: {error}", path.display()));
            File::default()
        }
    }
}

#[cfg(feature = "toml")]
use super::toml::parse;

#[cfg(not(feature = "toml"))]
fn parse(path: &str, _: &str, problems: &mut Problems) -> File {
    problems.add(format!(
        "there is a file `{path}`, and this program cannot read it: enable the feature `toml` of kafka-listen, or remove \
         the file"
    ));
    File::default()
}

#[cfg(all(test, not(feature = "toml")))]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_cannot_be_read_is_not_passed_over() {
        let mut problems = Problems::default();
        read(Path::new("Cargo.toml"), false, &mut problems);
        let expected = "there is a file `Cargo.toml`, and this program cannot read it: enable the feature `toml` of \
                        kafka-listen, or remove the file";
        assert_eq!(problems.iter().collect::<Vec<_>>(), [expected]);
    }
}
