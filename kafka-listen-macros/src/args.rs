//! The tokens of an attribute in, [`Args`] out: which keys stand there, each with what follows it, all spans kept.
//! Judges keys and shapes, never values, and goes on after a mistake at the next comma.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use syn::ext::IdentExt;
use syn::parse::discouraged::Speculative;
use syn::parse::{Parse, ParseBuffer, ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::{Expr, LitStr, Path, Token, parenthesized, token};

use crate::errors::Errors;
use crate::keys::{CRATE, Key, LISTENER, Level, Takes};
use crate::pattern::Pattern;

/// What a `#[kafka_listener(…)]` holds, in its order; the keys in `backoff(…)` follow `backoff`.
pub(crate) struct Args(pub(crate) Vec<Arg>);

/// One key.
pub(crate) struct Arg {
    /// Which.
    pub(crate) key: &'static Key,
    /// Where it stands.
    pub(crate) at: Ident,
    /// What follows it; nothing if that could not be read, which has been told.
    pub(crate) given: Option<Given>,
}

/// What follows a key.
pub(crate) enum Given {
    /// `= …`
    Value(Expr),
    /// `= path`
    Path(Path),
    /// `(…, …)`
    List(Vec<Expr>),
    /// `(PAT if …)`
    Pattern(Pattern),
    /// `("…", PAT if …)` or `("…")`
    Route(Expr, Option<Pattern>),
    /// `(… = …, … = …)`
    Pairs(Vec<(Expr, Expr)>),
    /// Parentheses with keys of their own, which are arguments of their own.
    Keys,
}

/// Reads the arguments of `#[kafka_listener]`.
pub(crate) fn parse(tokens: TokenStream, errors: &mut Errors) -> Args {
    let mut args = Args(Vec::new());
    let read = (|input: ParseStream<'_>| level(input, LISTENER, &mut args, errors)).parse2(tokens);
    // What syn says at the end, of tokens that a mistake left unread, adds nothing to the mistake.
    if errors.is_empty() {
        errors.keep(read);
    }
    args
}

fn level(input: ParseStream<'_>, level: Level, args: &mut Args, errors: &mut Errors) -> syn::Result<()> {
    while !input.is_empty() {
        if let Err(error) = argument(input, level, args, errors) {
            errors.push(error);
            skip_to_comma(input)?;
        }
        if !input.is_empty() {
            input.parse::<Token![,]>()?;
        }
    }
    Ok(())
}

fn argument(input: ParseStream<'_>, level: Level, args: &mut Args, errors: &mut Errors) -> syn::Result<()> {
    let at = match input.call(Ident::parse_any) {
        Ok(at) => at,
        Err(_) if input.peek(LitStr) && level.inside.is_none() => {
            return Err(input.error(r#"say what the text is: write `topic = "email.send"`"#));
        }
        Err(_) => return Err(input.error("a key is missing here: write `key = value`")),
    };
    let key = level.find(&at.to_string()).map_err(|message| syn::Error::new(at.span(), message))?;
    if !matches!(key.takes, Takes::Route) && args.0.iter().any(|arg| arg.key.sets == key.sets) {
        errors.at(&at, format_args!("`{at}` is given twice: leave one of them out"));
    }
    let index = args.0.len();
    args.0.push(Arg { key, at: at.clone(), given: None });
    let given = match &key.takes {
        Takes::Keys(keys) => nested(input, Level { keys, inside: Some(key.name) }, args, errors),
        Takes::Topics => list(input),
        Takes::Pattern => pattern(input),
        Takes::Route => route(input),
        Takes::Properties => pairs(input),
        Takes::Crate => path(input, key, Path::parse_mod_style),
        Takes::Function | Takes::Path => path(input, key, Path::parse),
        _ => value(input),
    }?;
    args.0[index].given = given;
    match &args.0[index].given {
        None => Err(syn::Error::new(at.span(), format_args!("`{at}` is written `{}`", key.example))),
        Some(_) if input.is_empty() || input.peek(Token![,]) => Ok(()),
        Some(_) => Err(input.error("a comma is missing before this")),
    }
}

/// What stands in parentheses, if anything does.
fn in_parentheses<'a>(input: ParseStream<'a>) -> syn::Result<Option<ParseBuffer<'a>>> {
    if !input.peek(token::Paren) {
        return Ok(None);
    }
    let inner;
    parenthesized!(inner in input);
    Ok((!inner.is_empty()).then_some(inner))
}

/// `(key = value, …)`, or nothing if it is something else.
fn nested(input: ParseStream<'_>, inside: Level, args: &mut Args, errors: &mut Errors) -> syn::Result<Option<Given>> {
    let Some(inner) = in_parentheses(input)? else { return Ok(None) };
    level(&inner, inside, args, errors)?;
    Ok(Some(Given::Keys))
}

/// `(value, …)`, or nothing if it is something else.
fn list(input: ParseStream<'_>) -> syn::Result<Option<Given>> {
    let Some(inner) = in_parentheses(input)? else { return Ok(None) };
    let values = Punctuated::<Expr, Token![,]>::parse_terminated(&inner)?.into_iter().collect();
    Ok(Some(Given::List(values)))
}

/// `(PAT if …)`, or nothing if it is something else.
fn pattern(input: ParseStream<'_>) -> syn::Result<Option<Given>> {
    let Some(inner) = in_parentheses(input)? else { return Ok(None) };
    let pattern = inner.parse()?;
    end_of_pattern(&inner)?;
    Ok(Some(Given::Pattern(pattern)))
}

/// `("…", PAT if …)` or `("…")`, or nothing if it is something else.
fn route(input: ParseStream<'_>) -> syn::Result<Option<Given>> {
    let Some(inner) = in_parentheses(input)? else { return Ok(None) };
    if !inner.peek(LitStr) {
        return Err(
            inner.error(r#"a route begins with its name: write `dlt_route("validation", SendError::Invalid(_))`"#)
        );
    }
    let name = inner.parse()?;
    let comma = inner.parse::<Option<Token![,]>>()?;
    let pattern = if comma.is_some() && !inner.is_empty() { Some(inner.parse()?) } else { None };
    end_of_pattern(&inner)?;
    Ok(Some(Given::Route(name, pattern)))
}

fn end_of_pattern(inner: ParseStream<'_>) -> syn::Result<()> {
    inner.parse::<Option<Token![,]>>()?;
    match inner.is_empty() {
        true => Ok(()),
        false => Err(inner.error("the pattern ends before this: write `|` between patterns, and `if` before a guard")),
    }
}

/// `(name = value, …)`, or nothing if it is something else.
fn pairs(input: ParseStream<'_>) -> syn::Result<Option<Given>> {
    let Some(Given::List(list)) = list(input)? else { return Ok(None) };
    let pairs = list.into_iter().map(|expr| match expr {
        Expr::Assign(pair) => Ok((*pair.left, *pair.right)),
        other => Err(syn::Error::new_spanned(
            other,
            r#"a property has a name and a value: write `"fetch.max.bytes" = "1048576"`"#,
        )),
    });
    pairs.collect::<syn::Result<_>>().map(|pairs| Some(Given::Pairs(pairs)))
}

/// `= value`, or nothing if it is something else.
fn value(input: ParseStream<'_>) -> syn::Result<Option<Given>> {
    if input.parse::<Option<Token![=]>>()?.is_none() || input.is_empty() || input.peek(Token![,]) {
        return Ok(None);
    }
    Ok(Some(Given::Value(input.parse()?)))
}

/// `= path`, or nothing if it is something else.
fn path(
    input: ParseStream<'_>,
    key: &Key,
    read: fn(ParseStream<'_>) -> syn::Result<Path>,
) -> syn::Result<Option<Given>> {
    if input.parse::<Option<Token![=]>>()?.is_none() || input.is_empty() || input.peek(Token![,]) {
        return Ok(None);
    }
    if input.peek(LitStr) {
        return Err(input.error(format_args!("a path has no quotes: write `{}`", key.example)));
    }
    let path = input.call(read).map_err(|error| {
        syn::Error::new(error.span(), format_args!("`{}` takes a path: write `{}`", key.name, key.example))
    })?;
    Ok(Some(Given::Path(path)))
}

/// A mistake in one argument says nothing of the next.
fn skip_to_comma(input: ParseStream<'_>) -> syn::Result<()> {
    // A comma may stand in a value.
    let ahead = input.fork();
    if ahead.parse::<Token![=]>().and_then(|_| ahead.parse::<Expr>()).is_ok() {
        input.advance_to(&ahead);
    }
    while !input.is_empty() && !input.peek(Token![,]) {
        input.parse::<TokenTree>()?;
    }
    Ok(())
}

impl Args {
    /// The path that stands behind a key, if it was given.
    pub(crate) fn path(&self, name: &str) -> Option<&Path> {
        match &self.0.iter().find(|arg| arg.key.sets == name)?.given {
            Some(Given::Path(path)) => Some(path),
            _ => None,
        }
    }
}

/// Reads the arguments of `#[dlt_handler]`: the path of the listener, and of the runtime crate if it was given.
pub(crate) fn parse_dlt_handler(tokens: TokenStream) -> syn::Result<(Path, Option<Path>)> {
    dlt_handler.parse2(tokens)
}

fn dlt_handler(input: ParseStream<'_>) -> syn::Result<(Path, Option<Path>)> {
    if input.is_empty() {
        let message = "a listener is missing: write its function's path, as in `#[dlt_handler(send_email)]`";
        return Err(syn::Error::new(Span::call_site(), message));
    }
    if let Ok(text) = input.fork().parse::<LitStr>() {
        return Err(input.error(format_args!("a path has no quotes: write `#[dlt_handler({})]`", text.value())));
    }
    let listener = input.call(Path::parse_mod_style).map_err(|error| {
        syn::Error::new(
            error.span(),
            "this is no path: write the listener's function, as in `#[dlt_handler(send_email)]`",
        )
    })?;
    let mut krate = None;
    input.parse::<Option<Token![,]>>()?;
    if let Some(at) = input.parse::<Option<Token![crate]>>()? {
        let Some(Given::Path(path)) = path(input, &CRATE, Path::parse_mod_style)? else {
            return Err(syn::Error::new_spanned(at, "`crate` is written `crate = ::kafka_listen`"));
        };
        krate = Some(path);
        input.parse::<Option<Token![,]>>()?;
    }
    if input.is_empty() {
        return Ok((listener, krate));
    }
    Err(input.error("`dlt_handler` takes the path of a listener's function and nothing else"))
}
