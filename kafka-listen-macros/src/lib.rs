//! The attributes of [kafka-listen](https://docs.rs/kafka-listen); use them through that crate.
//!
//! An attribute runs through one file after the other, and each knows only what came before:
//!
//! ```text
//! tokens ─ args ─▶ Args ─ check ─▶ Model ─ expand ─▶ the function and its registration
//!                           └────▶ Errors ─ fallback ─▶ every mistake, and the function
//! ```
//!
//! `check` asks `settings` (which asks `value` about one value), `effects`, `delays` and `names` (which asks `chain`) about
//! what they do to each other, `judgement` (which asks `pattern`) about errors, and `function` about the signature; `keys` is the one table of what may be written, `text`
//! reads placeholders.

mod args;
mod batch;
mod beside;
mod chain;
mod check;
mod delays;
mod effects;
mod errors;
mod expand;
mod fallback;
mod function;
mod judgement;
mod keys;
mod meant;
mod model;
mod names;
mod pattern;
mod settings;
#[cfg(test)]
mod tests;
mod text;
mod value;
mod words;

use std::panic::{AssertUnwindSafe, catch_unwind};

use proc_macro2::TokenStream;

use crate::errors::Errors;
use crate::model::Model;

/// # Expansion of `#[kafka_listener]`
///
/// The function as it was written, so that a test calls it as before, and beside it one anonymous constant that
/// registers it: what its parameters need, how it is called, and the keys of the attribute.
#[proc_macro_attribute]
pub fn kafka_listener(args: proc_macro::TokenStream, item: proc_macro::TokenStream) -> proc_macro::TokenStream {
    expand(check::listener, args.into(), item.into()).into()
}

/// # Expansion of `#[dlt_handler]`
///
/// The function as it was written, and beside it one anonymous constant that registers it, with the identity of the
/// listener's function.
#[proc_macro_attribute]
pub fn dlt_handler(args: proc_macro::TokenStream, item: proc_macro::TokenStream) -> proc_macro::TokenStream {
    expand(check::dlt_handler, args.into(), item.into()).into()
}

/// # Expansion of `settings!`
///
/// One constant expression: a listener of no function, with these keys.
#[proc_macro]
pub fn settings(args: proc_macro::TokenStream) -> proc_macro::TokenStream {
    let args = TokenStream::from(args);
    let expanded = catch_unwind(AssertUnwindSafe(|| check::shared(args).map(|model| expand::expand_shared(&model))));
    match expanded.unwrap_or_else(|panic| Err(Errors::bug(&*panic))) {
        Ok(tokens) => tokens,
        Err(errors) => quote::quote!({ #errors }),
    }
    .into()
}

/// The function survives whatever happens: a mistake in the attribute, or in this crate.
fn expand(
    check: impl Fn(TokenStream, TokenStream) -> Result<Model, Errors>,
    args: TokenStream,
    item: TokenStream,
) -> TokenStream {
    let expanded = catch_unwind(AssertUnwindSafe(|| check(args, item.clone()).map(|model| expand::expand(&model))));
    match expanded.unwrap_or_else(|panic| Err(Errors::bug(&*panic))) {
        Ok(tokens) => tokens,
        Err(errors) => fallback::fallback(&errors, item),
    }
}
