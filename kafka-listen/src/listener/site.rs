//! Where a function is defined, as errors and the plan show it.

use std::fmt;
use std::panic::Location;

/// Where a function is defined.
#[derive(Clone, Copy, Debug)]
pub struct Site {
    /// The function's name.
    pub function: &'static str,
    /// The module it stands in.
    #[cfg_attr(not(test), expect(dead_code, reason = "tests tell their own listeners by it"))]
    pub module: &'static str,
    /// Its file and line.
    pub location: &'static Location<'static>,
}

impl Site {
    /// By which definitions are put in the order of the source.
    pub(crate) fn order(&self) -> (&'static str, u32, u32) {
        (self.location.file(), self.location.line(), self.location.column())
    }
}

/// As a start-up error shows it: `send_email (src/main.rs:12)`.
impl fmt::Display for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}:{})", self.function, self.location.file(), self.location.line())
    }
}
