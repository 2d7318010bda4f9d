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

use crate::judgement::{Judge, Judgement};
use crate::model::{Items, Model, OfBatch, Parameter, Role, Setting, SharedModel, Value, Written};
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
        Role::Listener { judgement, .. } if !judgement.is_empty() => {
            let at = located(returned.span());
            let verdict = verdict(judgement, at);
            quote_spanned!(at=> |__r| <#returned as __rt::#fallible>::judged(__r, |__e| #verdict))
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

/// What follows the error `__e`: each pattern is an arm of a `match`, so that rustc judges it where it stands.
fn verdict(Judgement { decision, routes, in_place }: &Judgement, at: Span) -> TokenStream {
    let decision = decision.as_ref().map(|judge| match judge {
        Judge::Classify(classify) => {
            let at = located(classify.span());
            quote_spanned!(at=> decision: #classify(__e))
        }
        Judge::RetryOn(pattern) => quote_spanned! {at=>
            decision: match __e { #pattern => __rt::Decision::Retry, _ => __rt::Decision::DeadLetter }
        },
        Judge::Fatal(pattern) => quote_spanned! {at=>
            decision: match __e { #pattern => __rt::Decision::DeadLetter, _ => __rt::Decision::Retry }
        },
    });
    let arms = routes.iter().map(|(place, pattern)| {
        let place = Literal::usize_unsuffixed(*place);
        quote_spanned!(at=> #pattern => __rt::Some(#place))
    });
    let route = (!routes.is_empty()).then(|| quote_spanned!(at=> route: match __e { #(#arms,)* _ => __rt::None }));
    let in_place =
        in_place.as_ref().map(|pattern| quote_spanned!(at=> in_place: match __e { #pattern => true, _ => false }));
    let fields: Vec<_> = [decision, route, in_place].into_iter().flatten().collect();
    let others = (fields.len() < 3).then(|| quote_spanned!(at=> ..__rt::Verdict::RETRY));
    quote_spanned!(at=> __rt::Verdict { #(#fields,)* #others })
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
            let listener = with(quote_spanned!(at=> __rt::Listener::new(#arguments)), settings, at);
            quote_spanned! {at=>
                static __LISTENER: __rt::Listener = #listener;
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

/// Settings that several listeners share, as an expression.
pub(crate) fn expand_shared(SharedModel { krate, settings }: &SharedModel) -> TokenStream {
    let at = Span::mixed_site();
    let listener = with(quote_spanned!(at=> __rt::Listener::of_nobody()), settings, at);
    quote_spanned! {at=> {
        use #krate::__private as __rt;
        __rt::Settings::new(#listener)
    }}
}

/// A listener with these settings. What is shared comes first, so that whatever else is written wins.
fn with(listener: TokenStream, settings: &[Setting], at: Span) -> TokenStream {
    let is_shared = |setting: &&Setting| setting.name == "settings";
    let own = settings.iter().filter(|setting| !is_shared(setting)).map(setter);
    if let Some(shared) = settings.iter().find(is_shared) {
        // Around it, so that the error of what does not go together points at the shared settings alone.
        let (at, shared) = (located(shared.at.span()), setter(shared));
        return quote_spanned!(at=> __rt::Listener::checked(#listener #shared #(#own)*));
    }
    let checked = settings.iter().any(is_constant).then(|| quote_spanned!(at=> .checked()));
    quote_spanned!(at=> #listener #(#own)* #checked)
}

fn setter(Setting { name, at, value }: &Setting) -> TokenStream {
    let at = located(at.span());
    let method = |name: &str| Ident::new(name, at);
    match value {
        Value::Topics(topics) => quote_spanned!(at=> .topics(&[#(#topics),*])),
        Value::Routes(routes) => quote_spanned!(at=> .dlt_routes(&[#(#routes),*])),
        Value::Given => set(method(name), quote_spanned!(at=> true)),
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
