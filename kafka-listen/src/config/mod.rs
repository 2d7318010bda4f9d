//! Settings that are known only at start-up: where they come from, in which order, and texts that stand for values.
//!
//! - [`origin`]: where a value was written
//! - [`file`]: what `kafka-listen.toml` says
//! - [`overrides`]: what says something else than a listener's attribute
//! - [`asked`]: which settings there are, and what was meant by others
//! - [`placeholder`]: texts with `${NAME:default}`
//! - [`value`]: numbers, times and flags as texts
//!
//! What was read goes out; nothing here knows which settings or properties there are.

mod asked;
mod file;
mod origin;
mod overrides;
mod placeholder;
#[cfg(feature = "toml")]
mod toml;
mod value;

pub(crate) use asked::PREFIX;
pub(crate) use file::{File, read};
pub(crate) use origin::{Origin, Text, Written};
pub(crate) use overrides::{Entry, Overrides};
pub(crate) use placeholder::{Filled, Variables};
pub(crate) use value::{Parse, whole_number};

/// All that settings are made of beside the attributes.
#[derive(Default)]
pub(crate) struct Sources {
    pub(crate) variables: Variables,
    pub(crate) overrides: Overrides,
}
