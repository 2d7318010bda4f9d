//! What somebody meant who wrote a key that there is not: one of another library, of another level, or a slip.

use crate::keys::{BACKOFF, BATCH, KEYS, Key, Level};

/// Words of Spring, of clients and of plain habit, with the key that means it.
const OTHER_WORDS: &[(&str, &str)] = &[
    ("attempt", "attempts"),
    ("auto_create_topics", "auto_create"),
    ("auto_offset_reset", "offset_reset"),
    ("consumer_group", "group"),
    ("client_id_prefix", "properties"),
    ("dead_letter", "dlt"),
    ("dlq", "dlt"),
    ("dlq_suffix", "dlt_suffix"),
    ("dlt_strategy", "dlt_on_error"),
    ("dlt_topic_suffix", "dlt_suffix"),
    ("exception_based_dlt_routing", "dlt_route"),
    ("error_handler", "classify"),
    ("exclude", "fatal"),
    ("exclude_names", "fatal"),
    ("group_id", "group"),
    ("include", "retry_on"),
    ("include_names", "retry_on"),
    ("max_attempts", "attempts"),
    ("max_retries", "attempts"),
    ("num_partitions", "partitions"),
    ("replication_factor", "replication"),
    ("retries", "attempts"),
    ("retry_topic_suffix", "retry_suffix"),
    ("same_interval_topic_reuse_strategy", "same_delay"),
    ("topic_suffixing_strategy", "suffix"),
    ("delay_string", "delay"),
    ("factor", "multiplier"),
    ("initial_delay", "delay"),
    ("initial_interval", "delay"),
    ("interval", "delay"),
    ("jitter_string", "jitter"),
    ("max_delay_string", "max_delay"),
    ("max_interval", "max_delay"),
    ("multiplier_string", "multiplier"),
    ("random", "jitter"),
    ("value", "delay"),
];

/// Names of Spring's that no key stands for, and what does.
const NO_KEY: &[(&str, &str)] = &[
    ("ack_mode", "a parameter of type `Ack` makes the handler acknowledge by itself"),
    ("kafka_template", "a parameter of type `Producer` writes records"),
    ("split_iterables", "a handler that returns `Vec<Reply<T>>` sends on several records"),
    ("topic_partitions", "its group shares out the partitions"),
];

impl Level {
    /// The key of that name; if there is none, what to write instead.
    pub(crate) fn find(&self, name: &str) -> Result<&'static Key, String> {
        match self.keys.iter().find(|key| key.name == name) {
            Some(key) => Ok(key),
            None => Err(self.explain(name)),
        }
    }

    fn explain(&self, name: &str) -> String {
        let plain = snake_case(name);
        let meant = OTHER_WORDS.iter().find(|(word, _)| *word == plain).map_or(&*plain, |(_, meant)| *meant);
        if let Some(message) = self.elsewhere(name, meant) {
            return message;
        }
        let meant = self.keys.iter().find(|key| key.name == meant).or_else(|| self.nearest(&plain));
        let unknown = match self.inside {
            Some(inside) => format!("`{inside}` has no key `{name}`"),
            None => format!("there is no key `{name}`"),
        };
        if let Some((_, instead)) = NO_KEY.iter().find(|(word, _)| *word == plain) {
            return format!("{unknown}: {instead}");
        }
        match meant {
            Some(Key { name: "attempts", .. }) if plain.contains("retries") => {
                format!(
                    "{unknown}: write `attempts`, which counts the first delivery too (3 retries are `attempts = 4`)"
                )
            }
            Some(key) => format!("{unknown}: did you mean `{}`?", key.example),
            None => format!("{unknown}; the keys are {}", listed(self.keys.iter().map(|key| key.name))),
        }
    }

    /// What `name` means, if that stands at another level.
    fn elsewhere(&self, name: &str, meant: &str) -> Option<String> {
        if self.keys.iter().any(|key| key.name == meant) {
            return None;
        }
        match self.inside {
            None => {
                let nested = [("batch", BATCH), ("backoff", BACKOFF)];
                let found = |(outer, keys): (&'static str, &'static [Key])| {
                    keys.iter().find(|key| key.name == meant).map(|key| (outer, key))
                };
                let (outer, key) = nested.into_iter().find_map(found)?;
                Some(format!("`{name}` belongs to `{outer}`: write `{outer}({})`", key.example))
            }
            Some(inside) => {
                let key = KEYS.iter().find(|key| key.name == meant)?;
                Some(format!("`{name}` stands beside `{inside}`, not in it: write `{}` after the `)`", key.example))
            }
        }
    }

    fn nearest(&self, name: &str) -> Option<&'static Key> {
        let names = self.keys.iter().map(|key| key.name);
        let near = nearest(name, names)?;
        self.keys.iter().find(|key| key.name == near)
    }
}

/// The word that `word` is most likely a slip of, if any is near enough.
pub(crate) fn nearest<'w>(word: &str, words: impl Iterator<Item = &'w str>) -> Option<&'w str> {
    let near =
        words.map(|known| (strsim::damerau_levenshtein(word, known), known)).min_by_key(|(distance, _)| *distance);
    near.filter(|(distance, known)| *distance <= known.len().max(word.len()) / 3).map(|(_, known)| known)
}

/// Names as a sentence shows them.
pub(crate) fn listed<'n>(names: impl Iterator<Item = &'n str>) -> String {
    names.map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// Spring writes its names in camel case, and variables are capitals.
fn snake_case(name: &str) -> String {
    if !name.contains(|c: char| c.is_ascii_lowercase()) {
        return name.to_ascii_lowercase();
    }
    let mut snake = String::with_capacity(name.len());
    for c in name.chars() {
        if c.is_ascii_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.push(c.to_ascii_lowercase());
    }
    snake
}
