//! One value in, a [`Value`] or what is wrong with it out. Each value is judged by itself; what it does to others is
//! judged elsewhere.

use std::str::FromStr;
use std::time::Duration;

use regex_lite::Regex;
use syn::{Error, Expr, ExprLit, ExprUnary, Lit, LitStr, Result, UnOp};

use crate::delays::LONGEST_DELAY;
use crate::keys::{Key, Longest, Takes};
use crate::meant::{listed, nearest};
use crate::model::{Value, Written};
use crate::text::Template;

/// Judges the value of `key`; nothing, if what the key takes is no single value.
pub(crate) fn judge(key: &Key, expr: &Expr) -> Result<Option<Value>> {
    let value = match &key.takes {
        Takes::Crate | Takes::Function | Takes::Path | Takes::Topics | Takes::Properties | Takes::Keys(_) => {
            return Ok(None);
        }
        Takes::Pattern | Takes::Route => {
            return Ok(None);
        }
        Takes::Topic => Value::Topics(vec![topic(key, expr)?]),
        Takes::Text => Value::Text(text(key, expr)?),
        Takes::TopicPattern => Value::Text(topic_pattern(key, expr)?),
        Takes::RandomText => Value::Text(random_text(key, expr)?),
        Takes::Suffix => Value::Text(suffix(key, expr)?),
        Takes::Flag => Value::Flag(flag(key, expr)?),
        Takes::Word { of, words } => Value::Variant { of, name: word(key, expr, words)? },
        Takes::Count { max, zero } => Value::Whole(count(key, expr, *max, zero)?),
        Takes::Time { zero, longest } => Value::Whole(limited(key, expr, time(key, expr)?, *zero, *longest)?),
        Takes::Decimal { min, max, range } => Value::Decimal(decimal(key, expr, *min..=*max, range)?),
    };
    Ok(Some(value))
}

/// Judges the name of a topic.
pub(crate) fn topic(key: &Key, expr: &Expr) -> Result<LitStr> {
    let name = text(key, expr)?;
    let template = template(&name)?;
    let judged = template.filled.as_deref().unwrap_or(&template.literal);
    if matches!(judged, "." | "..") && template.filled.is_some() {
        return Err(Error::new_spanned(&name, format_args!("`{judged}` cannot be the name of a topic")));
    }
    characters(&name, judged, "the name of a topic")?;
    Ok(name)
}

/// The runtime anchors the whole of it at the beginning of a name, too.
fn topic_pattern(key: &Key, expr: &Expr) -> Result<LitStr> {
    let pattern = text(key, expr)?;
    let Some(filled) = template(&pattern)?.filled else { return Ok(pattern) };
    let problem = match Regex::new(&filled) {
        Err(error) => format!("`{}` is no regular expression: {error}", key.name),
        Ok(_) if !filled.starts_with('^') => {
            format!("`{}` begins with `^`, where names of topics begin: write `{}`", key.name, key.example)
        }
        Ok(_) => return Ok(pattern),
    };
    Err(Error::new_spanned(&pattern, problem))
}

/// Judges one client property by its looks: which there are, the client knows at start-up.
pub(crate) fn property(key: &Key, name: &Expr, value: &Expr) -> Result<(LitStr, LitStr)> {
    let text = |expr: &Expr, what: &str| match literal(expr) {
        Some(Literal { lit: Lit::Str(text), negative: false }) => Ok(text.clone()),
        _ => Err(Error::new_spanned(expr, format_args!("a property's {what} is a text: write `{}`", key.example))),
    };
    let (name, value) = (text(name, "name")?, text(value, "value")?);
    if name.value().is_empty() || template(&name)?.open {
        return Err(Error::new_spanned(
            &name,
            "a property is called by one of the client's names, without a placeholder",
        ));
    }
    template(&value)?;
    Ok((name, value))
}

/// Judges a part of a topic's name.
pub(crate) fn suffix(key: &Key, expr: &Expr) -> Result<LitStr> {
    let suffix = text(key, expr)?;
    let template = template(&suffix)?;
    characters(&suffix, template.filled.as_deref().unwrap_or(&template.literal), "a topic's suffix")?;
    Ok(suffix)
}

fn characters(at: &LitStr, name: &str, what: &str) -> Result<()> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    match name.chars().find(|c| !allowed(*c)) {
        None => Ok(()),
        Some(c) => Err(Error::new_spanned(
            at,
            format_args!("{what} cannot have the character {c:?}: Kafka takes letters, digits, `.`, `_` and `-`"),
        )),
    }
}

