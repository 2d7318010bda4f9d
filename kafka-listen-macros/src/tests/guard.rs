//! What is left when something is wrong: the function, always.

use quote::quote;

use super::{HANDLER, tokens};
use crate::{check, expand};

fn text(tokens: &proc_macro2::TokenStream) -> String {
    tokens.to_string().split_whitespace().collect()
}

#[test]
fn a_bug_of_ours_calls_itself_one_and_keeps_the_function() {
    let expanded = text(&expand(|_, _| panic!("index out of bounds"), quote!(), tokens(HANDLER)));
    assert!(expanded.starts_with("::core::compile_error!"), "{expanded}");
    assert!(expanded.contains("thisisabuginkafka-listen-macros"), "{expanded}");
    assert!(expanded.contains("indexoutofbounds"), "{expanded}");
    assert!(expanded.ends_with(&text(&tokens(HANDLER))), "{expanded}");
}

#[test]
fn the_function_loses_nothing_but_its_header_attributes() {
    let item = "/// Docs.\n#[inline] pub async fn f(#[header(\"a\")] #[allow(unused)] x: &str, y: Y) -> R { body }";
    let bare = "/// Docs.\n#[inline] pub async fn f(#[allow(unused)] x: &str, y: Y) -> R { body }";
    for args in ["topic = \"a\"", "topic = 5", "nonsense ! at = all"] {
        let expanded = text(&expand(check::listener, tokens(args), tokens(item)));
        assert!(expanded.contains(&text(&tokens(bare))), "{expanded}");
        assert!(!expanded.contains("#[header"), "{expanded}");
    }
}

#[test]
fn what_is_no_function_is_left_alone() {
    let expanded = text(&expand(check::listener, tokens("topic = \"a\""), tokens("struct S { x: u8 }")));
    assert!(expanded.ends_with("structS{x:u8}"), "{expanded}");
}
