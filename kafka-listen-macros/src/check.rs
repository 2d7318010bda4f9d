//! An attribute's tokens and its item in; a [`Model`] out, or every mistake. The only place that makes a model. What
//! concerns one value alone, or the function alone, is judged in `value.rs` and `function.rs`, what
//! they do to each other in `effects.rs`, `delays.rs` and `names.rs`, what is said of errors in `judgement.rs`.

use proc_macro2::TokenStream;
use syn::{Path, parse_quote};

use crate::args;
use crate::errors::Errors;
use crate::function::Function;
use crate::judgement::{self, Judgement};
use crate::model::{Model, Parameter, Role, SharedModel};
use crate::settings::Settings;
use crate::{batch, beside, delays, effects, names};

/// Judges `#[kafka_listener(tokens)]` on `item`.
pub(crate) fn listener(tokens: TokenStream, item: TokenStream) -> Result<Model, Errors> {
    let mut errors = Errors::default();
    let args = args::parse(tokens, &mut errors);
    // A key that was not understood may be the very one that is missing.
    let all_keys_known = errors.is_empty();
    let settings = Settings::judge(&args, &mut errors);
    if all_keys_known {
        check_topic_is_given(&settings, &mut errors);
        effects::check(&settings, &mut errors);
    }
    judgement::check(&args, &mut errors);
    delays::check(&settings, &mut errors);
    names::check(&settings, &mut errors);
    let function = function(item, "kafka_listener", &mut errors);
    if let Some(function) = function.as_ref().filter(|_| all_keys_known) {
        effects::check_on(function, &settings, &mut errors);
        judgement::check_on(function, &args, &mut errors);
        beside::check_ids(function, &settings, &mut errors);
    }
    let mut parameters = parameters(function.as_ref(), "kafka_listener", &mut errors);
    match (&function, settings.key("batch")) {
        (Some(function), Some(_)) => batch::check(function, &mut parameters, &mut errors),
        (_, None) if all_keys_known => {
            let cure = "records come together where the attribute has `batch(max = 100)`: add it";
            batch::refuse_vecs(&parameters, cure, &mut errors);
        }
        _ => {}
    }
    let role = Role::Listener { settings: settings.good, judgement: Judgement::of(&args) };
    finish(Some(role), args.path("crate").cloned(), function, parameters, errors)
}

/// Judges `settings!(tokens)`.
pub(crate) fn shared(tokens: TokenStream) -> Result<SharedModel, Errors> {
    let mut errors = Errors::default();
    let args = args::parse(tokens, &mut errors);
    let all_keys_known = errors.is_empty();
    let settings = Settings::judge_shared(&args, &mut errors);
    if all_keys_known {
        effects::check(&settings, &mut errors);
    }
    delays::check(&settings, &mut errors);
    if all_keys_known && settings.good.is_empty() && errors.is_empty() {
        errors.missing("there is nothing to share: write `settings!(attempts = 5)`");
    }
    let model = SharedModel { krate: runtime(args.path("crate").cloned()), settings: settings.good };
    errors.or(Some(model))
}

/// Judges `#[dlt_handler(tokens)]` on `item`.
pub(crate) fn dlt_handler(tokens: TokenStream, item: TokenStream) -> Result<Model, Errors> {
    let mut errors = Errors::default();
    let (listener, krate) = errors.keep(args::parse_dlt_handler(tokens)).unzip();
    let function = function(item, "dlt_handler", &mut errors);
    let parameters = parameters(function.as_ref(), "dlt_handler", &mut errors);
    batch::refuse_vecs(&parameters, "a DLT handler takes one dead letter at a time", &mut errors);
    finish(listener.map(Role::DltHandler), krate.flatten(), function, parameters, errors)
}

fn function(item: TokenStream, attribute: &str, errors: &mut Errors) -> Option<Function> {
    errors.keep(syn::parse2(item).map_err(|error| {
        syn::Error::new(error.span(), format_args!("`#[{attribute}]` stands on a function, `async fn` or `fn`"))
    }))
}

fn parameters(function: Option<&Function>, attribute: &str, errors: &mut Errors) -> Vec<Parameter> {
    function.map(|function| function.check(attribute, errors)).unwrap_or_default()
}

fn finish(
    role: Option<Role>,
    krate: Option<Path>,
    function: Option<Function>,
    parameters: Vec<Parameter>,
    errors: Errors,
) -> Result<Model, Errors> {
    let krate = runtime(krate);
    let model = role.zip(function).map(|(role, function)| Model { role, krate, function, parameters });
    errors.or(model)
}

/// The crate that expansions speak to.
fn runtime(krate: Option<Path>) -> Path {
    krate.unwrap_or_else(|| parse_quote!(::kafka_listen))
}

fn check_topic_is_given(settings: &Settings<'_>, errors: &mut Errors) {
    let [topic, topics, pattern] = ["topic", "topics", "topic_pattern"].map(|name| settings.key(name));
    if let (Some(_), Some(topics)) = (topic, topics) {
        errors.at(topics, "`topic` is given too: list it in `topics`, and leave `topic` out");
    }
    match (topic.or(topics), pattern) {
        (Some(named), Some(pattern)) => errors.at(
            pattern,
            format_args!(
                "`{named}` is given too: a listener reads either topics by name or all that match; leave one out"
            ),
        ),
        (None, None) => errors.missing("a topic is missing: write `topic = \"email.send\"`"),
        _ => {}
    }
}
