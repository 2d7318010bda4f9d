//! Several attributes of this crate on one function: which may be, and how its listeners are told apart. Each is expanded by
//! itself, from the top down, and sees those below it.

use proc_macro2::TokenStream;
use syn::{Attribute, Expr, ExprLit, Lit, Meta};

use crate::args;
use crate::errors::Errors;
use crate::function::Function;
use crate::settings::Settings;

/// The name of an attribute of this crate's, by whatever path it is written.
pub(crate) fn name(attribute: &Attribute) -> Option<&'static str> {
    let last = &attribute.path().segments.last()?.ident;
    ["kafka_listener", "dlt_handler"].into_iter().find(|name| last == name)
}

/// A function is a listener, as often as it is one, or it handles dead letters.
pub(crate) fn check(function: &Function, attribute: &str, errors: &mut Errors) {
    for other in &function.attrs {
        if name(other).is_some_and(|name| name != attribute) {
            let message =
                format!("this function has a `#[{attribute}]` already: write a second function that calls it");
            errors.at(other, message);
        }
    }
}

/// The listeners of one function have its name in common, so that they need ids.
pub(crate) fn check_ids(function: &Function, settings: &Settings<'_>, errors: &mut Errors) {
    let id = settings.expr("id").and_then(text);
    if settings.key("id").is_some() && id.is_none() {
        return;
    }
    for other in function.attrs.iter().filter(|other| name(other) == Some("kafka_listener")) {
        let Ok(other_id) = id_of(other) else { continue };
        let name = &function.sig.ident;
        if id == other_id {
            let message = match &id {
                Some(id) => format!("two listeners of `{name}` have the id `{id}`: give one of them another"),
                None => format!(
                    "`{name}` is two listeners now, and both would be called by its name: give one of them an `id = \"{name}_2\"`"
                ),
            };
            errors.at(other, message);
        }
    }
}

/// The id that another attribute gives, if any; an error if it cannot be read, which that attribute tells by itself.
fn id_of(attribute: &Attribute) -> Result<Option<String>, ()> {
    let tokens = match &attribute.meta {
        Meta::List(list) => list.tokens.clone(),
        _ => TokenStream::new(),
    };
    let mut errors = Errors::default();
    let args = args::parse(tokens, &mut errors);
    let settings = Settings::judge(&args, &mut errors);
    match settings.expr("id") {
        Some(id) => text(id).map(Some).ok_or(()),
        None => Ok(None),
    }
}

fn text(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.value()),
        _ => None,
    }
}
