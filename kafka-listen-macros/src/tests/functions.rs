//! Functions: what a handler can be, and what `#[dlt_handler]` takes.

use super::{mistakes, tokens};
use crate::check;

#[track_caller]
fn one(item: &str, at: &str, says: &str) {
    let mistakes = mistakes(r#"topic = "a""#, item);
    let [(place, message)] = &mistakes[..] else { panic!("not one mistake in `{item}`: {mistakes:#?}") };
    assert_eq!(place, at, "{item}: {message}");
    assert!(message.contains(says), "{item}: {message}");
}

#[track_caller]
fn fine(item: &str) {
    let mistakes = mistakes(r#"topic = "a""#, item);
    assert!(mistakes.is_empty(), "{item}: {mistakes:#?}");
}

#[test]
fn what_a_handler_cannot_be() {
    for (item, at, says) in [
        ("async fn f<T>(x: Json<T>) {}", "T", "cannot be generic"),
        ("async fn f<const N: usize>() {}", "const N: usize", "cannot be generic"),
        ("async fn f<'a>(x: &'a str) {}", "'a", "leave `'a` out here, and write `'_`"),
        ("async fn f(&self) {}", "&self", "a handler has no `self`"),
        ("async fn f(self: Arc<Self>) {}", "self: Arc<Self>", "a handler has no `self`"),
        ("unsafe fn f() {}", "unsafe", "cannot be `unsafe`"),
        ("const fn f() {}", "const", "cannot be `const`"),
        ("extern \"C\" fn f() {}", "extern \"C\"", "cannot be `extern`"),
        ("async fn f(x: impl Read) {}", "impl", "name the type"),
        ("async fn f(x: Json<Vec<(u8, impl Read)>>) {}", "impl", "name the type"),
        ("fn f() -> impl Future<Output = ()> {}", "impl", "write `async fn` if it is a future"),
        ("struct S;", "struct", "`#[kafka_listener]` stands on a function"),
        (
            "#[kafka_listener(topic = \"b\")] async fn f() {}",
            "#[kafka_listener(topic = \"b\")]",
            "give one of them an `id",
        ),
        ("#[kafka_listen::dlt_handler(x)] fn f() {}", "#[kafka_listen::dlt_handler(x)]", "write a second function"),
    ] {
        one(item, at, says);
    }
    for good in [
        "pub(crate) async fn f() {}",
        "fn f(mut a: A, _: B, C { d, .. }: C, (e, f): (E, F)) {}",
        "async fn f(k: Key<&'static str>) {}",
        "#[kafka_listen::kafka_listener(topic = \"b\", id = \"f_b\")] async fn f() {}",
    ] {
        fine(good);
    }
}

#[test]
fn attributes_of_parameters() {
    let header = "a header's name is a text: write `#[header(\"x-tenant\")]`";
    for (item, at, says) in [
        ("fn f(#[header] x: &str) {}", "header", header),
        ("fn f(#[header = \"x\"] x: &str) {}", "header = \"x\"", header),
        ("fn f(#[header(x)] x: &str) {}", "x", header),
        ("fn f(#[header(\"\")] x: &str) {}", "\"\"", header),
        ("fn f(#[header(\"a\")] #[header(\"b\")] x: &str) {}", "#[header(\"b\")]", "read from one header"),
        ("fn f(#[cfg(unix)] x: &str) {}", "#[cfg(unix)]", "cannot be conditional"),
        (
            "fn f(#[cfg_attr(unix, allow(unused))] x: &str) {}",
            "#[cfg_attr(unix, allow(unused))]",
            "cannot be conditional",
        ),
    ] {
        one(item, at, says);
    }
    fine("fn f(#[header(\"x-tenant\")] tenant: &str, #[allow(unused)] x: Topic) {}");
}

#[test]
fn a_slip_in_the_body_hides_nothing() {
    one("unsafe fn f() { let = ; some @ garbage }", "unsafe", "cannot be `unsafe`");
}

#[test]
fn a_parameter_is_told_as_it_is_written() {
    let item = "fn f(Json(mail): Json<Mail<'_>>, mut a: Option<&[u8]>, _: &Delivery<'_>, Point { x, .. }: Point,
        f: State<fn(&str, u8) -> Vec<Vec<u8>>>, k: std::sync::Arc<dyn Send + 'static>, #[header(\"h\")] a: [u8; 4]) {}";
    let model = check::listener(tokens("topic = \"a\""), tokens(item)).ok();
    let told: Vec<_> = model.into_iter().flat_map(|model| model.parameters).map(|parameter| parameter.text).collect();
    let written = [
        "Json(mail): Json<Mail<'_>>",
        "mut a: Option<&[u8]>",
        "_: &Delivery<'_>",
        "Point { x, .. }: Point",
        "f: State<fn(&str, u8) -> Vec<Vec<u8>>>",
        "k: std::sync::Arc<dyn Send + 'static>",
        "a: [u8; 4]",
    ];
    assert_eq!(told, written);
}

#[test]
fn a_dlt_handler_names_a_function() {
    let mistakes = |args: &str| match check::dlt_handler(tokens(args), tokens("async fn dead() {}")) {
        Ok(_) => Vec::new(),
        Err(errors) => errors.told(),
    };
    for good in ["send_email", "crate::a::b", "self::x", "super::x", "::other::x,", "x, crate = ::my::kafka"] {
        assert!(mistakes(good).is_empty(), "{good}: {:#?}", mistakes(good));
    }
    for (args, at, says) in [
        ("\"send_email\"", "\"send_email\"", "a path has no quotes: write `#[dlt_handler(send_email)]`"),
        ("send_email()", "(", "and nothing else"),
        ("send_email, group = \"x\"", "group", "and nothing else"),
        ("5", "5", "this is no path"),
        ("x, crate", "crate", "`crate` is written `crate = ::kafka_listen`"),
        ("x, crate = \"::a\"", "\"::a\"", "a path has no quotes: write `crate = ::kafka_listen`"),
    ] {
        let mistakes = mistakes(args);
        let [(place, message)] = &mistakes[..] else { panic!("not one mistake in `{args}`: {mistakes:#?}") };
        assert_eq!(place, at, "{args}: {message}");
        assert!(message.contains(says), "{args}: {message}");
    }
    assert!(mistakes("")[0].1.starts_with("a listener is missing"));
}

#[test]
fn a_plain_fn_cannot_be_ended() {
    let limited = |item| mistakes(r#"topic = "a", handler_timeout = "1s""#, item);
    assert!(limited("async fn f() {}").is_empty());
    let [(place, message)] = &limited("fn f() {}")[..] else { panic!("one mistake") };
    assert_eq!(place, "handler_timeout");
    assert!(message.contains("cannot end a plain `fn`"), "{message}");
}

#[test]
fn where_there_are_no_errors_none_is_judged() {
    let judged = |item| mistakes(r#"topic = "a", classify = errors::classify::<A, B>"#, item);
    assert!(judged("fn f() -> Result<(), E> {}").is_empty());
    let [(place, message)] = &judged("async fn f() {}")[..] else { panic!("one mistake") };
    assert_eq!(place, "classify");
    assert!(message.contains("this one returns none"), "{message}");
}

#[test]
fn listeners_of_one_function_have_ids_of_their_own() {
    let item = "#[kafka_listener(topic = \"b\", id = \"f\")] async fn f() {}";
    let mistakes = |id: &str| mistakes(&format!("topic = \"a\", id = \"{id}\""), item);
    assert!(mistakes("other").is_empty());
    let [(place, message)] = &mistakes("f")[..] else { panic!("one mistake") };
    assert_eq!(place, "#[kafka_listener(topic = \"b\", id = \"f\")]");
    assert!(message.contains("two listeners of `f` have the id `f`"), "{message}");
}

#[test]
fn a_vec_without_batch_is_told_how_records_come_together() {
    let add_it = "where the attribute has `batch(max = 100)`: add it";
    for (parameter, at, says) in [
        ("mails: Vec<Json<Mail>>", "Vec<Json<Mail>>", add_it),
        ("_: Vec<(&str, Key<&str>)>", "Vec<(&str, Key<&str>)>", add_it),
        ("_: std::vec::Vec<Mail>", "std::vec::Vec<Mail>", add_it),
        ("_: Vec<Mail>", "Vec<Mail>", "for one record whose JSON is a list write `Json<Vec<Mail>>`"),
        ("_: Vec<u8>", "Vec<u8>", "write `&[u8]` or `Bytes`"),
    ] {
        one(&format!("async fn f({parameter}) {{}}"), at, says);
    }
    fine("async fn f(Json(mails): Json<Vec<Mail>>, #[header(\"x\")] x: Vec<u8>) {}");
    let unknown = mistakes(r#"topic = "a", bach(max = 5)"#, "async fn f(_: Vec<&str>) {}");
    assert!(matches!(&unknown[..], [(at, _)] if at == "bach"), "it is said already: {unknown:?}");
}

/// What is wrong with a function that takes batches: the text each mistake points at, and a part of what it says.
#[test]
fn a_batch_is_one_vec() {
    let mistakes_of = |parameters: &str| {
        let function = format!("async fn send_all({parameters}) {{}}");
        mistakes(r#"topic = "a", batch(max = 10)"#, &function)
    };
    for (parameters, at, says) in [
        ("", "send_all", "add a parameter such as `mails: Vec<Json<Mail>>`"),
        ("State(smtp): State<Smtp>", "send_all", "in a `Vec`"),
        ("mail: Json<Mail>", "send_all", "in a `Vec`"),
        ("_: Vec<&str>, keys: Vec<Key<&str>>", "Vec<Key<&str>>", "as a tuple"),
        ("_: Vec<(&str, Ack)>", "Ack", "`Vec<Result<(), E>>`"),
        ("_: Vec<&str>, ack: kafka_listen::Ack", "Ack", "`Vec<Result<(), E>>`"),
        ("_: Vec<&str>, #[header(\"x-tenant\")] tenant: &str", "\"x-tenant\"", "`Vec<(Headers<'_>, Json<Mail>)>`"),
    ] {
        let mistakes = mistakes_of(parameters);
        let [(place, message)] = &mistakes[..] else { panic!("not one mistake in `{parameters}`: {mistakes:#?}") };
        assert_eq!(place, at, "{parameters}: {message}");
        assert!(message.contains(says), "{parameters}: {message}");
    }
    assert_eq!(mistakes_of("_: std::vec::Vec<&str>, State(smtp): State<Smtp>, _: Cancel"), []);
}
