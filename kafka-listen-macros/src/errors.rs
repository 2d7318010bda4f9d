//! Mistakes in: from any part, in any number. All of them out, at once, each at its own token. Never stops at the first.

use std::any::Any;
use std::fmt::Display;

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;

/// The mistakes found so far.
#[derive(Default)]
pub(crate) struct Errors(Vec<syn::Error>);

impl Errors {
    /// A mistake in `tokens`, which says what to write instead.
    pub(crate) fn at(&mut self, tokens: impl ToTokens, message: impl Display) {
        self.0.push(syn::Error::new_spanned(tokens, message));
    }

    /// A mistake that a parser found.
    pub(crate) fn push(&mut self, error: syn::Error) {
        self.0.push(error);
    }

    /// Something that is missing, so that no token shows it but the attribute itself.
    pub(crate) fn missing(&mut self, message: impl Display) {
        self.0.push(syn::Error::new(Span::call_site(), message));
    }

    /// The value, or nothing and one mistake more.
    pub(crate) fn keep<T>(&mut self, result: syn::Result<T>) -> Option<T> {
        result.map_err(|error| self.push(error)).ok()
    }

    /// Whether nothing is wrong so far.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The value, if nothing at all was wrong.
    pub(crate) fn or<T>(self, value: Option<T>) -> Result<T, Self> {
        match value {
            Some(value) if self.is_empty() => Ok(value),
            _ => Err(self),
        }
    }

    /// A panic of this crate's own: nothing that a user could mend in the attribute.
    pub(crate) fn bug(panic: &(dyn Any + Send)) -> Self {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no message");
        let mut errors = Self::default();
        errors.missing(format_args!(
            "this is a bug in kafka-listen-macros {}, not in your code: {text}\nplease report it with this attribute and the function's signature",
            env!("CARGO_PKG_VERSION"),
        ));
        errors
    }

    /// Each mistake: the source text it points at, and what it says.
    #[cfg(test)]
    pub(crate) fn told(&self) -> Vec<(String, String)> {
        let told = |error: &syn::Error| (error.span().source_text().unwrap_or_default(), error.to_string());
        self.0.iter().map(told).collect()
    }
}

impl ToTokens for Errors {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        tokens.extend(self.0.iter().map(syn::Error::to_compile_error));
    }
}
