//! Right code. Whatever rustc would warn of in it, or in what it expands to, is an error.
#![deny(warnings)]

mod acks;
mod batches;
mod borrowed;
mod decisions;
mod email;
mod every_key;
mod filters;
mod from_macro_rules;
mod future_with_borrows;
mod headers;
mod inside_a_function;
mod judged;
mod lints;
mod many_parameters;
mod no_prelude;
mod other_attributes;
mod other_paths;
mod own_names;
mod patterns;
mod plain_fn;
mod raw_identifiers;
mod returns;
mod shared_settings;
mod two_listeners;
