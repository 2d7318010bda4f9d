//! The parameters of a function that takes batches in; what each is of a batch, or what is wrong with it, out. Which one holds
//! the records is seen by its name, `Vec`; whether the others may stand beside it only rustc knows.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::{GenericArgument, PathArguments, Type};

use crate::errors::Errors;
use crate::function::{Function, tidy};
use crate::model::{Items, OfBatch, Parameter};

/// Says of each parameter what it is of a batch.
pub(crate) fn check(function: &Function, parameters: &mut [Parameter], errors: &mut Errors) {
    let mut has_records = false;
    for parameter in parameters {
        if let Some(header) = &parameter.header {
            errors.at(
                header,
                "each record of a batch has its own headers: take them in the `Vec`, as in `Vec<(Headers<'_>, Json<Mail>)>`",
            );
        }
        refuse_ack(parameter.ty.to_token_stream(), errors);
        let items = items(&parameter.ty);
        if items.is_some() && std::mem::replace(&mut has_records, true) {
            errors.at(
                &parameter.ty,
                "a batch is one `Vec`: take several things of each record as a tuple, as in `Vec<(Key<&str>, Json<Mail>)>`",
            );
        }
        parameter.of_batch = Some(items.map_or(OfBatch::Beside, OfBatch::Records));
    }
    if !has_records {
        errors.at(
            &function.sig.ident,
            "with `batch` a handler takes its records in a `Vec`: add a parameter such as `mails: Vec<Json<Mail>>`",
        );
    }
}

/// Refuses what only a batch is taken in, where one record is taken at a time; `cure` says how records come together.
pub(crate) fn refuse_vecs(parameters: &[Parameter], cure: &str, errors: &mut Errors) {
    for parameter in parameters.iter().filter(|parameter| parameter.header.is_none()) {
        let item = match items(&parameter.ty) {
            None => continue,
            Some(Items::Tuple(_)) => String::new(),
            Some(Items::One(item)) => tidy(item.into_token_stream()),
        };
        let ty = parameter.ty.to_token_stream();
        if item == "u8" {
            errors.at(ty, "for the bytes of the value write `&[u8]` or `Bytes`");
        } else if item.is_empty() || item.starts_with("Json<") {
            // What is an extractor is no part of a JSON.
            errors.at(ty, cure);
        } else {
            let list = tidy(ty.clone());
            errors.at(ty, format_args!("{cure}; for one record whose JSON is a list write `Json<{list}>`"));
        }
    }
}

/// What stands in `Vec<…>`.
fn items(ty: &Type) -> Option<Items> {
    let path = match ty {
        Type::Path(path) => &path.path,
        // A `macro_rules!` wraps what it was given.
        Type::Group(group) => return items(&group.elem),
        _ => return None,
    };
    let last = path.segments.last().filter(|last| last.ident == "Vec")?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    match arguments.args.first()? {
        GenericArgument::Type(Type::Tuple(tuple)) if !tuple.elems.is_empty() => {
            Some(Items::Tuple(tuple.elems.iter().cloned().collect()))
        }
        GenericArgument::Type(item) => Some(Items::One(Box::new(item.clone()))),
        _ => None,
    }
}

fn refuse_ack(tokens: TokenStream, errors: &mut Errors) {
    for token in tokens {
        match token {
            TokenTree::Ident(word) if word == "Ack" => errors.at(
                word,
                "the records of a batch have no `Ack`: say what came of each by returning `Vec<Result<(), E>>`",
            ),
            TokenTree::Group(group) => refuse_ack(group.stream(), errors),
            _ => {}
        }
    }
}
