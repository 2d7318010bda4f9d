//! Settings that are known only at start-up: placeholders, and numbers and times given as text.

mod placeholder;
mod value;

pub(crate) use placeholder::Variables;
pub(crate) use value::Parse;
