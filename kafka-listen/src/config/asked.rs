//! Which listeners and settings there are, known by who asked for them; and what was meant by what nobody asked for.

use std::collections::{BTreeMap, BTreeSet};

use crate::problem::nearest;

/// What the names of variables begin with.
pub(crate) const PREFIX: &str = "KAFKA_LISTEN_";

/// What was asked for: the listeners and settings that there are.
#[derive(Default)]
pub(super) struct Asked {
    /// The keys of each listener.
    keys: BTreeMap<String, Vec<String>>,
    /// The listener and key that each variable stands for; two of them, if it is ambiguous.
    variables: BTreeMap<String, Vec<(String, String)>>,
    /// The listener and key of what holds settings by any name.
    pub(super) tables: BTreeSet<(String, String)>,
}

impl Asked {
    /// Somebody asks for this key of this listener.
    pub(super) fn add(&mut self, listener: &str, key: String, variable: String) {
        let meanings = self.variables.entry(variable).or_default();
        let meaning = (listener.to_owned(), key.clone());
        if !meanings.contains(&meaning) {
            meanings.push(meaning);
            self.keys.entry(listener.to_owned()).or_default().push(key);
        }
    }

    /// What is wrong with a setting of a file or the program.
    pub(super) fn problem_of(&self, listener: &str, key: &str, fixed: &[(&str, &str)]) -> Option<String> {
        let Some(keys) = self.keys.get(listener) else {
            let hint = hint(listener, self.keys.keys());
            return Some(format!("there is no listener `{listener}`{hint}"));
        };
        if keys.iter().any(|known| known == key) {
            return None;
        }
        let is = |name: &str| key.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
        if let Some((name, why)) = fixed.iter().find(|(name, _)| is(name)) {
            return Some(format!("`{name}` of the listener `{listener}` cannot be set here: {why}"));
        }
        let inner = self.below(listener, key);
        if !inner.is_empty() {
            let inner = inner.join("`, `");
            return Some(format!("`{key}` of the listener `{listener}` has settings of its own: write `{inner}`"));
        }
        let hint = hint(key, keys);
        Some(format!("the listener `{listener}` has no setting `{key}`{hint}"))
    }

    /// The settings whose names begin with this key, if there are any.
    fn below(&self, listener: &str, key: &str) -> Vec<String> {
        if self.tables.contains(&(listener.to_owned(), key.to_owned())) {
            return vec![format!("{key}.NAME")];
        }
        let keys = self.keys.get(listener).into_iter().flatten();
        keys.filter(|known| known.strip_prefix(key).is_some_and(|rest| rest.starts_with('.'))).cloned().collect()
    }

    /// The listener and the key that this variable would stand for, were that key no more than the beginning of others.
    fn beginning(&self, name: &str) -> Option<(&str, &str)> {
        let of_keys = self.keys.iter().flat_map(|(listener, keys)| keys.iter().map(move |key| (listener, key)));
        let beginnings = of_keys.filter_map(|(listener, key)| Some((listener.as_str(), key.split_once('.')?.0)));
        let tables = self.tables.iter().map(|(listener, key)| (listener.as_str(), key.as_str()));
        beginnings.chain(tables).find(|(listener, key)| variable(listener, key) == name)
    }

    /// What is wrong with a variable, by its name behind [`PREFIX`].
    pub(super) fn problem_of_variable(&self, name: &str, fixed: &[(&str, &str)]) -> Option<String> {
        match self.variables.get(name).map(Vec::as_slice) {
            Some([_]) => return None,
            Some(meanings) => {
                let meanings: Vec<_> =
                    meanings.iter().map(|(listener, key)| format!("`{key}` of the listener `{listener}`")).collect();
                let meanings = meanings.join(" or ");
                return Some(format!("may mean {meanings}: write what is meant in the file, where it is clear"));
            }
            None => {}
        }
        let of = |listener: &&String, key: &str| variable(listener, key) == *name;
        for (key, why) in fixed {
            if let Some(listener) = self.keys.keys().find(|listener| of(listener, key)) {
                return Some(format!("cannot set `{key}` of the listener `{listener}`: {why}"));
            }
        }
        if let Some((listener, key)) = self.beginning(name) {
            let inner = self.below(listener, key);
            let inner: Vec<_> = inner.iter().map(|key| format!("`{PREFIX}{}`", variable(listener, key))).collect();
            let inner = inner.join(", ");
            return Some(format!(
                "sets nothing: `{key}` of the listener `{listener}` has settings of its own: write {inner}"
            ));
        }
        if let Some(near) = nearest(name, self.variables.keys().map(String::as_str)) {
            return Some(format!("sets nothing; did you mean `{PREFIX}{near}`?"));
        }
        let names: Vec<_> =
            self.keys.keys().map(|listener| format!("`{PREFIX}{}_…`", environment_name(listener))).collect();
        let service = ["SERVICE_HOST", "SERVICE_PORT", "PORT"].iter().any(|word| name.starts_with(word));
        let service = if service {
            "; Kubernetes makes such names for a service called `kafka-listen`: rename that, or set `enableServiceLinks: false`"
        } else {
            ""
        };
        Some(format!("sets nothing: the listeners' variables are called {}{service}", names.join(", ")))
    }
}

/// What was meant, or what there is.
fn hint<'a>(name: &str, known: impl IntoIterator<Item = &'a String> + Clone) -> String {
    match nearest(name, known.clone().into_iter().map(String::as_str)) {
        Some(near) => format!("; did you mean `{near}`?"),
        None => {
            let known: Vec<_> = known.into_iter().map(|known| format!("`{known}`")).collect();
            format!("; there are {}", known.join(", "))
        }
    }
}

/// The variable of a setting, behind [`PREFIX`].
pub(super) fn variable(listener: &str, key: &str) -> String {
    environment_name(&format!("{listener}_{key}"))
}

fn environment_name(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' }).collect()
}
