//! Values that are written as text, in a placeholder or its default.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

/// A text that is no such value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ParseError {
    text: String,
    wanted: Cow<'static, str>,
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\" is no {}", self.text, self.wanted)
    }
}

impl std::error::Error for ParseError {}

/// A value that may be written as text.
pub(crate) trait Parse: Sized {
    /// What it is, for errors.
    const WANTED: &'static str;

    fn parse(text: &str) -> Option<Self>;

    fn parse_text(text: &str) -> Result<Self, ParseError> {
        Self::parse(text.trim()).ok_or_else(|| ParseError { text: text.to_owned(), wanted: Self::WANTED.into() })
    }
}

/// A whole number of which `most` is the largest that makes sense. Whether it does is judged by who knows why.
pub(crate) fn whole_number(text: &str, most: u32) -> Result<u32, ParseError> {
    let wanted = || format!("whole number from 1 to {most}").into();
    text.trim().parse().map_err(|_| ParseError { text: text.to_owned(), wanted: wanted() })
}

impl Parse for f64 {
    const WANTED: &'static str = "number";

    fn parse(text: &str) -> Option<Self> {
        text.parse().ok().filter(|number: &f64| number.is_finite())
    }
}

impl Parse for bool {
    const WANTED: &'static str = "flag: write `true` or `false`";

    fn parse(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}

/// Milliseconds.
impl Parse for u64 {
    const WANTED: &'static str = "time: write whole milliseconds, or a text such as `500ms`, `1s`, `10m`";

    fn parse(text: &str) -> Option<Self> {
        let is_whole = |time: &Duration| time.subsec_nanos().is_multiple_of(1_000_000);
        let spoken = || Self::try_from(humantime::parse_duration(text).ok().filter(is_whole)?.as_millis()).ok();
        text.parse().ok().or_else(spoken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_milliseconds_or_spoken() {
        let parse = |text| u64::parse_text(text).ok();
        assert_eq!(["1500", " 500ms ", "1s", "10m"].map(parse), [Some(1500), Some(500), Some(1000), Some(600_000)]);
        assert_eq!(["", "1.5", "soon", "-1"].map(parse), [None; 4]);
        assert_eq!(["1500us", "1s 5ns"].map(parse), [None; 2], "it could not be kept");
    }

    #[test]
    fn numbers_are_numbers() {
        assert_eq!(whole_number(" 5 ", 7), Ok(5));
        assert_eq!([whole_number("0", 7), whole_number("8", 7)], [Ok(0), Ok(8)], "who asks says why that cannot be");
        for wrong in ["-5", "five", "5.0", "4294967296"] {
            let error = whole_number(wrong, 7).unwrap_err().to_string();
            assert_eq!(error, format!("\"{wrong}\" is no whole number from 1 to 7"));
        }
        assert!(f64::parse_text("inf").is_err());
    }
}
