//! The keys of `#[kafka_listener]` in, each with its value out, as far as literals and defaults of placeholders tell it. Each
//! value is judged by itself; what they do to each other is judged by those who ask here.

use proc_macro2::Ident;
use syn::{Expr, LitStr};

use crate::args::{Args, Given};
use crate::errors::Errors;
use crate::keys::{Key, OWN, Takes};
use crate::model::{Setting, Value, Written};
use crate::{text, value};

/// The keys that were given, and the values that are good.
pub(crate) struct Settings<'a> {
    args: &'a Args,
    /// Those whose values are good.
    pub(crate) good: Vec<Setting>,
    /// Whether what is not given here may be given elsewhere: by shared settings, or by who shares these.
    pub(crate) open: bool,
}

impl<'a> Settings<'a> {
    /// Judges each value by itself.
    pub(crate) fn judge(args: &'a Args, errors: &mut Errors) -> Self {
        let mut good = Vec::new();
        for arg in &args.0 {
            let value = match &arg.given {
                Some(Given::Value(expr)) => errors.keep(value::judge(arg.key, expr)).flatten(),
                Some(Given::List(exprs)) => {
                    let topics = exprs.iter().filter_map(|expr| errors.keep(value::topic(arg.key, expr))).collect();
                    Some(Value::Topics(topics))
                }
                Some(Given::Pattern(_)) if arg.key.sets == "blocking_retry_on" => Some(Value::Given),
                Some(Given::Pairs(pairs)) => Some(Value::Properties(properties(arg.key, pairs, errors))),
                Some(Given::Path(path)) if matches!(arg.key.takes, Takes::Path) => Some(Value::Path(path.clone())),
                _ => None,
            };
            good.extend(value.map(|value| Setting { name: arg.key.sets, at: arg.at.clone(), value }));
        }
        good.extend(Self::routes_of(args, errors));
        let open = args.0.iter().any(|arg| arg.key.sets == "settings");
        Self { args, good, open }
    }

    /// The same for settings that listeners are to share.
    pub(crate) fn judge_shared(args: &'a Args, errors: &mut Errors) -> Self {
        for arg in args.0.iter().filter(|arg| OWN.contains(&arg.key.name)) {
            errors.at(&arg.at, format_args!("`{}` is each listener's own: write it in the attribute", arg.at));
        }
        Self { open: true, ..Self::judge(args, errors) }
    }

    /// What holds for a key that is not given, if it is known.
    fn default<T>(&self, value: T) -> Option<T> {
        (!self.open).then_some(value)
    }

    /// However often they are written, the routes are one list.
    fn routes_of(args: &Args, errors: &mut Errors) -> Option<Setting> {
        let routes = args.0.iter().filter_map(|arg| match &arg.given {
            Some(Given::Route(name, _)) => Some((arg, name)),
            _ => None,
        });
        let at = routes.clone().next()?.0.at.clone();
        let names = routes.filter_map(|(arg, name)| errors.keep(value::suffix(arg.key, name))).collect();
        Some(Setting { name: "dlt_route", at, value: Value::Routes(names) })
    }

    /// A dead-letter topic has none of its own, unless that is asked for. `None`: it is known at start-up only.
    pub(crate) fn has_dlt(&self, topic: &str) -> Option<bool> {
        let end = topic.rsplit_once(['.', '-', '_']).map_or("", |(_, end)| end);
        self.flag("dlt", !["dlt", "dlq"].iter().any(|dlt| dlt.eq_ignore_ascii_case(end)))
    }

