//! Patterns on errors and routes of dead letters: how they are written, and what they do beside other keys.

use super::{fine, mistakes, one_on, tokens};
use crate::check;

const HANDLER: &str = "async fn send_email(Json(email): Json<Email>) -> Result<(), SendError> {}";

/// `#[kafka_listener(args)]` on a handler with errors has one mistake, at the text `at`, and `says` so.
#[track_caller]
fn one(args: &str, at: &str, says: &str) {
    one_on(HANDLER, args, at, says);
}

#[track_caller]
fn good(args: &str) {
    let judged = check::listener(tokens(args), tokens(HANDLER));
    assert!(judged.is_ok(), "{args}: {:#?}", mistakes(args, HANDLER));
}

#[test]
fn patterns_are_rusts_own() {
    for pattern in [
        "SendError::BadAddress",
        "SendError::BadAddress | SendError::Http { code: 400..=499 }",
        "| SendError::BadAddress,",
        "SendError::Io(_)",
        "crate::mail::SendError::Http { code, .. } if *code < 500",
        "e if e.is::<io::Error>()",
        r#"s if s.contains("no such user")"#,
        "_ if is_fatal()",
        "error @ (SendError::Io(_) | SendError::Http { .. })",
        "Text(\"x\") | &Text(_)",
    ] {
        good(&format!(r#"topic = "a", attempts = 3, fatal({pattern})"#));
        good(&format!(r#"topic = "a", retry_on({pattern})"#));
        good(&format!(r#"topic = "a", blocking(retry_on({pattern}))"#));
        good(&format!(r#"topic = "a", attempts = 3, dlt_route("validation", {pattern})"#));
    }
}

#[test]
fn what_matches_every_error_is_refused() {
    for (pattern, at, says) in [
        ("_", "_", "`_` matches every error: name some by their path"),
        ("Timeout", "Timeout", "write the path of the one that is meant, as in `SendError::Timeout`"),
        ("SendError::Io(_) | Timeout", "Timeout", "`Timeout` alone is a new name"),
        ("(_)", "_", "`_` matches every error"),
        ("&_", "_", "`_` matches every error"),
        ("error @ _", "_", "`_` matches every error"),
    ] {
        for key in ["fatal", "retry_on"] {
            one(&format!(r#"topic = "a", attempts = 3, {key}({pattern})"#), at, says);
        }
        one(&format!(r#"topic = "a", blocking(retry_on({pattern}))"#), at, says);
        one(&format!(r#"topic = "a", dlt_route("x", {pattern})"#), at, says);
    }
    let both = r#"topic = "a", attempts = 3, fatal(_ | Timeout)"#;
    assert_eq!(mistakes(both, HANDLER).len(), 2);
}

#[test]
fn a_pattern_is_written_in_its_own_way() {
    for (args, at, says) in [
        (r#"topic = "a", fatal"#, "fatal", "`fatal` is written `fatal(SendError::BadAddress)`"),
        (r#"topic = "a", fatal()"#, "fatal", "`fatal` is written"),
        (r#"topic = "a", retry_on = SendError::Io"#, "retry_on", "`retry_on` is written `retry_on(SendError::Busy"),
        (r#"topic = "a", fatal(E::A, E::B)"#, "E", "write `|` between patterns"),
        (r#"topic = "a", fatal(E::A E::B)"#, "E", "write `|` between patterns"),
        (r#"topic = "a", dlt_route = "x""#, "dlt_route", "`dlt_route` is written `dlt_route(\"validation\", "),
        (r#"topic = "a", dlt_route()"#, "dlt_route", "`dlt_route` is written"),
        (r#"topic = "a", dlt_route(E::A)"#, "E", "a route begins with its name: write `dlt_route(\"validation\", "),
        (r#"topic = "a", dlt_route("a b", E::A)"#, "\"a b\"", "a topic's suffix cannot have the character ' '"),
        (r#"topic = "a", dlt_route("", E::A)"#, "\"\"", "`dlt_route` is empty"),
    ] {
        one(args, at, says);
    }
}

#[test]
fn one_key_alone_says_what_is_tried_again() {
    let says = "cannot stand beside";
    one(
        r#"topic = "a", attempts = 3, retry_on(E::A), fatal(E::B)"#,
        "fatal",
        "what `retry_on` does not match is fatal already",
    );
    one(r#"topic = "a", attempts = 3, fatal(E::B), retry_on(E::A)"#, "retry_on", says);
    one(r#"topic = "a", attempts = 3, classify = judge, fatal(E::B)"#, "fatal", says);
    one(r#"topic = "a", attempts = 3, retry_on(E::A), classify = judge"#, "classify", says);
    one(r#"topic = "a", attempts = 3, fatal(E::A), fatal(E::B)"#, "fatal", "`fatal` is given twice");
    let all = mistakes(r#"topic = "a", attempts = 3, fatal(E::A), retry_on(E::B), classify = judge"#, HANDLER);
    assert_eq!(all.len(), 2);
    good(r#"topic = "a", attempts = 3, fatal(E::A), blocking(retry_on(E::B)), dlt_route("x", E::A)"#);
    good(r#"topic = "a", attempts = 3, classify = judge, blocking(retry_on(E::B)), dlt_route("x", E::A)"#);
}

#[test]
fn a_handler_without_errors_has_none_to_be_judged() {
    for (args, at) in [
        (r#"topic = "a", attempts = 3, retry_on(E::A)"#, "retry_on"),
        (r#"topic = "a", attempts = 3, fatal(E::A)"#, "fatal"),
        (r#"topic = "a", blocking(retry_on(E::A))"#, "retry_on"),
        (r#"topic = "a", dlt_route("x", E::A)"#, "dlt_route"),
    ] {
        let mistakes = mistakes(args, "async fn f() {}");
        let [(place, message)] = &mistakes[..] else { panic!("not one mistake in `{args}`: {mistakes:#?}") };
        assert_eq!(place, at, "{message}");
        assert!(message.contains("and this one returns none: leave it out"), "{message}");
    }
    // A panic, or an outcome, may still ask for it.
    fine(r#"topic = "a", dlt_route("x")"#);
}

#[test]
fn what_does_nothing_is_refused() {
    for name in ["timeout = 1000", "retry_on(E::A)", "fatal(E::A)"] {
        let at = name.split(['(', ' ']).next().unwrap();
        for once in ["attempts = 1", "attempts = 1, blocking(attempts = 1)", "blocking(attempts = 1)"] {
            let args = format!(r#"topic = "a", {once}, {name}"#);
            let about_this = mistakes(&args, HANDLER).into_iter().any(|(place, message)| {
                place == at && message.contains("is about retries, and with `attempts = 1` there are none")
            });
            assert!(about_this, "{args}: {:?}", mistakes(&args, HANDLER));
        }
        for some in
            ["", "attempts = 2,", "attempts = 1, blocking(attempts = 2),", r#"attempts = "${N:1}","#, "attempts = N,"]
        {
            good(&format!(r#"topic = "a", {some} {name}"#));
        }
        good(&format!(r#"topic = "a.dlt", attempts = 1, {name}"#));
    }
    one(r#"topic = "a", dlt = false, dlt_route("x", E::A)"#, "dlt_route", "with `dlt = false` there is none");
    one(r#"topic = "a", dlt = false, dlt_on_error = "skip""#, "dlt_on_error", "with `dlt = false` there is none");
    one(r#"topic = "a.dlt", dlt_route("x", E::A)"#, "dlt_route", "a dead-letter topic has none of its own");
    one(r#"topic = "a", blocking(attempts = 1, retry_on(E::A))"#, "retry_on", "with `attempts = 1` there is one");
}

#[test]
fn routes_are_topics_like_others() {
    one(
        r#"topic = "a", dlt_route("x", E::A), dlt_route("x", E::B)"#,
        "\"x\"",
        "the route `x` is given twice: write one, with `|` between the patterns",
    );
    one(
        r#"topic = "a", attempts = 3, backoff(multiplier = 2), dlt_suffix = "-1000", dlt_route("retry", E::A)"#,
        "\"a\"",
        "the dead-letter topic of the route `retry` of `a` would be called `a-retry-1000`, and so is a retry topic of `a`",
    );
    one(
        r#"topic = "a", dlt_route("x", E::A), dlt_route("-x", E::B)"#,
        "\"a\"",
        "the dead-letter topic of the route `-x` of `a` would be called `a-x-dlt`",
    );
    let long = "x".repeat(250 - "a--dlt".len());
    one(&format!(r#"topic = "a", dlt_route("{long}", E::A)"#), "\"a\"", "would have 250 characters; Kafka takes 249");
    good(&format!(r#"topic = "a", dlt_route("{}", E::A)"#, &long[1..]));
}
