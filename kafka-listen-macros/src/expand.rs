//! A [`Model`] in, tokens out. No rules: everything here is right already.
//!
//! The function stays as it is; beside it stands one anonymous constant with four items, which speak to the runtime
//! through its `__private` module alone. Names begin with `__` and the standard library is reached through that module,
//! so that nothing a user defines is in the way. What a user wrote keeps its place, and is what errors point at; the
//! rest is shown at the function's name.

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{ToTokens, format_ident, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{LitBool, ReturnType, Signature};

use crate::model::{Items, Model, OfBatch, Parameter, Role, Setting, Value, Written};
use crate::words::{BATCH, RECORD, Words};

/// Expands a checked attribute.
pub(crate) fn expand(model: &Model) -> TokenStream {
    let Model { role, krate, function, parameters } = model;
    let words = if model.takes_batches() { BATCH } else { RECORD };
    let at = located(function.sig.ident.span());
    let has = |name: &'static str| function.attrs.iter().filter(move |attribute| attribute.path().is_ident(name));
    // The registration names the function and its types: what is allowed there is allowed here. `#[cfg]` needs no copy,
    // since rustc applies it first, wherever it stands.
    let allowed = has("allow");
    let deprecated = has("deprecated").map(|_| quote_spanned!(at=> #[allow(deprecated)]));
    let needs = needs(parameters, at);
    let run = run(role, &function.sig, parameters, &words, at);
    let registration = registration(role, &function.sig, &words, at);
    quote_spanned! {at=>
        #function

        #(#allowed)*
        #(#deprecated)*
        const _: () = {
            use #krate::__private as __rt;
            #needs
            #run
            #registration
        };
    }
}

/// What the parameters need of the application.
fn needs(parameters: &[Parameter], at: Span) -> TokenStream {
    let extractors = parameters.iter().filter(|parameter| parameter.header.is_none());
    let needs = extractors.map(|Parameter { text, ty, of_batch, .. }| {
        let needs = match of_batch {
            None => quote_spanned!(at=> <#ty as __rt::FromDelivery<'_>>::needs(__needs);),
            Some(OfBatch::Records(Items::One(item))) => {
                quote_spanned!(at=> <#item as __rt::FromDelivery<'_>>::needs(__needs);)
            }
            Some(OfBatch::Records(Items::Tuple(parts))) => {
                quote_spanned!(at=> #(<#parts as __rt::FromDelivery<'_>>::needs(__needs);)*)
            }
            Some(OfBatch::Beside) => quote_spanned!(at=> <#ty as __rt::Beside<'_>>::needs(__needs);),
        };
        quote_spanned! {at=>
            __needs.parameter(#text);
            #needs
        }
    });
    quote_spanned!(at=> fn __needs(__needs: &mut __rt::Needs) { #(#needs)* })
}

/// Builds the parameters and calls the function. Types stand in function bodies only, where a lifetime that is left out
/// is inferred to be the delivery's.
fn run(role: &Role, sig: &Signature, parameters: &[Parameter], words: &Words, at: Span) -> TokenStream {
    let name = &sig.ident;
    let word = |word| Ident::new(word, at);
    let names: Vec<_> = (0..parameters.len()).map(|index| format_ident!("__{index}", span = at)).collect();
    let parameters = parameters.iter().zip(&names).map(|(Parameter { text, ty, header, of_batch }, name)| {
        let built = match (of_batch, header) {
            (Some(OfBatch::Records(items)), _) => {
                let read = read(items, at);
                return quote_spanned!(at=> let #name = __d.read(#text, |__d| #read)?;);
            }
            (Some(OfBatch::Beside), _) => quote_spanned!(at=> <#ty as __rt::Beside<'_>>::from_batch(__d)),
            (None, None) => quote_spanned!(at=> <#ty as __rt::FromDelivery<'_>>::from_delivery(__d)),
            (None, Some(header)) => quote_spanned!(at=> __rt::header::<#ty>(__d, #header)),
        };
        quote_spanned!(at=> let #name = #built.map_err(__rt::rejected(#text))?;)
    });
    let (from, future, outcome) = (word(words.from), word(words.future), word(words.outcome));
    let (ends, run) = match sig.asyncness {
        Some(_) => (quote_spanned!(at=> __rt::#future<'d>), quote_spanned!(at=> __rt::run)),
        None => (quote_spanned!(at=> __rt::#outcome), quote_spanned!(at=> __rt::run_blocking)),
    };
    let (returns, fallible) = (word(words.returns.0), word(words.returns.1));
    let returned = match &sig.output {
        ReturnType::Type(_, ty) => ty.to_token_stream(),
        ReturnType::Default => quote_spanned!(at=> ()),
    };
    let outcome = match role {
        Role::Listener { classify: Some(classify), .. } => {
            let at = located(returned.span());
            quote_spanned!(at=> |__r| <#returned as __rt::#fallible>::classified(__r, #classify))
        }
        _ => quote_spanned!(at=> <#returned as __rt::#returns>::into_outcome),
    };
    quote_spanned! {at=>
        fn __run<'d>(__d: &'d __rt::#from<'d>) -> #ends {
            let __call = move || {
                #(#parameters)*
                __rt::Ok(#name(#(#names),*))
            };
            #run(__call, #outcome)
        }
    }
}

/// Reads one record of a batch; the parts of a tuple one by one, so that an error stands at the part.
fn read(items: &Items, at: Span) -> TokenStream {
    match items {
        Items::One(item) => quote_spanned!(at=> <#item as __rt::FromDelivery<'_>>::from_delivery(__d)),
        Items::Tuple(parts) => {
            quote_spanned!(at=> __rt::Ok((#(<#parts as __rt::FromDelivery<'_>>::from_delivery(__d)?,)*)))
        }
    }
}

/// The static that the application finds.
fn registration(role: &Role, sig: &Signature, words: &Words, at: Span) -> TokenStream {
    let name = sig.ident.unraw().to_string();
    let call = Ident::new(if sig.asyncness.is_some() { words.calls.0 } else { words.calls.1 }, at);
    let call = quote_spanned!(at=> __rt::Call::#call(__run));
    let arguments = |listener: &dyn ToTokens| quote_spanned!(at=> #name, __rt::module_path!(), || __rt::function_id(#listener), __needs, #call);
    match role {
        Role::Listener { settings, .. } => {
            let arguments = arguments(&sig.ident);
            let checked = settings.iter().any(is_constant).then(|| quote_spanned!(at=> .checked()));
            let settings = settings.iter().map(setter);
            quote_spanned! {at=>
                static __LISTENER: __rt::Listener = __rt::Listener::new(#arguments) #(#settings)* #checked;
                __rt::inventory::submit!(&__LISTENER);
            }
        }
        Role::DltHandler(listener) => {
            let arguments = arguments(listener);
            quote_spanned! {at=>
                static __DLT_HANDLER: __rt::DltHandler = __rt::DltHandler::new(#arguments);
                __rt::inventory::submit!(&__DLT_HANDLER);
            }
        }
    }
}

fn setter(Setting { name, at, value }: &Setting) -> TokenStream {
    let at = located(at.span());
    let method = |name: &str| Ident::new(name, at);
    match value {
        Value::Topics(topics) => quote_spanned!(at=> .topics(&[#(#topics),*])),
        Value::Properties(properties) => {
            let properties = properties.iter().map(|(name, value)| quote_spanned!(at=> (#name, #value)));
            set(method(name), quote_spanned!(at=> &[#(#properties),*]))
        }
        Value::Text(text) => set(method(name), text),
        Value::Path(path) => set(method(name), path),
        Value::Flag(Written::Literal(flag)) => set(method(name), LitBool::new(*flag, at)),
        Value::Variant { of, name: Written::Literal(variant) } => {
            let (of, variant) = (Ident::new(of, at), Ident::new(variant, at));
            set(method(name), quote_spanned!(at=> __rt::#of::#variant))
        }
        Value::Whole(Written::Literal(number)) => set(method(name), Literal::u64_unsuffixed(*number)),
        Value::Decimal(Written::Literal(number)) => set(method(name), Literal::f64_unsuffixed(*number)),
        Value::Flag(Written::Text(text, _))
        | Value::Variant { name: Written::Text(text, _), .. }
        | Value::Whole(Written::Text(text, _))
        | Value::Decimal(Written::Text(text, _)) => set(method(&format!("{name}_text")), text),
        Value::Flag(Written::Constant(expr))
        | Value::Variant { name: Written::Constant(expr), .. }
        | Value::Whole(Written::Constant(expr))
        | Value::Decimal(Written::Constant(expr)) => {
            // Where it stands, so that the error of a constant out of range points at nothing else.
            let first = expr.to_token_stream().into_iter().next();
            let at = first.map_or(at, |token| located(token.span()));
            let judge = Ident::new(name, at);
            set(method(name), quote_spanned!(at=> const { __rt::judge::#judge(#expr) }))
        }
    }
}

fn set(method: Ident, value: impl ToTokens) -> TokenStream {
    quote_spanned!(method.span()=> .#method(#value))
}

fn is_constant(setting: &Setting) -> bool {
    matches!(setting.value, Value::Whole(Written::Constant(_)) | Value::Decimal(Written::Constant(_)))
}

/// Shown at `span`; local names are this expansion's own.
fn located(span: Span) -> Span {
    Span::mixed_site().located_at(span)
}