fn text(key: &Key, expr: &Expr) -> Result<LitStr> {
    let text = random_text(key, expr)?;
    template(&text).map(|_| text)
}

fn random_text(key: &Key, expr: &Expr) -> Result<LitStr> {
    let Some(Literal { lit: Lit::Str(text), negative: false }) = literal(expr) else {
        let message = format!("`{}` takes a text: write `{}`", key.name, key.example);
        let hint = if literal(expr).is_none() {
            "; what differs from place to place is a placeholder: `\"${NAME:default}\"`"
        } else {
            ""
        };
        return Err(Error::new_spanned(expr, message + hint));
    };
    let template = random_template(text)?;
    match template.filled.as_deref() {
        Some(filled) if filled.trim().is_empty() => {
            let what = if filled.is_empty() { "empty" } else { "blank" };
            Err(Error::new_spanned(text, format_args!("`{}` is {what}: write `{}`", key.name, key.example)))
        }
        _ => Ok(text.clone()),
    }
}

fn template(text: &LitStr) -> Result<Template> {
    match random_template(text)? {
        Template { random: true, .. } => Err(Error::new_spanned(
            text,
            "`${random.uuid}` is another id at each start, which makes sense for `group` alone",
        )),
        template => Ok(template),
    }
}

fn random_template(text: &LitStr) -> Result<Template> {
    Template::parse(&text.value()).map_err(|message| Error::new_spanned(text, message))
}

fn flag(key: &Key, expr: &Expr) -> Result<Written<bool>> {
    let refused = || Error::new_spanned(expr, format_args!("`{}` is `true` or `false`", key.name));
    match literal(expr) {
        Some(Literal { lit: Lit::Bool(flag), negative: false }) => Ok(Written::Literal(flag.value)),
        Some(Literal { lit: Lit::Str(text), negative: false }) => {
            open(text, |default| default.parse().map_err(|_| refused()))?.ok_or_else(refused)
        }
        _ => Err(refused()),
    }
}

fn word(key: &Key, expr: &Expr, words: &[(&'static str, &'static str)]) -> Result<Written<&'static str>> {
    let names = || words.iter().map(|(word, _)| *word);
    let quoted: Vec<_> = names().map(|word| format!("\"{word}\"")).collect();
    let choice = format!("`{}` is one of {}", key.name, listed(quoted.iter().map(String::as_str)));
    let Some(Literal { lit: Lit::Str(text), negative: false }) = literal(expr) else {
        return Err(Error::new_spanned(expr, choice));
    };
    let variant = |written: &str| match words.iter().find(|(word, _)| *word == written) {
        Some((_, name)) => Ok(*name),
        None => {
            let meant = nearest(&written.to_ascii_lowercase(), names());
            let hint = meant.map(|word| format!(": did you mean `\"{word}\"`?")).unwrap_or_default();
            Err(Error::new_spanned(text, format_args!("{choice}{hint}")))
        }
    };
    match open(text, variant)? {
        Some(written) => Ok(written),
        None => variant(&text.value()).map(Written::Literal),
    }
}

/// A text with placeholders, if it has any; what their defaults make of it is judged.
fn open<T>(text: &LitStr, judge: impl Fn(&str) -> Result<T>) -> Result<Option<Written<T>>> {
    let template = template(text)?;
    if !template.open {
        return Ok(None);
    }
    let default = template.filled.map(|filled| judge(filled.trim()));
    Ok(Some(Written::Text(text.clone(), default.transpose()?)))
}

fn count(key: &Key, expr: &Expr, max: u64, zero: &str) -> Result<Written<u64>> {
    number(key, expr, "a whole number", |lit| match lit {
        Lit::Int(int) => int.base10_parse().ok(),
        _ => None,
    })?
    .judged(expr, |number: u64| match number {
        0 => Err(format!("`{}` must be 1 or more: {zero}", key.name)),
        _ if number > max => Err(format!("`{}` must be 1 to {max}", key.name)),
        _ => Ok(()),
    })
}

fn decimal(key: &Key, expr: &Expr, good: std::ops::RangeInclusive<f64>, range: &str) -> Result<Written<f64>> {
    number(key, expr, "a number", |lit| match lit {
        Lit::Int(int) => int.base10_parse().ok(),
        Lit::Float(float) => float.base10_parse().ok().filter(|float: &f64| float.is_finite()),
        _ => None,
    })?
    .judged(expr, |number: f64| match good.contains(&number) {
        true => Ok(()),
        false => Err(format!("`{}` must be {range}", key.name)),
    })
}

