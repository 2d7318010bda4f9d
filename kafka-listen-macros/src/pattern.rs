//! A pattern on a handler's error, with its guard. Whether it fits the error only rustc knows, and tells at the pattern; here
//! is refused what fits every error.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::parse::{Parse, ParseStream};
use syn::{Expr, Pat, Token};

use crate::errors::Errors;

/// `PAT` or `PAT if GUARD`.
#[derive(Clone)]
pub(crate) struct Pattern {
    pat: Box<Pat>,
    guard: Option<(Token![if], Box<Expr>)>,
}

impl Parse for Pattern {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let pat = Pat::parse_multi_with_leading_vert(input)?.into();
        let guard = input.parse::<Option<Token![if]>>()?;
        let guard = guard.map(|word| Ok::<_, syn::Error>((word, input.parse()?))).transpose()?;
        Ok(Self { pat, guard })
    }
}

impl ToTokens for Pattern {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        self.pat.to_tokens(tokens);
        if let Some((word, guard)) = &self.guard {
            word.to_tokens(tokens);
            guard.to_tokens(tokens);
        }
    }
}

impl Pattern {
    /// Refuses what matches every error, because it is most likely meant to match one.
    pub(crate) fn check(&self, errors: &mut Errors) {
        if self.guard.is_none() {
            check(&self.pat, errors);
        }
    }
}

fn check(pat: &Pat, errors: &mut Errors) {
    match pat {
        Pat::Wild(wild) => errors.at(
            wild,
            "`_` matches every error: name some by their path, as in `SendError::BadAddress`, or add a guard, as in `_ if is_fatal()`",
        ),
        Pat::Ident(ident) => match &ident.subpat {
            Some((_, pat)) => check(pat, errors),
            None => {
                let name = &ident.ident;
                let message = format!(
                    "`{name}` alone is a new name that matches every error: write the path of the one that is meant, as in \
                     `SendError::{name}`, or add a guard, as in `error if is_fatal(error)`"
                );
                errors.at(ident, message);
            }
        },
        Pat::Or(or) => or.cases.iter().for_each(|case| check(case, errors)),
        Pat::Paren(paren) => check(&paren.pat, errors),
        Pat::Reference(reference) => check(&reference.pat, errors),
        _ => {}
    }
}
