//! An attribute's tokens and its item in; a [`Model`] out, or every mistake. The only place that makes a model. What
//! concerns one value alone, or the function alone, is judged in `value.rs` and `function.rs`; here, what they do to
//! each other.

use std::collections::HashMap;

use proc_macro2::{Ident, TokenStream};
use syn::{Expr, LitStr, Path, parse_quote};

use crate::args::{self, Args, Given};
use crate::chain::{Chain, next_delay};
use crate::errors::Errors;
use crate::function::Function;
use crate::model::{Model, Number, Role, Setting, Value};
use crate::{text, value};

/// The most characters Kafka takes in a topic's name.
const LONGEST_NAME: usize = 249;

/// Ten years, in milliseconds: further away, only a mistake can lie.
const LONGEST_DELAY: u64 = 10 * 365 * 24 * 60 * 60 * 1000;

/// Judges `#[kafka_listener(tokens)]` on `item`.
pub(crate) fn listener(tokens: TokenStream, item: TokenStream) -> Result<Model, Errors> {
    let mut errors = Errors::default();
    let args = args::parse(tokens, &mut errors);
    // A key that was not understood may be the very one that is missing.
    let all_keys_known = errors.is_empty();
    let settings = Settings::judge(&args, &mut errors);
    if all_keys_known {
        settings.check_topic_is_given(&mut errors);
        settings.check_effects(&mut errors);
    }
    settings.check_delays(&mut errors);
    settings.check_names(&mut errors);
    let krate = args.krate().cloned();
    finish(Some(Role::Listener(settings.good)), krate, "kafka_listener", item, errors)
}

/// Judges `#[dlt_handler(tokens)]` on `item`.
pub(crate) fn dlt_handler(tokens: TokenStream, item: TokenStream) -> Result<Model, Errors> {
    let mut errors = Errors::default();
    let (listener, krate) = errors.keep(args::parse_dlt_handler(tokens)).unzip();
    finish(listener.map(Role::DltHandler), krate.flatten(), "dlt_handler", item, errors)
}

fn finish(
    role: Option<Role>,
    krate: Option<Path>,
    attribute: &str,
    item: TokenStream,
    mut errors: Errors,
) -> Result<Model, Errors> {
    let function = errors.keep(syn::parse2::<Function>(item).map_err(|error| {
        syn::Error::new(error.span(), format_args!("`#[{attribute}]` stands on a function, `async fn` or `fn`"))
    }));
    let parameters = function.as_ref().map(|function| function.check(attribute, &mut errors)).unwrap_or_default();
    let krate = krate.unwrap_or_else(|| parse_quote!(::kafka_listen));
    let model = role.zip(function).map(|(role, function)| Model { role, krate, function, parameters });
    errors.or(model)
}

/// The keys that were given, and the values that are good.
struct Settings<'a> {
    args: &'a Args,
    good: Vec<Setting>,
}

impl<'a> Settings<'a> {
    fn judge(args: &'a Args, errors: &mut Errors) -> Self {
        let mut good = Vec::new();
        for arg in &args.0 {
            let value = match &arg.given {
                Some(Given::Value(expr)) => errors.keep(value::judge(arg.key, expr)).flatten(),
                Some(Given::List(exprs)) => {
                    let topics = exprs.iter().filter_map(|expr| errors.keep(value::topic(arg.key, expr))).collect();
                    Some(Value::Topics(topics))
                }
                _ => None,
            };
            good.extend(value.map(|value| Setting { name: arg.key.name, at: arg.at.clone(), value }));
        }
        Self { args, good }
    }

    fn check_topic_is_given(&self, errors: &mut Errors) {
        match (self.key("topic"), self.key("topics")) {
            (Some(_), Some(topics)) => {
                errors.at(topics, "`topic` is given too: list it in `topics`, and leave `topic` out");
            }
            (None, None) => errors.missing("a topic is missing: write `topic = \"email.send\"`"),
            _ => {}
        }
    }

