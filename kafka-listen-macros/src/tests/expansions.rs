//! What the attributes expand to, every form of them, as `cargo expand` would show it.

use insta::assert_snapshot;

use super::tokens;
use crate::expand::expand_shared;
use crate::{check, expand};

fn listener(args: &str, item: &str) -> String {
    pretty(expand(check::listener, tokens(args), tokens(item)))
}

fn dlt_handler(args: &str, item: &str) -> String {
    pretty(expand(check::dlt_handler, tokens(args), tokens(item)))
}

fn pretty(tokens: proc_macro2::TokenStream) -> String {
    prettyplease::unparse(&syn::parse2(tokens).expect("an expansion is Rust"))
}

#[test]
fn the_email_listener_in_forty_lines() {
    let expanded = listener(
        r#"topic = "email.send", group = "email", attempts = 5, backoff(delay = 1000, multiplier = 2), dlt_suffix = ".dlt""#,
        "async fn send_email(Json(email): Json<Email>, State(smtp): State<Smtp>) -> Result<(), SendError> { smtp.send(&email).await }",
    );
    assert!(expanded.lines().count() <= 40, "{} lines", expanded.lines().count());
    assert_snapshot!(expanded);
}

#[test]
fn the_least_there_is() {
    assert_snapshot!(listener(r#"topic = "a""#, "async fn f() {}"));
}

#[test]
fn a_plain_fn_may_block() {
    assert_snapshot!(listener(r#"topic = "a""#, "pub fn import(_: &[u8]) -> anyhow::Result<()> { todo!() }"));
}

#[test]
fn every_key() {
    assert_snapshot!(listener(
        r#"topics("a", "b"), group = "g", id = "i", concurrency = 8, order = "key", filter = filters::is_wanted, attempts = 3,
           backoff(delay = "1s", multiplier = 1.5, max_delay = "1m", jitter = 0.2),
           blocking(attempts = 3, delay = 100, multiplier = 2, max_delay = 150), handler_timeout = "30s", properties("fetch.max.bytes" = "1", "client.id" = "${POD:p}"), auto_start = false, max_retry_after = "2h", retry_suffix = "-again",
           dlt_suffix = ".dlt", suffix = "index", same_delay = "multiple", dlt = true, dlt_on_error = "skip", timeout = "1h",
           dlt_route("validation"), dlt_route("-fraud"), offset_reset = "latest",
           auto_create = true, partitions = 6, replication = 3, retention = "7d", group_naming = "per-topic""#,
        "async fn f() {}",
    ));
}

#[test]
fn topics_by_a_pattern() {
    assert_snapshot!(listener(r#"topic_pattern = "^a\\.""#, "async fn f() {}"));
}

#[test]
fn errors_that_are_judged() {
    assert_snapshot!(listener(
        r#"topic = "a", classify = errors::classify"#,
        "async fn f() -> Result<(), SendError> { Ok(()) }",
    ));
}

#[test]
fn errors_that_match() {
    assert_snapshot!(listener(
        r#"topic = "a", attempts = 3, fatal(SendError::BadAddress | SendError::Http { code: 400..=499 }),
           blocking(retry_on(SendError::Io(e) if e.kind() == Interrupted)),
           dlt_route("validation", SendError::BadAddress), dlt_route("unjudged"), dlt_route("fraud", SendError::Fraud(_))"#,
        "async fn f() -> Result<(), SendError> { Ok(()) }",
    ));
}

#[test]
fn a_batch() {
    assert_snapshot!(listener(
        r#"topic = "a", batch(max = 100, wait = "200ms")"#,
        "async fn f(mails: Vec<(Key<&str>, Json<Mail<'_>>)>, State(smtp): State<Smtp>) -> Vec<Result<(), SendError>> {}",
    ));
}

#[test]
fn errors_that_alone_are_tried_again() {
    assert_snapshot!(listener(
        r#"topic = "a", retry_on(e if e.is::<io::Error>())"#,
        "async fn f() -> anyhow::Result<()> { Ok(()) }",
    ));
}

#[test]
fn a_batch_of_a_plain_fn_whose_errors_are_judged() {
    assert_snapshot!(listener(
        r#"topic = "a", batch(max = LARGEST, wait = "${WAIT:1s}"), classify = classify"#,
        "fn f(values: std::vec::Vec<&[u8]>) -> Result<(), SendError> {}",
    ));
}

#[test]
fn numbers_that_are_known_later() {
    assert_snapshot!(listener(
        r#"topic = "${TOPIC:a}", attempts = "${ATTEMPTS:5}", concurrency = LIMIT,
           backoff(delay = config::DELAY * 2, multiplier = "${M}", max_delay = MAX),
           blocking(attempts = "${TRIES}", delay = PAUSE), handler_timeout = LIMIT"#,
        "async fn f() {}",
    ));
}

#[test]
fn headers_and_what_borrows() {
    assert_snapshot!(listener(
        r#"topic = "a""#,
        r#"async fn f(#[header("x-tenant")] tenant: &str, mut mail: Json<Mail<'_>>, _: &Delivery<'_>) {}"#,
    ));
}

#[test]
fn another_path_to_the_runtime() {
    assert_snapshot!(listener(r#"topic = "a", crate = ::platform::kafka"#, "async fn f() {}"));
}

#[test]
fn attributes_that_concern_the_registration_too() {
    assert_snapshot!(listener(
        r#"topic = "a", dlt = false"#,
        r#"/// Docs.
           #[tracing::instrument] #[cfg(feature = "mail")] #[allow(clippy::unused_async)] #[deprecated]
           pub(crate) async fn r#async() {}"#,
    ));
}

/// The headers stay for the next one.
#[test]
fn the_first_of_two_listeners() {
    assert_snapshot!(listener(
        r#"topic = "a", id = "first""#,
        r#"#[kafka_listener(topic = "b")] async fn f(#[header("x-tenant")] tenant: &str) {}"#,
    ));
}

#[test]
fn a_dlt_handler() {
    assert_snapshot!(dlt_handler(
        "crate::mail::send_email",
        "async fn email_is_dead(email: Result<Json<Email>, Rejection>, error: LastError) { alert(&error).await }",
    ));
}

#[test]
fn a_plain_dlt_handler() {
    assert_snapshot!(dlt_handler("send_email, crate = ::platform::kafka", "fn dead(bytes: &[u8]) {}"));
}

#[test]
fn mistakes_and_the_function() {
    assert_snapshot!(listener(r#"topc = "a", attempts = 0"#, r#"async fn f(#[header("x")] x: &str) {}"#));
}

#[test]
fn settings_that_are_shared() {
    let expanded = check::shared(tokens(r#"attempts = N, backoff(delay = "1s"), dlt_suffix = ".dlt""#));
    let expanded = expanded.map(|model| expand_shared(&model)).unwrap_or_else(|_| panic!("nothing is wrong"));
    assert_snapshot!(pretty(quote::quote!(const SHARED: Settings = #expanded;)));
}

#[test]
fn settings_that_are_taken() {
    assert_snapshot!(listener(r#"topic = "a", attempts = 3, settings = retries::PATIENT"#, "async fn f() {}"));
}
