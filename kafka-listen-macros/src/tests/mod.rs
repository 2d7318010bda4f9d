//! The whole way through this crate, without a compiler: text in, text or mistakes out.

mod expansions;
mod functions;
mod guard;
mod judgements;
mod keys;
mod values;

use proc_macro2::TokenStream;

use crate::check;

const HANDLER: &str = "async fn send_email(Json(email): Json<Email>) {}";

fn tokens(text: &str) -> TokenStream {
    text.parse().expect("the test's own text is Rust")
}

/// The mistakes in `#[kafka_listener(args)] item`: the text each points at, and what it says.
fn mistakes(args: &str, item: &str) -> Vec<(String, String)> {
    match check::listener(tokens(args), tokens(item)) {
        Ok(_) => Vec::new(),
        Err(errors) => errors.told(),
    }
}

/// `#[kafka_listener(args)]` has one mistake, at the text `at`, and `says` so.
#[track_caller]
fn one(args: &str, at: &str, says: &str) {
    one_on(HANDLER, args, at, says);
}

/// The same on another handler.
#[track_caller]
fn one_on(handler: &str, args: &str, at: &str, says: &str) {
    let mistakes = mistakes(args, handler);
    let [(place, message)] = &mistakes[..] else { panic!("not one mistake in `{args}`: {mistakes:#?}") };
    assert_eq!(place, at, "{args}: {message}");
    assert!(message.contains(says), "{args}: {message}");
}

/// `#[kafka_listener(args)]` has no mistake.
#[track_caller]
fn fine(args: &str) {
    let mistakes = mistakes(args, HANDLER);
    assert!(mistakes.is_empty(), "{args}: {mistakes:#?}");
}