    /// Where a key stands, if it was given.
    pub(crate) fn key(&self, name: &str) -> Option<&'a Ident> {
        self.args.0.iter().find(|arg| arg.key.sets == name).map(|arg| &arg.at)
    }

    /// The value of a key as it was written.
    pub(crate) fn expr(&self, name: &str) -> Option<&'a Expr> {
        match &self.args.0.iter().find(|arg| arg.key.sets == name)?.given {
            Some(Given::Value(expr)) => Some(expr),
            _ => None,
        }
    }

    /// The value of a key, if it is good.
    pub(crate) fn value(&self, name: &str) -> Option<&Value> {
        self.good.iter().find(|setting| setting.name == name).map(|setting| &setting.value)
    }

    /// A number as far as it is known, or the default.
    pub(crate) fn whole(&self, name: &str, default: u64) -> Option<u64> {
        match (self.key(name), self.value(name)) {
            (None, _) => self.default(default),
            (_, Some(Value::Whole(number))) => number.known(),
            _ => None,
        }
    }

    /// A text as far as it is known, or the default.
    pub(crate) fn text(&self, name: &str, default: &str) -> Option<String> {
        match (self.key(name), self.value(name)) {
            (None, _) => self.default(default.to_owned()),
            (_, Some(Value::Text(text))) => filled(text),
            _ => None,
        }
    }

    /// Whether a text is another one at each start.
    pub(crate) fn is_random(&self, name: &str) -> bool {
        let Some(Value::Text(text)) = self.value(name) else { return false };
        text::Template::parse(&text.value()).is_ok_and(|template| template.random)
    }

    /// A flag as it is written, or the default. `None`: it is known at start-up only.
    pub(crate) fn flag(&self, name: &str, default: bool) -> Option<bool> {
        match self.value(name) {
            Some(Value::Flag(Written::Literal(flag))) => Some(*flag),
            Some(Value::Flag(_)) => None,
            _ => self.default(default),
        }
    }

    /// The variant that a word stands for as far as it is known, or the default.
    pub(crate) fn variant(&self, name: &str, default: &'static str) -> Option<&'static str> {
        match (self.key(name), self.value(name)) {
            (None, _) => self.default(default),
            (_, Some(Value::Variant { name, .. })) => name.known(),
            _ => None,
        }
    }

    /// What dead-letter topics have after the source topic's name, as far as it is known, and what they are: the one for all,
    /// then those of the routes.
    pub(crate) fn dlt_suffixes(&self) -> Vec<(String, String)> {
        let Some(dlt) = self.text("dlt_suffix", "-dlt") else { return Vec::new() };
        let mut suffixes = vec![(dlt.clone(), "the dead-letter topic".to_owned())];
        if let Some(Value::Routes(routes)) = self.value("dlt_route") {
            suffixes.extend(routes.iter().filter_map(filled).map(|route| {
                let separator = if route.starts_with(['-', '.', '_']) { "" } else { "-" };
                (format!("{separator}{route}{dlt}"), format!("the dead-letter topic of the route `{route}`"))
            }));
        }
        suffixes
    }

    /// Each source topic with its name as far as it is known; a pattern stands for all that it matches.
    pub(crate) fn sources(&self) -> Vec<(&LitStr, Option<String>)> {
        let named = self.topics().into_iter().map(|topic| (topic, filled(topic)));
        let pattern = match self.value("topic_pattern") {
            Some(Value::Text(pattern)) => Some((pattern, Some("<topic>".to_owned()))),
            _ => None,
        };
        named.chain(pattern).collect()
    }

    /// The source topics.
    fn topics(&self) -> Vec<&LitStr> {
        let lists = self.good.iter().filter_map(|setting| match &setting.value {
            Value::Topics(topics) => Some(topics),
            _ => None,
        });
        lists.flatten().collect()
    }
}

fn properties(key: &Key, pairs: &[(Expr, Expr)], errors: &mut Errors) -> Vec<(LitStr, LitStr)> {
    let mut good: Vec<(LitStr, LitStr)> = Vec::new();
    for (name, value) in pairs {
        let Some(property) = errors.keep(value::property(key, name, value)) else { continue };
        if good.iter().any(|(other, _)| other.value() == property.0.value()) {
            errors.at(name, "this property is given twice: leave one of them out");
        }
        good.push(property);
    }
    good
}

/// A text with the defaults of its placeholders, if all have one.
pub(crate) fn filled(text: &LitStr) -> Option<String> {
    text::Template::parse(&text.value()).ok()?.filled
}
