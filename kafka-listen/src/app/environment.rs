//! The environment that an application reads.

use std::collections::BTreeMap;
use std::ffi::OsString;

use crate::problem::Problems;

/// The variables that are texts. One that is meant for this crate and is none is told, not taken for unset: it may be a password.
pub(super) fn texts(
    variables: impl Iterator<Item = (OsString, OsString)>,
    problems: &mut Problems,
) -> BTreeMap<String, String> {
    let text = |(name, value): (OsString, OsString)| {
        let name = name.into_string().ok()?;
        match value.into_string() {
            Ok(value) => return Some((name, value)),
            Err(_) if name.starts_with("KAFKA_") => problems.add(format!(
                "the environment variable `{name}` is not Unicode, and so no text: look at how it is set, or give its value to the \
                 application by `App::property`"
            )),
            Err(_) => {}
        }
        None
    };
    variables.filter_map(text).collect()
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::ffi::OsStringExt;

    use super::*;

    #[test]
    fn what_is_not_unicode_is_told_if_it_is_ours_and_is_never_shown() {
        let latin = || OsString::from_vec(b"gr\xfcn".to_vec());
        let variables = [
            ("KAFKA_SASL_PASSWORD".into(), latin()),
            ("LC_SOMETHING".into(), latin()),
            (latin(), "any".into()),
            ("STAGE".into(), "prod".into()),
        ];
        let mut problems = Problems::default();
        let texts = texts(variables.into_iter(), &mut problems);
        assert_eq!(texts, BTreeMap::from([("STAGE".to_owned(), "prod".to_owned())]));
        let expected = "the environment variable `KAFKA_SASL_PASSWORD` is not Unicode, and so no text: look at how it is set, or give \
                        its value to the application by `App::property`";
        assert_eq!(problems.iter().collect::<Vec<_>>(), [expected]);
    }
}