    /// What does nothing is most likely meant to do something.
    fn check_effects(&self, errors: &mut Errors) {
        let deliveries = match (self.key("attempts"), self.value("attempts")) {
            (None, _) => Some("without `attempts` there are none: add `attempts = 5`"),
            (_, Some(Value::Whole(Number::Literal(1)))) => Some("with `attempts = 1` there are none: leave it out"),
            _ => None,
        };
        for name in ["backoff", "retry_suffix", "suffix", "same_delay"] {
            if let (Some(key), Some(why)) = (self.key(name), deliveries) {
                errors.at(key, format_args!("`{name}` is about retry topics, and {why}"));
            }
        }
        let names: Option<Vec<_>> = self.topics().into_iter().map(filled).collect();
        let no_dlt = names.is_some_and(|names| !names.iter().any(|name| self.has_dlt(name)));
        if let (Some(key), true) = (self.key("dlt_suffix"), no_dlt) {
            let why = match self.key("dlt") {
                Some(_) => "with `dlt = false` there is none: leave it out",
                None => "a dead-letter topic has none of its own: leave it out, or add `dlt = true`",
            };
            errors.at(key, format_args!("`dlt_suffix` names the dead-letter topic, and {why}"));
        }
        let creates = self.flag("auto_create", true);
        for name in ["auto_create", "partitions", "replication"] {
            let Some(key) = self.key(name) else { continue };
            if no_dlt && deliveries.is_some() {
                errors.at(
                    key,
                    format_args!("`{name}` is about created topics, and this listener has none: leave it out"),
                );
            } else if !creates && name != "auto_create" {
                errors.at(
                    key,
                    format_args!(
                        "`{name}` is about created topics, and `auto_create = false` creates none: leave it out"
                    ),
                );
            }
        }
        if let (Some(key), None) = (self.key("max_delay"), self.key("multiplier")) {
            errors.at(key, "`max_delay` does nothing: without `multiplier` all delays are equal");
        }
    }

    fn check_delays(&self, errors: &mut Errors) {
        let Some(chain) = self.chain() else { return };
        if chain.delay > chain.max_delay {
            let at = self.expr("delay").or(self.expr("max_delay"));
            let default = if self.key("delay").is_none() { " (the default)" } else { "" };
            let (delay, longest) = (chain.delay, chain.max_delay);
            errors.at(at, format_args!("`delay` is {delay} ms{default}, longer than `max_delay`, {longest} ms"));
        } else if chain.multiplier > 1.0 && next_delay(chain.delay, chain.multiplier) == chain.delay {
            let (delay, multiplier) = (chain.delay, chain.multiplier);
            errors.at(
                self.expr("multiplier"),
                format_args!("`multiplier` does nothing: {delay} ms × {multiplier} is {delay} ms again, since parts of a millisecond are cut off"),
            );
        } else if let Some(place) = chain.delays().iter().position(|delay| *delay > LONGEST_DELAY) {
            let message = match place {
                0 => "`delay` is over ten years".to_owned(),
                _ => format!(
                    "delay number {} would be over ten years: add `max_delay`, or write fewer `attempts`",
                    place + 1
                ),
            };
            errors.at(self.expr("multiplier").filter(|_| place > 0).or(self.expr("delay")), message);
        }
    }

