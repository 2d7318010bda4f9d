//! The annotated function in, its parameters out, and all that a handler cannot be. Its body stays unread, so that a
//! slip in it is rustc's to tell and hides no mistake in the signature. What a type *is*, only rustc knows: whether it
//! is an extractor, or an outcome, is judged where the expansion uses it.

use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};
use quote::ToTokens;
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, FnArg, GenericParam, LitStr, Meta, PatType, Safety, Signature, Visibility};

use crate::beside;
use crate::errors::Errors;
use crate::model::Parameter;

/// A function.
pub(crate) struct Function {
    /// Its attributes, without the one that is being expanded.
    pub(crate) attrs: Vec<Attribute>,
    vis: Visibility,
    /// Its signature, with the attributes of parameters.
    pub(crate) sig: Signature,
    body: TokenStream,
}

impl Parse for Function {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        Ok(Self {
            attrs: input.call(Attribute::parse_outer)?,
            vis: input.parse()?,
            sig: input.parse()?,
            body: input.parse()?,
        })
    }
}

/// The function as it was written, less its `#[header(…)]` attributes, which only this crate knows: they stay for as long
/// as another attribute of this crate's is to come, which reads them, too.
impl ToTokens for Function {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let mut sig = self.sig.clone();
        let is_last = !self.attrs.iter().any(|attribute| beside::name(attribute).is_some());
        for parameter in &mut sig.inputs {
            if let FnArg::Typed(parameter) = parameter
                && is_last
            {
                parameter.attrs.retain(|attribute| !is_header(attribute));
            }
        }
        tokens.extend(self.attrs.iter().map(ToTokens::to_token_stream));
        self.vis.to_tokens(tokens);
        sig.to_tokens(tokens);
        self.body.to_tokens(tokens);
    }
}

impl Function {
    /// The parameters; whatever a handler cannot be goes to `errors`. `attribute` is the one that is being expanded.
    pub(crate) fn check(&self, attribute: &str, errors: &mut Errors) -> Vec<Parameter> {
        beside::check(self, attribute, errors);
        self.check_qualifiers(errors);
        self.check_generics(errors);
        impl_trait(self.sig.output.to_token_stream(), errors, "name the type, and write `async fn` if it is a future");
        let mut parameters = Vec::new();
        for input in &self.sig.inputs {
            match input {
                FnArg::Receiver(receiver) => errors.at(
                    receiver,
                    "a handler has no `self`: it takes what it needs as parameters, for instance `State(smtp): State<Smtp>`",
                ),
                FnArg::Typed(typed) => parameters.push(parameter(typed, errors)),
            }
        }
        parameters
    }

    fn check_qualifiers(&self, errors: &mut Errors) {
        if let Some(word) = &self.sig.constness {
            errors.at(word, "a handler cannot be `const`: leave the word out");
        }
        match &self.sig.safety {
            Safety::Unsafe(word) => {
                errors.at(word, "a handler cannot be `unsafe`: nobody could promise what it asks of its caller");
            }
            Safety::Safe(word) => errors.at(word, "a handler cannot be `safe`: leave the word out"),
            Safety::Default => {}
        }
        if let Some(abi) = &self.sig.abi {
            errors.at(abi, "a handler cannot be `extern`: write a function that calls this one");
        }
    }

    fn check_generics(&self, errors: &mut Errors) {
        for parameter in &self.sig.generics.params {
            match parameter {
                GenericParam::Lifetime(named) => {
                    let message = format!(
                        "a handler borrows from its delivery only: leave `{0}` out here, and write `'_` or nothing where it is used",
                        named.lifetime
                    );
                    errors.at(named, message);
                }
                GenericParam::Type(_) | GenericParam::Const(_) => errors.at(
                    parameter,
                    "a handler cannot be generic: write a function with the types of these records that calls this one",
                ),
            }
        }
    }
}

fn is_header(attribute: &Attribute) -> bool {
    attribute.path().is_ident("header")
}

fn parameter(typed: &PatType, errors: &mut Errors) -> Parameter {
    let mut header = None;
    for attribute in &typed.attrs {
        if is_header(attribute) {
            if header.is_some() {
                errors.at(attribute, "a parameter is read from one header: leave this one out");
            } else {
                header = errors.keep(header_name(attribute));
            }
        } else if attribute.path().is_ident("cfg") || attribute.path().is_ident("cfg_attr") {
            errors.at(
                attribute,
                "a handler's parameter cannot be conditional: write two functions, each with its `#[cfg]`",
            );
        }
    }
    impl_trait(typed.ty.to_token_stream(), errors, "name the type");
    let bare = PatType { attrs: Vec::new(), ..typed.clone() };
    Parameter { text: tidy(bare.into_token_stream()), ty: (*typed.ty).clone(), header, of_batch: None }
}

fn header_name(attribute: &Attribute) -> syn::Result<LitStr> {
    let name: syn::Result<LitStr> = match &attribute.meta {
        Meta::List(list) => list.parse_args(),
        meta => Err(syn::Error::new_spanned(meta, "")),
    };
    let at = name.as_ref().map(LitStr::span).unwrap_or_else(syn::Error::span);
    let message = "a header's name is a text: write `#[header(\"x-tenant\")]`";
    name.ok().filter(|name| !name.value().is_empty()).ok_or_else(|| syn::Error::new(at, message))
}

/// `impl` is a keyword: in a type it is nothing else.
fn impl_trait(tokens: TokenStream, errors: &mut Errors, instead: &str) {
    for token in tokens {
        match token {
            TokenTree::Ident(word) if word == "impl" => {
                errors.at(word, format_args!("a handler's types cannot be left open by `impl`: {instead}"));
            }
            TokenTree::Group(group) => impl_trait(group.stream(), errors, instead),
            _ => {}
        }
    }
}

/// Tokens as people write them, `Json(email): Json<Email>`: a token stream's own text has spaces everywhere.
pub(crate) fn tidy(tokens: TokenStream) -> String {
    let mut text = String::new();
    // The punctuation mark that this token continues, and whether a word came just before.
    let (mut joint, mut after_word) = (None, false);
    for token in tokens {
        let word = matches!(token, TokenTree::Ident(_) | TokenTree::Literal(_));
        if word && after_word {
            text.push(' ');
        }
        match token {
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::Brace => (" { ", " }"),
                    Delimiter::None => ("", ""),
                };
                text.extend([open, &tidy(group.stream()), close]);
                joint = None;
            }
            TokenTree::Punct(punct) => {
                let (mark, alone) = (punct.as_char(), punct.spacing() == Spacing::Alone);
                if joint.is_none() && matches!(mark, '|' | '=' | '+' | '-') {
                    text.push(' ');
                }
                text.push(mark);
                let arrow = joint == Some('-') && mark == '>';
                if arrow || alone && joint.is_none() && matches!(mark, ',' | ';' | ':' | '|' | '=' | '+') {
                    text.push(' ');
                }
                joint = (!alone).then_some(mark);
            }
            TokenTree::Ident(_) | TokenTree::Literal(_) => {
                text.push_str(&token.to_string());
                joint = None;
            }
        }
        after_word = word;
    }
    text
}
