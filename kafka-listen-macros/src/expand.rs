//! A [`Model`] in, tokens out. No rules: everything here is right already.
//!
//! The function stays as it is; beside it stands one anonymous constant with four items, which speak to the runtime
//! through its `__private` module alone. Names begin with `__` and the standard library is reached through that module,
//! so that nothing a user defines is in the way. Each token stands, for messages, where the mistake would be.

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::ReturnType;
use syn::ext::IdentExt;

use crate::model::{Model, Number, Parameter, Role, Setting, Value};

/// Expands a checked attribute.
pub(crate) fn expand(model: &Model) -> TokenStream {
    let function = &model.function;
    let krate = &model.krate;
    let inherited =
        function.attrs.iter().filter(|attribute| ["cfg", "allow"].iter().any(|name| attribute.path().is_ident(name)));
    let deprecated = function.attrs.iter().any(|attribute| attribute.path().is_ident("deprecated"));
    let deprecated = deprecated.then(|| quote!(#[allow(deprecated)]));
    let at = located(function.sig.ident.span());
    let (needs, run, registration) = (needs(model), run(model), registration(model));
    quote_spanned! {at=>
        #function

        #(#inherited)*
        #deprecated
        const _: () = {
            use #krate::__private as __rt;
            #needs
            #run
            #registration
        };
    }
}

/// What the parameters need of the application.
fn needs(model: &Model) -> TokenStream {
    let at = located(model.function.sig.ident.span());
    let needs =
        model.parameters.iter().filter(|parameter| parameter.header.is_none()).map(|Parameter { text, ty, .. }| {
            let at = located(first(ty));
            quote_spanned! {at=>
                __needs.parameter(#text);
                <#ty as __rt::FromDelivery<'_>>::needs(__needs);
            }
        });
    quote_spanned!(at=> fn __needs(__needs: &mut __rt::Needs) { #(#needs)* })
}

/// Builds the parameters and calls the function.
fn run(model: &Model) -> TokenStream {
    let sig = &model.function.sig;
    let name = &sig.ident;
    let at = located(name.span());
    let names: Vec<_> = (0..model.parameters.len()).map(|index| format_ident!("__{index}", span = at)).collect();
    let parameters = model.parameters.iter().zip(&names).map(|(Parameter { text, ty, header }, name)| {
        let at = located(first(ty));
        let built = match header {
            None => quote_spanned!(at=> <#ty as __rt::FromDelivery<'_>>::from_delivery(__d)),
            Some(header) => quote_spanned!(at=> __rt::header::<#ty>(__d, #header)),
        };
        quote_spanned!(at=> let #name = #built.map_err(__rt::rejected(#text))?;)
    });
    let (ends, run) = match sig.asyncness {
        Some(_) => (quote_spanned!(at=> __rt::HandlerFuture<'d>), quote_spanned!(at=> __rt::run)),
        None => (quote_spanned!(at=> __rt::Outcome), quote_spanned!(at=> __rt::run_blocking)),
    };
    let returned = match &sig.output {
        ReturnType::Type(_, ty) => ty.to_token_stream(),
        ReturnType::Default => quote_spanned!(at=> ()),
    };
    let outcome = located(first(&returned));
    let outcome = quote_spanned!(outcome=> <#returned as __rt::HandlerReturn>::into_outcome);
    quote_spanned! {at=>
        fn __run<'d>(__d: &'d __rt::Delivery<'d>) -> #ends {
            let __call = move || {
                #(#parameters)*
                __rt::Ok(#name(#(#names),*))
            };
            #run(__call, #outcome)
        }
    }
}

/// The static that the application finds.
fn registration(model: &Model) -> TokenStream {
    let sig = &model.function.sig;
    let at = located(sig.ident.span());
    let text = sig.ident.unraw().to_string();
    let call = match sig.asyncness {
        Some(_) => quote_spanned!(at=> __rt::Call::Async(__run)),
        None => quote_spanned!(at=> __rt::Call::Blocking(__run)),
    };
    let new = |ty: &str, listener: &dyn ToTokens| {
        let ty = Ident::new(ty, at);
        quote_spanned! {at=>
            __rt::#ty::new(#text, __rt::module_path!(), || __rt::function_id(#listener), __needs, #call)
        }
    };
    match &model.role {
        Role::Listener(settings) => {
            let new = new("Listener", &sig.ident);
            let checked = settings.iter().any(is_constant).then(|| quote_spanned!(at=> .checked()));
            let settings = settings.iter().map(setter);
            quote_spanned! {at=>
                static __LISTENER: __rt::Listener = #new #(#settings)* #checked;
                __rt::inventory::submit!(&__LISTENER);
            }
        }
        Role::DltHandler(listener) => {
            let new = new("DltHandler", listener);
            quote_spanned! {at=>
                static __DLT_HANDLER: __rt::DltHandler = #new;
                __rt::inventory::submit!(&__DLT_HANDLER);
            }
        }
    }
}

fn setter(setting: &Setting) -> TokenStream {
    let at = located(setting.at.span());
    let method = |suffix: &str| Ident::new(&format!("{}{suffix}", setting.name), at);
    let (method, value) = match &setting.value {
        Value::Topics(topics) => (Ident::new("topics", at), quote_spanned!(at=> &[#(#topics),*])),
        Value::Text(text) => (method(""), text.to_token_stream()),
        Value::Flag(flag) => (method(""), flag.to_token_stream()),
        Value::Variant { of, name } => {
            let (of, name) = (Ident::new(of, at), Ident::new(name, at));
            (method(""), quote_spanned!(at=> __rt::#of::#name))
        }
        Value::Whole(Number::Literal(number)) => (method(""), Literal::u64_unsuffixed(*number).to_token_stream()),
        Value::Decimal(Number::Literal(number)) => (method(""), Literal::f64_unsuffixed(*number).to_token_stream()),
        Value::Whole(Number::Text(text, _)) | Value::Decimal(Number::Text(text, _)) => {
            (method("_text"), text.to_token_stream())
        }
        Value::Whole(Number::Constant(expr)) | Value::Decimal(Number::Constant(expr)) => {
            let at = located(first(expr));
            let judge = Ident::new(setting.name, at);
            (method(""), quote_spanned!(at=> const { __rt::judge::#judge(#expr) }))
        }
    };
    quote_spanned!(at=> .#method(#value))
}

fn is_constant(setting: &Setting) -> bool {
    matches!(setting.value, Value::Whole(Number::Constant(_)) | Value::Decimal(Number::Constant(_)))
}

/// Resolves nothing of the user's by accident, and is shown at `span`.
fn located(span: Span) -> Span {
    Span::mixed_site().located_at(span)
}

fn first(tokens: impl ToTokens) -> Span {
    tokens.to_token_stream().into_iter().next().map_or_else(Span::mixed_site, |token| token.span())
}
