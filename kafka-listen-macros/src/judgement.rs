//! How a handler's errors are judged: by `classify` or patterns. The keys in, a [`Judgement`] out, and what they cannot be
//! beside each other or on this function.

use syn::{Path, ReturnType};

use crate::args::{Arg, Args, Given};
use crate::errors::Errors;
use crate::function::Function;
use crate::pattern::Pattern;

/// What an attribute says of errors.
#[derive(Default)]
pub(crate) struct Judgement {
    /// Which are tried again.
    pub(crate) decision: Option<Judge>,
    /// Those that take a route of their own to the dead letters, by the place of the route.
    pub(crate) routes: Vec<(usize, Pattern)>,
    /// Those that are tried in place.
    pub(crate) in_place: Option<Pattern>,
}

/// What says whether an error is tried again.
pub(crate) enum Judge {
    /// This function.
    Classify(Path),
    /// These are, and no others.
    RetryOn(Pattern),
    /// These are not, and all others are.
    Fatal(Pattern),
}

/// The keys of which each says of every error whether it is tried again.
const JUDGES: [&str; 3] = ["retry_on", "fatal", "classify"];

impl Judgement {
    /// Takes it from the arguments.
    pub(crate) fn of(args: &Args) -> Self {
        let mut judgement = Self::default();
        let mut route = 0;
        for Arg { key, given, .. } in &args.0 {
            match (key.sets, given) {
                ("classify", Some(Given::Path(path))) => judgement.decision = Some(Judge::Classify(path.clone())),
                ("retry_on", Some(Given::Pattern(pattern))) => {
                    judgement.decision = Some(Judge::RetryOn(pattern.clone()));
                }
                ("fatal", Some(Given::Pattern(pattern))) => judgement.decision = Some(Judge::Fatal(pattern.clone())),
                ("blocking_retry_on", Some(Given::Pattern(pattern))) => judgement.in_place = Some(pattern.clone()),
                (_, Some(Given::Route(_, pattern))) => {
                    judgement.routes.extend(pattern.clone().map(|pattern| (route, pattern)));
                    route += 1;
                }
                _ => {}
            }
        }
        judgement
    }

    /// Whether it says nothing.
    pub(crate) fn is_empty(&self) -> bool {
        self.decision.is_none() && self.routes.is_empty() && self.in_place.is_none()
    }
}

/// Judges the keys about errors, beside each other.
pub(crate) fn check(args: &Args, errors: &mut Errors) {
    for Arg { given, .. } in &args.0 {
        if let Some(Given::Pattern(pattern) | Given::Route(_, Some(pattern))) = given {
            pattern.check(errors);
        }
    }
    let mut judges = args.0.iter().filter(|arg| JUDGES.contains(&arg.key.sets));
    let Some(first) = judges.next() else { return };
    // The same key twice is told already.
    for other in judges.filter(|other| other.key.sets != first.key.sets) {
        let (at, first) = (&other.at, first.key.name);
        let why = match (first, other.key.name) {
            ("retry_on", "fatal") | ("fatal", "retry_on") => {
                "what `retry_on` does not match is fatal already, and what `fatal` does not match is tried again"
            }
            _ => "each of them says of every error whether it is tried again",
        };
        errors.at(at, format_args!("`{at}` cannot stand beside `{first}`: {why}; leave one of them out"));
    }
}

/// Judges the keys about errors on this function: one that returns nothing has none.
pub(crate) fn check_on(function: &Function, args: &Args, errors: &mut Errors) {
    let ReturnType::Default = function.sig.output else { return };
    for Arg { key, at, given } in &args.0 {
        let what = match given {
            Some(Given::Pattern(_)) => format!("`{at}`"),
            Some(Given::Path(_)) if key.sets == "classify" => format!("`{at}`"),
            Some(Given::Route(_, Some(_))) => format!("the pattern of `{at}`"),
            _ => continue,
        };
        errors.at(at, format_args!("{what} judges the errors of a handler, and this one returns none: leave it out"));
    }
}
