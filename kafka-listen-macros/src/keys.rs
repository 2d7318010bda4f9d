//! The keys of `#[kafka_listener]`: what each takes, how it is written, and what somebody who wrote another word meant.
//! One table; nothing else in this crate lists the keys.

/// A key that is supported.
#[derive(Debug)]
pub(crate) struct Key {
    /// As it is written.
    pub(crate) name: &'static str,
    /// The name of the method that sets it: of all keys of all levels, no two have the same.
    pub(crate) sets: &'static str,
    /// What follows it.
    pub(crate) takes: Takes,
    /// A whole, correct use of it.
    pub(crate) example: &'static str,
}

/// What a key takes.
#[derive(Debug)]
pub(crate) enum Takes {
    /// The path of the crate.
    Crate,
    /// The path of the function that judges errors, whose type the handler's return type says.
    Function,
    /// A pattern in parentheses.
    Pattern,
    /// A part of a topic's name in parentheses, with a pattern or without. May be repeated.
    Route,
    /// A path that is set as it is.
    Path,
    /// The name of a topic.
    Topic,
    /// Names of topics in parentheses.
    Topics,
    /// A regular expression over names of topics.
    TopicPattern,
    /// Keys of its own in parentheses.
    Keys(&'static [Key]),
    /// A text that is not empty.
    Text,
    /// The same, and it may be another one at each start.
    RandomText,
    /// The end of a topic's name.
    Suffix,
    /// Client properties in parentheses, `"name" = "value"`.
    Properties,
    /// `true` or `false`.
    Flag,
    /// One of some words, each a variant of the enum `of`.
    Word { of: &'static str, words: &'static [(&'static str, &'static str)] },
    /// A whole number from 1 to `max`; `zero` says why it cannot be 0.
    Count { max: u64, zero: &'static str },
    /// A time; `zero` says why it cannot be 0, if it cannot.
    Time { zero: Option<&'static str> },
    /// A number from `min` to `max`; `range` says so.
    Decimal { min: f64, max: f64, range: &'static str },
}

/// Where a key stands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Level {
    /// The keys that stand here.
    pub(crate) keys: &'static [Key],
    /// The key whose parentheses these are, if they are not the attribute's.
    pub(crate) inside: Option<&'static str>,
}

/// The attribute's own level.
pub(crate) const LISTENER: Level = Level { keys: KEYS, inside: None };

const fn key(name: &'static str, takes: Takes, example: &'static str) -> Key {
    Key { name, sets: name, takes, example }
}

impl Key {
    /// Another level has a key of the same name.
    const fn sets(self, sets: &'static str) -> Self {
        Self { sets, ..self }
    }
}

/// The path of the runtime crate, which both attributes take.
pub(crate) const CRATE: Key = key("crate", Takes::Crate, "crate = ::kafka_listen");

const KEYS: &[Key] = &[
    key("topic", Takes::Topic, r#"topic = "email.send""#),
    key("topics", Takes::Topics, r#"topics("email.send", "email.urgent")"#),
    key("topic_pattern", Takes::TopicPattern, r#"topic_pattern = "^email\\.""#),
    key("group", Takes::RandomText, r#"group = "email""#),
    key("id", Takes::Text, r#"id = "send_email""#),
    key(
        "concurrency",
        Takes::Count { max: u32::MAX as u64, zero: "nothing would be handled; leave it out for no limit" },
        "concurrency = 8",
    ),
    key(
        "order",
        Takes::Word { of: "Order", words: &[("partition", "Partition"), ("key", "Key"), ("none", "None")] },
        r#"order = "key""#,
    ),
    key("batch", Takes::Keys(BATCH), r#"batch(max = 100, wait = "200ms")"#),
    key("filter", Takes::Path, "filter = filters::is_wanted"),
    key(
        "attempts",
        // The header that carries the number is read as 1 to 32767, and as 1 otherwise.
        Takes::Count {
            max: MOST_ATTEMPTS,
            zero: "it counts the first delivery; `attempts = 1` is a delivery without retries",
        },
        "attempts = 5",
    ),
    key("backoff", Takes::Keys(BACKOFF), "backoff(delay = 1000, multiplier = 2)"),
    key("blocking", Takes::Keys(BLOCKING), "blocking(attempts = 3, delay = 100)"),
    key(
        "handler_timeout",
        Takes::Time { zero: Some("no handler could end in time; leave it out for no limit") },
        r#"handler_timeout = "30s""#,
    ),
    key("properties", Takes::Properties, r#"properties("fetch.max.bytes" = "1048576")"#),
    key("auto_start", Takes::Flag, "auto_start = false"),
    key("settings", Takes::Path, "settings = retries::PATIENT"),
    key(
        "timeout",
        Takes::Time { zero: Some("nothing would be tried again; leave it out for no limit") },
        r#"timeout = "1h""#,
    ),
    key("retry_on", Takes::Pattern, "retry_on(SendError::Busy | SendError::Io(_))"),
    key("fatal", Takes::Pattern, "fatal(SendError::BadAddress)"),
    key("classify", Takes::Function, "classify = errors::classify"),
    key("max_retry_after", ANY_TIME, r#"max_retry_after = "1h""#),
    key("retry_suffix", Takes::Suffix, r#"retry_suffix = "-retry""#),
    key("dlt_suffix", Takes::Suffix, r#"dlt_suffix = "-dlt""#),
    key(
        "suffix",
        Takes::Word { of: "Suffix", words: &[("delay", "Delay"), ("index", "Index")] },
        r#"suffix = "index""#,
    ),
    key(
        "same_delay",
        Takes::Word { of: "SameDelay", words: &[("single", "Single"), ("multiple", "Multiple")] },
        r#"same_delay = "multiple""#,
    ),
    key("dlt", Takes::Flag, "dlt = false"),
    key(
        "dlt_on_error",
        Takes::Word { of: "DltOnError", words: &[("retry", "Retry"), ("skip", "Skip")] },
        r#"dlt_on_error = "skip""#,
    ),
    key("dlt_route", Takes::Route, r#"dlt_route("validation", SendError::Invalid(_))"#),
    key(
        "offset_reset",
        Takes::Word { of: "OffsetReset", words: &[("earliest", "Earliest"), ("latest", "Latest"), ("error", "Error")] },
        r#"offset_reset = "latest""#,
    ),
    key("auto_create", Takes::Flag, "auto_create = false"),
    key(
        "partitions",
        Takes::Count { max: i32::MAX as u64, zero: "leave it out for as many as the source topic has" },
        "partitions = 6",
    ),
    key(
        "replication",
        Takes::Count { max: i16::MAX as u64, zero: "leave it out for the broker's default" },
        "replication = 3",
    ),
    key(
        "retention",
        Takes::Time { zero: Some("nothing would be kept; leave it out for the broker's default") },
        r#"retention = "7d""#,
    ),
    key(
        "group_naming",
        Takes::Word { of: "GroupNaming", words: &[("role", "Role"), ("per-topic", "PerTopic")] },
        r#"group_naming = "per-topic""#,
    ),
    CRATE,
];

/// The most attempts, through topics or in place.
const MOST_ATTEMPTS: u64 = 32_767;

const ANY_TIME: Takes = Takes::Time { zero: None };

const MULTIPLIER: Takes =
    Takes::Decimal { min: 1.0, max: f64::MAX, range: "1 or more, because delays never get shorter" };

const BATCH: &[Key] = &[
    key(
        "max",
        // More of one partition is not held at once.
        Takes::Count { max: 4096, zero: "a batch without records is never handled" },
        "max = 100",
    )
    .sets("batch_max"),
    key("wait", ANY_TIME, r#"wait = "200ms""#).sets("batch_wait"),
];

const BACKOFF: &[Key] = &[
    key("delay", ANY_TIME, "delay = 1000"),
    key("multiplier", MULTIPLIER, "multiplier = 2"),
    key("max_delay", ANY_TIME, r#"max_delay = "1m""#),
    key(
        "jitter",
        Takes::Decimal { min: 0.0, max: 1.0, range: "0.0 to 1.0: the largest part of a delay that is added to it" },
        "jitter = 0.2",
    ),
];

const BLOCKING: &[Key] = &[
    key(
        "attempts",
        Takes::Count { max: MOST_ATTEMPTS, zero: "it counts the first try; `attempts = 1` tries once" },
        "attempts = 3",
    )
    .sets("blocking_attempts"),
    key("delay", ANY_TIME, "delay = 100").sets("blocking_delay"),
    key("multiplier", MULTIPLIER, "multiplier = 2").sets("blocking_multiplier"),
    key("max_delay", ANY_TIME, r#"max_delay = "1s""#).sets("blocking_max_delay"),
    key("retry_on", Takes::Pattern, "retry_on(SendError::Io(_))").sets("blocking_retry_on"),
];

/// Keys that say which listener it is, or that belong to its handler's types: there is nothing in them to share.
pub(crate) const OWN: &[&str] =
    &["topic", "topics", "topic_pattern", "id", "batch", "classify", "retry_on", "fatal", "dlt_route"];

/// Words of Spring, of clients and of plain habit, with the key that means it.
const OTHER_WORDS: &[(&str, &str)] = &[
    ("attempt", "attempts"),
    ("auto_create_topics", "auto_create"),
    ("auto_offset_reset", "offset_reset"),
    ("consumer_group", "group"),
    ("dead_letter", "dlt"),
    ("dlq", "dlt"),
    ("dlq_suffix", "dlt_suffix"),
    ("dlt_strategy", "dlt_on_error"),
    ("dlt_topic_suffix", "dlt_suffix"),
    ("exception_based_dlt_routing", "dlt_route"),
    ("exclude", "fatal"),
    ("group_id", "group"),
    ("include", "retry_on"),
    ("max_attempts", "attempts"),
    ("max_retries", "attempts"),
    ("num_partitions", "partitions"),
    ("replication_factor", "replication"),
    ("retries", "attempts"),
    ("retry_topic_suffix", "retry_suffix"),
    ("same_interval_topic_reuse_strategy", "same_delay"),
    ("topic_suffixing_strategy", "suffix"),
    ("factor", "multiplier"),
    ("initial_delay", "delay"),
    ("initial_interval", "delay"),
    ("interval", "delay"),
    ("max_interval", "max_delay"),
    ("random", "jitter"),
    ("value", "delay"),
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
        if let Some(message) = self.elsewhere(name) {
            return message;
        }
        let plain = snake_case(name);
        let meant = OTHER_WORDS.iter().find(|(word, _)| *word == plain).map(|(_, meant)| *meant);
        let meant =
            meant.and_then(|meant| self.keys.iter().find(|key| key.name == meant)).or_else(|| self.nearest(&plain));
        let unknown = match self.inside {
            Some(inside) => format!("`{inside}` has no key `{name}`"),
            None => format!("there is no key `{name}`"),
        };
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

    /// A key that stands at another level.
    fn elsewhere(&self, name: &str) -> Option<String> {
        match self.inside {
            None => {
                let nested = [("batch", BATCH), ("backoff", BACKOFF)];
                let found = |(outer, keys): (&'static str, &'static [Key])| {
                    keys.iter().find(|key| key.name == name).map(|key| (outer, key))
                };
                let (outer, key) = nested.into_iter().find_map(found)?;
                Some(format!("`{name}` belongs to `{outer}`: write `{outer}({})`", key.example))
            }
            Some(inside) => {
                let key = KEYS.iter().find(|key| key.name == name)?;
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

/// Spring writes its names in camel case.
fn snake_case(name: &str) -> String {
    let mut snake = String::with_capacity(name.len());
    for c in name.chars() {
        if c.is_ascii_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.push(c.to_ascii_lowercase());
    }
    snake
}
