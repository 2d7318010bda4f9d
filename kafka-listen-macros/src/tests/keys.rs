//! Keys: which there are, where they stand, and what they do to each other.

use super::{HANDLER, fine, mistakes, one};

#[test]
fn a_key_that_nobody_knows_is_told_with_the_one_that_was_meant() {
    one(r#"topc = "a""#, "topc", "there is no key `topc`: did you mean `topic = \"email.send\"`?");
    one(r#"topic = "a", attemps = 3"#, "attemps", "did you mean `attempts = 5`?");
    one(r#"topic = "a", groupId = "b""#, "groupId", "did you mean `group = ");
    one(r#"topic = "a", auto_offset_reset = "latest""#, "auto_offset_reset", "did you mean `offset_reset = ");
    one(r#"topic = "a", retryTopicSuffix = "-again""#, "retryTopicSuffix", "did you mean `retry_suffix = ");
    one(r#"topic = "a", colour = "red""#, "colour", "the keys are `topic`, `topics`, `topic_pattern`, `group`");
}

#[test]
fn every_name_that_spring_has_for_a_key_is_told_with_ours() {
    for (springs, ours) in [
        ("backOff", "backoff(delay = "),
        ("autoCreateTopics", "auto_create = "),
        ("numPartitions", "partitions = "),
        ("replicationFactor", "replication = "),
        ("include", "retry_on("),
        ("exclude", "fatal("),
        ("includeNames", "retry_on("),
        ("excludeNames", "fatal("),
        ("retryTopicSuffix", "retry_suffix = "),
        ("dltTopicSuffix", "dlt_suffix = "),
        ("exceptionBasedDltRouting", "dlt_route("),
        ("topicSuffixingStrategy", "suffix = "),
        ("sameIntervalTopicReuseStrategy", "same_delay = "),
        ("dltStrategy", "dlt_on_error = "),
        ("topicPattern", "topic_pattern = "),
        ("errorHandler", "classify = "),
        ("groupId", "group = "),
        ("clientIdPrefix", "properties("),
        ("autoStartup", "auto_start = "),
        ("maxAttempts", "attempts = "),
        ("ATTEMPTS", "attempts = "),
        ("Attempts", "attempts = "),
        ("DLT_SUFFIX", "dlt_suffix = "),
    ] {
        one(&format!(r#"topic = "a", {springs} = 3"#), springs, &format!("did you mean `{ours}"));
    }
    for (springs, ours) in [
        ("value", "delay = "),
        ("delayString", "delay = "),
        ("maxDelay", "max_delay = "),
        ("maxDelayString", "max_delay = "),
        ("multiplierString", "multiplier = "),
        ("jitterString", "jitter = "),
    ] {
        let inside = format!(r#"topic = "a", attempts = 3, backoff({springs} = 3)"#);
        one(&inside, springs, &format!("did you mean `{ours}"));
        let outside = format!(r#"topic = "a", attempts = 3, {springs} = 3"#);
        one(&outside, springs, &format!("`{springs}` belongs to `backoff`: write `backoff({ours}"));
    }
    for (springs, instead) in [
        ("ackMode", "there is no key `ackMode`: a parameter of type `Ack`"),
        ("kafkaTemplate", "a parameter of type `Producer`"),
        ("splitIterables", "returns `Vec<Reply<T>>`"),
        ("topicPartitions", "its group shares out the partitions"),
        ("containerFactory", "; the keys are `topic`"),
        ("containerGroup", "; the keys are `topic`"),
        ("idIsGroup", "; the keys are `topic`"),
        ("beanRef", "; the keys are `topic`"),
        ("contentTypeConverter", "; the keys are `topic`"),
    ] {
        one(&format!(r#"topic = "a", {springs} = 3"#), springs, instead);
    }
}

#[test]
fn a_text_of_blanks_is_none() {
    one(r#"topic = "a", group = "  ""#, "\"  \"", "`group` is blank: write `group = \"email\"`");
    one(r#"topic = "a", group = "${GROUP:}""#, "\"${GROUP:}\"", "`group` is empty: write `group = \"email\"`");
}

#[test]
fn retries_are_not_attempts() {
    for word in ["max_retries", "maxRetries", "retries"] {
        one(
            &format!(r#"topic = "a", {word} = 3"#),
            word,
            "counts the first delivery too (3 retries are `attempts = 4`)",
        );
    }
}

#[test]
fn a_key_stands_at_its_level() {
    one(r#"topic = "a", delay = 1000"#, "delay", "belongs to `backoff`: write `backoff(delay = 1000)`");
    one(r#"topic = "a", attempts = 3, backoff(delay = 1, group = "g")"#, "group", "stands beside `backoff`, not in it");
    one(
        r#"topic = "a", attempts = 3, backoff(maxDelay = 1)"#,
        "maxDelay",
        "`backoff` has no key `maxDelay`: did you mean `max_delay = ",
    );
    one(
        r#"topic = "a", attempts = 3, backoff(batch = 1)"#,
        "batch",
        "`batch` stands beside `backoff`, not in it: write `batch(max = 100, wait = \"200ms\")` after the `)`",
    );
    one(r#"topic = "a", blocking(jitter = 0.1)"#, "jitter", "`blocking` has no key `jitter`; the keys are `attempts`");
    one(r#"topic = "a", blocking(max_retries = 3)"#, "max_retries", "(3 retries are `attempts = 4`)");
    fine(r#"topic = "a", attempts = 3, backoff(delay = 1), blocking(attempts = 2, delay = 1)"#);
}

#[test]
fn a_key_is_given_once() {
    one(r#"topic = "a", group = "b", group = "c""#, "group", "`group` is given twice");
    one(r#"topic = "a", attempts = 3, backoff(delay = 1), backoff(jitter = 1)"#, "backoff", "`backoff` is given twice");
    one(r#"topic = "a", attempts = 3, backoff(delay = 1, delay = 2)"#, "delay", "`delay` is given twice");
    one(r#"topic = "a", topics("b")"#, "topics", "`topic` is given too");
    one(r#"topic_pattern = "^a", topic = "a""#, "topic_pattern", "`topic` is given too: a listener reads either");
    one(r#"topics("a", "b"), topic_pattern = "^a""#, "topic_pattern", "`topics` is given too");
}

#[test]
fn a_key_is_written_in_its_own_way() {
    for (args, at, says) in [
        (r#"topic("a")"#, "topic", "`topic` is written `topic = \"email.send\"`"),
        (r#"topics = "a,b""#, "topics", "`topics` is written `topics(\"email.send\", \"email.urgent\")`"),
        ("topics()", "topics", "`topics` is written"),
        (r#"topic = "a", group"#, "group", "`group` is written `group = \"email\"`"),
        (r#"topic = "a", group ="#, "group", "`group` is written"),
        (r#"topic = "a", group = , id = "x""#, "group", "`group` is written"),
        (r#"topic = "a", backoff = 1000, attempts = 3"#, "backoff", "written `backoff(delay = 1000, multiplier = 2)`"),
        (r#"topic = "a", attempts = 3, backoff()"#, "backoff", "written `backoff("),
        (r#"topic = "a" group = "b""#, "group", "a comma is missing before this"),
        (
            r#"topic = "a", classify = "judge""#,
            "\"judge\"",
            "a path has no quotes: write `classify = errors::classify`",
        ),
        (r#"topic = "a", classify"#, "classify", "`classify` is written `classify = errors::classify`"),
        (r#"topic = "a", crate = "::x""#, "\"::x\"", "a path has no quotes"),
        (r#"topic = "a", filter = |_| true"#, "|", "`filter` takes a path: write `filter = filters::is_wanted`"),
        (r#"topic = "a", settings = 3"#, "3", "`settings` takes a path: write `settings = "),
        (r#""a""#, "\"a\"", "write `topic = \"email.send\"`"),
        (r#"topic = "a", 5"#, "5", "a key is missing here"),
    ] {
        one(args, at, says);
    }
}

#[test]
fn a_topic_is_needed_unless_a_key_was_misread() {
    assert_eq!(mistakes("", HANDLER).len(), 1);
    assert_eq!(mistakes(r#"group = "g""#, HANDLER)[0].1, "a topic is missing: write `topic = \"email.send\"`");
    one(r#"topik = "a""#, "topik", "did you mean");
}

#[test]
fn every_mistake_is_told_at_once() {
    let args =
        r#"topc = "a", attempts = 0, group = "", backoff(multiplier = 0.5, jitter = 2, dealy = 3), order = "keys""#;
    let places: Vec<_> =
        mistakes(args, "unsafe fn f<T>(self) -> impl X {}").into_iter().map(|(place, _)| place).collect();
    assert_eq!(places, ["topc", "dealy", "0", "\"\"", "0.5", "2", "\"keys\"", "unsafe", "T", "impl", "self"]);
}

#[test]
fn what_does_nothing_is_refused() {
    let none = "without `attempts` there are none: add `attempts = 5`";
    one(r#"topic = "a", backoff(delay = 1000)"#, "backoff", none);
    for name in ["retry_suffix", "suffix", "same_delay"] {
        let value = if name == "same_delay" { "single" } else { "index" };
        one(&format!(r#"topic = "a", {name} = "{value}""#), name, none);
        one(&format!(r#"topic = "a", attempts = 1, {name} = "{value}""#), name, "with `attempts = 1` there are none");
    }
    for (args, at, says) in [
        (r#"topic = "a", attempts = 1, backoff(delay = 1)"#, "backoff", "with `attempts = 1` there are none"),
        (r#"topic = "a", dlt = false, dlt_suffix = ".dead""#, "dlt_suffix", "with `dlt = false` there is none"),
        (r#"topic = "a.DLT", dlt_suffix = ".dead""#, "dlt_suffix", "a dead-letter topic has none of its own"),
        (r#"topic = "a", dlt = false, auto_create = false"#, "auto_create", "this listener has none"),
        (r#"topic = "a", dlt = false, attempts = 1, partitions = 3"#, "partitions", "this listener has none"),
        (r#"topic = "a", dlt = false, retention = "1d""#, "retention", "this listener has none"),
        (r#"topic = "a", auto_create = false, retention = "1d""#, "retention", "`auto_create = false` creates none"),
        (r#"topic = "a", dlt = false, group_naming = "role""#, "group_naming", "this listener has none"),
        (r#"topic = "a", auto_create = false, replication = 3"#, "replication", "`auto_create = false` creates none"),
        (
            r#"topic = "a", attempts = 5, backoff(delay = 1, max_delay = 9)"#,
            "max_delay",
            "without `multiplier` all delays are equal",
        ),
        (r#"topic = "a", attempts = 5, backoff(delay = 1, multiplier = 1.5)"#, "1.5", "1 ms × 1.5 is 1 ms again"),
        (r#"topic = "a", attempts = 5, backoff(delay = 0, multiplier = 2)"#, "2", "0 ms × 2 is 0 ms again"),
        (r#"topic = "a", blocking(multiplier = 2)"#, "2", "0 ms × 2 is 0 ms again"),
        (
            r#"topic = "a", blocking(delay = 1, max_delay = 9)"#,
            "max_delay",
            "without `multiplier` all delays are equal",
        ),
        (r#"topic = "a", blocking(attempts = 1, delay = 5)"#, "delay", "with `attempts = 1` there is one"),
        (r#"topic = "a", attempts = 5, blocking(attempts = 1)"#, "blocking", "does nothing beside `attempts`"),
    ] {
        one(args, at, says);
    }
    // What start-up may still change has its effect then.
    fine(r#"topic = "a", attempts = "${N:1}", backoff(delay = 1000)"#);
    fine(r#"topic = "a", attempts = N, backoff(delay = 1000)"#);
    fine(r#"topics("a.dlt", "b"), dlt_suffix = ".dead""#);
    fine(r#"topic = "a.dlt", dlt = true, dlt_suffix = ".dead""#);
    fine(r#"topic = "a", blocking(attempts = 1)"#);
    fine(r#"topic = "a", blocking(attempts = "${N:1}", delay = 5)"#);
}

#[test]
fn a_bad_value_is_one_mistake_however_much_hangs_on_it() {
    one(r#"topic = "a", attempts = 0, backoff(delay = 1000), suffix = "index""#, "0", "must be 1 or more");
    one(r#"topic = "a b", attempts = 3"#, "\"a b\"", "cannot have the character ' '");
}

#[test]
fn batches_have_no_order_of_keys() {
    let args = |order: &str| format!(r#"topic = "a", batch(wait = 0), order = {order}"#);
    for (order, wrong) in [("\"key\"", true), ("\"${ORDER:key}\"", true), ("\"none\"", false), ("\"partition\"", false)]
    {
        let mistakes = mistakes(&args(order), "async fn f(_: Vec<&str>) {}");
        assert_eq!(!mistakes.is_empty(), wrong, "{order}: {mistakes:?}");
        assert!(mistakes.iter().all(|(at, says)| at == "order" && says.contains("leave it out")), "{mistakes:?}");
    }
}

/// What is not known yet is not taken to be the default.
#[test]
fn what_is_open_is_judged_neither_by_its_default_nor_by_ours() {
    fine(r#"topic = "a.dlt", dlt = "${DLT:true}", dlt_suffix = ".dead""#);
    let shared = |text: &str| crate::check::shared(super::tokens(text)).err().map(|errors| errors.told());
    assert_eq!(shared(r#"backoff(multiplier = 2, max_delay = 500)"#), None, "a listener may say a shorter delay");
}