    /// All topics of all chains: names that Kafka takes, and no two alike.
    fn check_names(&self, errors: &mut Errors) {
        let topics = self.topics();
        let chain = self.chain();
        let retry_suffixes = chain.as_ref().map(Chain::suffixes).unwrap_or_default();
        let mut seen = HashMap::new();
        for topic in &topics {
            let Some(name) = filled(topic) else { continue };
            if seen.insert(name.clone(), format!("the topic `{name}` itself")).is_some() {
                errors.at(topic, format_args!("the topic `{name}` is listed twice"));
                return;
            }
        }
        for topic in topics {
            let Some(name) = filled(topic) else { continue };
            let retries = retry_suffixes.iter().map(|suffix| (suffix, "a retry topic"));
            let dlt = self.text("dlt_suffix", "-dlt").filter(|_| self.has_dlt(&name));
            let links: Vec<_> = retries.chain(dlt.iter().map(|suffix| (suffix, "the dead-letter topic"))).collect();
            let longest = links.iter().max_by_key(|(suffix, _)| suffix.len());
            let longest =
                longest.map_or((name.clone(), "the topic"), |(suffix, what)| (format!("{name}{suffix}"), *what));
            if longest.0.len() > LONGEST_NAME {
                let (long, what) = (longest.0.len(), longest.1);
                errors.at(
                    topic,
                    format_args!("the name of {what} would have {long} characters; Kafka takes {LONGEST_NAME}"),
                );
                continue;
            }
            for (suffix, what) in links {
                let link = format!("{name}{suffix}");
                if let Some(other) = seen.insert(link.clone(), format!("{what} of `{name}`")) {
                    errors.at(
                        topic,
                        format_args!(
                            "{what} of `{name}` would be called `{link}`, and so is {other}: choose other suffixes"
                        ),
                    );
                    return;
                }
            }
        }
    }

    /// The chain, as far as literals and defaults of placeholders tell it.
    fn chain(&self) -> Option<Chain> {
        let multiplier = match (self.key("multiplier"), self.value("multiplier")) {
            (None, _) => 1.0,
            (_, Some(Value::Decimal(number))) => number.known()?,
            _ => return None,
        };
        Some(Chain {
            attempts: self.whole("attempts", 1)?,
            delay: self.whole("delay", 1000)?,
            multiplier,
            max_delay: self.whole("max_delay", u64::MAX)?,
            retry_suffix: self.text("retry_suffix", "-retry")?,
            by_index: self.variant("suffix") == Some("Index"),
            multiple: self.variant("same_delay") == Some("Multiple"),
        })
    }

    /// A dead-letter topic has none of its own, unless that is asked for.
    fn has_dlt(&self, topic: &str) -> bool {
        let end = topic.rsplit_once(['.', '-', '_']).map_or("", |(_, end)| end);
        self.flag("dlt", !["dlt", "dlq"].iter().any(|dlt| dlt.eq_ignore_ascii_case(end)))
    }

    fn key(&self, name: &str) -> Option<&'a Ident> {
        self.args.0.iter().find(|arg| arg.key.name == name).map(|arg| &arg.at)
    }

    fn expr(&self, name: &str) -> Option<&'a Expr> {
        match &self.args.0.iter().find(|arg| arg.key.name == name)?.given {
            Some(Given::Value(expr)) => Some(expr),
            _ => None,
        }
    }

    fn value(&self, name: &str) -> Option<&Value> {
        self.good.iter().find(|setting| setting.name == name).map(|setting| &setting.value)
    }

    fn whole(&self, name: &str, default: u64) -> Option<u64> {
        match (self.key(name), self.value(name)) {
            (None, _) => Some(default),
            (_, Some(Value::Whole(number))) => number.known(),
            _ => None,
        }
    }

    fn text(&self, name: &str, default: &str) -> Option<String> {
        match (self.key(name), self.value(name)) {
            (None, _) => Some(default.to_owned()),
            (_, Some(Value::Text(text))) => filled(text),
            _ => None,
        }
    }

    fn flag(&self, name: &str, default: bool) -> bool {
        match self.value(name) {
            Some(Value::Flag(flag)) => flag.value,
            _ => default,
        }
    }

    fn variant(&self, name: &str) -> Option<&'static str> {
        match self.value(name)? {
            Value::Variant { name, .. } => Some(name),
            _ => None,
        }
    }

    fn topics(&self) -> Vec<&LitStr> {
        let lists = self.good.iter().filter_map(|setting| match &setting.value {
            Value::Topics(topics) => Some(topics),
            _ => None,
        });
        lists.flatten().collect()
    }
}

/// A text with the defaults of its placeholders, if all have one.
fn filled(text: &LitStr) -> Option<String> {
    text::Template::parse(&text.value()).ok()?.filled
}
