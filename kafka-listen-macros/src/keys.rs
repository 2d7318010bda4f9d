//! The keys of `#[kafka_listener]`: what each takes, and how it is written. One table; nothing else in this crate lists them.

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
    Time { zero: Option<&'static str>, longest: Longest },
    /// A number from `min` to `max`; `range` says so.
    Decimal { min: f64, max: f64, range: &'static str },
}

/// How long a time can be.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Longest {
    /// As long as it likes, or it is judged with others.
    Any,
    /// Further away, only a mistake can lie.
    TenYears,
    /// As many milliseconds as Kafka can count.
    Kafkas,
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

pub(crate) const KEYS: &[Key] = &[
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
        Takes::Time { zero: Some("no handler could end in time; leave it out for no limit"), longest: Longest::Any },
        r#"handler_timeout = "30s""#,
    ),
    key("properties", Takes::Properties, r#"properties("fetch.max.bytes" = "1048576")"#),
    key("auto_start", Takes::Flag, "auto_start = false"),
    key("settings", Takes::Path, "settings = retries::PATIENT"),
    key(
        "timeout",
        Takes::Time { zero: Some("nothing would be tried again; leave it out for no limit"), longest: Longest::Any },
        r#"timeout = "1h""#,
    ),
    key("retry_on", Takes::Pattern, "retry_on(SendError::Busy | SendError::Io(_))"),
    key("fatal", Takes::Pattern, "fatal(SendError::BadAddress)"),
    key("classify", Takes::Function, "classify = errors::classify"),
    key("max_retry_after", WAIT, r#"max_retry_after = "1h""#),
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
        Takes::Time {
            zero: Some("nothing would be kept; leave it out for the broker's default"),
            longest: Longest::Kafkas,
        },
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

const ANY_TIME: Takes = Takes::Time { zero: None, longest: Longest::Any };

const WAIT: Takes = Takes::Time { zero: None, longest: Longest::TenYears };

const MULTIPLIER: Takes =
    Takes::Decimal { min: 1.0, max: f64::MAX, range: "1 or more, because delays never get shorter" };

pub(crate) const BATCH: &[Key] = &[
    key(
        "max",
        // More of one partition is not held at once.
        Takes::Count { max: 4096, zero: "a batch without records is never handled" },
        "max = 100",
    )
    .sets("batch_max"),
    key("wait", WAIT, r#"wait = "200ms""#).sets("batch_wait"),
];

pub(crate) const BACKOFF: &[Key] = &[
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