/// A number that is a literal, a text with placeholders, or a constant.
fn number<T: FromStr>(key: &Key, expr: &Expr, what: &str, read: impl Fn(&Lit) -> Option<T>) -> Result<Written<T>> {
    let refused = |hint: &str| {
        Error::new_spanned(expr, format_args!("`{}` takes {what}{hint}: write `{}`", key.name, key.example))
    };
    match literal(expr) {
        None => Ok(Written::Constant(Box::new(expr.clone()))),
        Some(Literal { negative: true, .. }) => Err(refused(" that is not negative")),
        Some(Literal { lit: Lit::Str(text), .. }) => {
            let default = |default: &str| default.parse().map_err(|_| refused(", and the default is none"));
            open(text, default)?.ok_or_else(|| refused(" without quotes"))
        }
        Some(Literal { lit, .. }) => read(lit).map(Written::Literal).ok_or_else(|| refused("")),
    }
}

/// A time in milliseconds: a whole number, or a text with its unit.
fn time(key: &Key, expr: &Expr) -> Result<Written<u64>> {
    let refused = |given: &str| {
        let message = format!(
            "{given} is no time: write milliseconds, `{} = 1000`, or a text in whole milliseconds such as `\"500ms\"`, `\"1s\"`, `\"10m\"`",
            key.name
        );
        Error::new_spanned(expr, message)
    };
    match literal(expr) {
        None => Ok(Written::Constant(Box::new(expr.clone()))),
        Some(Literal { lit: Lit::Int(int), negative: false }) => {
            int.base10_parse().map(Written::Literal).map_err(|_| refused(&format!("`{int}`")))
        }
        Some(Literal { lit: Lit::Str(text), negative: false }) => {
            let template = template(text)?;
            let Some(filled) = template.filled else { return Ok(Written::Text(text.clone(), None)) };
            // Where a text is needed for the placeholder's sake, it may hold bare milliseconds.
            let bare = if template.open { filled.trim().parse().ok() } else { None };
            let millis = bare.or_else(|| millis(&filled)).ok_or_else(|| refused(&format!("`{filled}`")))?;
            Ok(if template.open { Written::Text(text.clone(), Some(millis)) } else { Written::Literal(millis) })
        }
        Some(_) => Err(refused("this")),
    }
}

fn limited(key: &Key, expr: &Expr, time: Written<u64>, zero: Option<&str>, longest: Longest) -> Result<Written<u64>> {
    time.judged(expr, |millis| match (zero, longest) {
        (Some(why), _) if millis == 0 => Err(format!("`{}` must be longer than 0: {why}", key.name)),
        (_, Longest::TenYears) if millis > LONGEST_DELAY => {
            Err(format!("`{}` is over ten years: write a shorter time", key.name))
        }
        (_, Longest::Kafkas) if i64::try_from(millis).is_err() => {
            Err(format!("`{}` is more milliseconds than Kafka can count: write a shorter time", key.name))
        }
        _ => Ok(()),
    })
}

fn millis(text: &str) -> Option<u64> {
    let time: Duration = humantime::parse_duration(text).ok()?;
    let whole = time.subsec_nanos().is_multiple_of(1_000_000);
    u64::try_from(time.as_millis()).ok().filter(|_| whole)
}

impl<T: Copy> Written<T> {
    fn judged(self, at: &Expr, judge: impl Fn(T) -> std::result::Result<(), String>) -> Result<Self> {
        match self.known().map_or(Ok(()), judge) {
            Ok(()) => Ok(self),
            Err(message) => Err(Error::new_spanned(at, message)),
        }
    }
}

/// A literal, its sign apart.
struct Literal<'e> {
    lit: &'e Lit,
    negative: bool,
}

fn literal(expr: &Expr) -> Option<Literal<'_>> {
    match expr {
        Expr::Lit(ExprLit { lit, .. }) => Some(Literal { lit, negative: false }),
        Expr::Unary(ExprUnary { op: UnOp::Neg(_), expr, .. }) => {
            literal(expr).map(|literal| Literal { negative: !literal.negative, ..literal })
        }
        // A `macro_rules!` wraps what it was given.
        Expr::Group(group) => literal(&group.expr),
        _ => None,
    }
}
