//! Values, each by itself, and the delays and names that follow from several.

use super::{fine, one};

#[test]
fn numbers_are_literals_constants_or_texts_with_a_placeholder() {
    for good in ["5", "5u32", "5_000", "N", "2 + 3", "config::ATTEMPTS", "\"${N}\"", "\"${N:5}\"", "\"${A}${B:5}\""] {
        fine(&format!(r#"topic = "a", attempts = {good}"#));
    }
    for (bad, at, says) in [
        ("0", "0", "must be 1 or more: it counts the first delivery"),
        ("-1", "-1", "that is not negative: write `attempts = 5`"),
        ("40000", "40000", "must be 1 to 32767"),
        ("99999999999999999999", "99999999999999999999", "takes a whole number"),
        ("2.5", "2.5", "takes a whole number: write `attempts = 5`"),
        ("\"5\"", "\"5\"", "without quotes: write `attempts = 5`"),
        ("true", "true", "takes a whole number"),
        ("\"${N:0}\"", "\"${N:0}\"", "must be 1 or more"),
        ("\"${N:five}\"", "\"${N:five}\"", "and the default is none"),
        ("\"${N:5\"", "\"${N:5\"", "has no `}`"),
    ] {
        one(&format!(r#"topic = "a", attempts = {bad}"#), at, says);
    }
    one(r#"topic = "a", concurrency = 0"#, "0", "leave it out for no limit");
    one(r#"topic = "a", partitions = 0"#, "0", "as many as the source topic has");
    one(r#"topic = "a", replication = 40000"#, "40000", "must be 1 to 32767");
}

#[test]
fn decimals_stay_in_their_range() {
    let backoff = |value: &str| format!(r#"topic = "a", attempts = 3, backoff(delay = 1000, {value})"#);
    for good in [
        "multiplier = 2",
        "multiplier = 1.0",
        "multiplier = M",
        "multiplier = \"${M:1.5}\"",
        "jitter = 0",
        "jitter = 1",
    ] {
        fine(&backoff(good));
    }
    for (bad, at, says) in [
        ("multiplier = 0.5", "0.5", "`multiplier` must be 1 or more, because delays never get shorter"),
        ("multiplier = -2", "-2", "not negative"),
        ("multiplier = 1e999", "1e999", "takes a number"),
        ("multiplier = \"2\"", "\"2\"", "without quotes"),
        ("multiplier = \"${M:0.5}\"", "\"${M:0.5}\"", "must be 1 or more"),
        ("multiplier = \"${M:NaN}\"", "\"${M:NaN}\"", "must be 1 or more"),
        ("jitter = 2", "2", "`jitter` must be 0.0 to 1.0"),
        ("jitter = '1'", "'1'", "`jitter` takes a number: write `jitter = 0.2`"),
    ] {
        one(&backoff(bad), at, says);
    }
}

#[test]
fn times_are_whole_milliseconds() {
    let delay = |value: &str| format!(r#"topic = "a", attempts = 3, backoff(delay = {value})"#);
    for good in ["0", "1000", "\"500ms\"", "\"1s\"", "\"1h 30m\"", "D", "\"${D}\"", "\"${D:1s}\"", "\"${D:1000}\""] {
        fine(&delay(good));
    }
    one(r#"topic = "a", handler_timeout = 0"#, "0", "`handler_timeout` must be longer than 0");
    one(r#"topic = "a", handler_timeout = "${T:0}""#, "\"${T:0}\"", "leave it out for no limit");
    fine(r#"topic = "a", max_retry_after = 315360000000, retention = 9223372036854775807, timeout = "1000years""#);
    one(r#"topic = "a", max_retry_after = "11years""#, "\"11years\"", "`max_retry_after` is over ten years");
    one(r#"topic = "a", max_retry_after = "${M:315360000001}""#, "\"${M:315360000001}\"", "write a shorter time");
    let many = "9223372036854775808";
    one(&format!(r#"topic = "a", retention = {many}"#), many, "`retention` is more milliseconds than Kafka can count");
    let batch = super::mistakes(r#"topic = "a", batch(wait = "11years")"#, "async fn f(_: Vec<&str>) {}");
    assert!(batch.len() == 1 && batch[0].1.starts_with("`wait` is over ten years"), "{batch:?}");
    for bad in ["-1", "1.5", "\"1\"", "\"soon\"", "\"1500us\"", "true", "\"${D:soon}\"", "\"\""] {
        one(&delay(bad), bad, "is no time: write milliseconds, `delay = 1000`, or a text");
    }
}

#[test]
fn words_are_those_of_the_table() {
    one(
        r#"topic = "a", order = "keys""#,
        "\"keys\"",
        "`order` is one of `\"partition\"`, `\"key\"`, `\"none\"`: did you mean `\"key\"`?",
    );
    one(r#"topic = "a", order = "Partition""#, "\"Partition\"", "did you mean `\"partition\"`?");
    one(r#"topic = "a", offset_reset = "beginning""#, "\"beginning\"", "`offset_reset` is one of `\"earliest\"`");
    one(r#"topic = "a", order = Order::Key"#, "Order::Key", "`order` is one of");
    one(r#"topic = "a", dlt = "false""#, "\"false\"", "`dlt` is `true` or `false`");
    one(r#"topic = "a", dlt = DLT"#, "DLT", "`dlt` is `true` or `false`");
    for good in
        ["order = \"${ORDER}\"", "order = \"${ORDER:key}\"", "dlt = \"${DLT}\"", "auto_create = \"${CREATE:true}\""]
    {
        fine(&format!("topic = \"a\", {good}"));
    }
    one(r#"topic = "a", order = "${ORDER:keys}""#, "\"${ORDER:keys}\"", "did you mean `\"key\"`?");
    one(r#"topic = "a", dlt = "${DLT:no}""#, "\"${DLT:no}\"", "`dlt` is `true` or `false`");
    one(r#"topic = "a", order = "${ORDER""#, "\"${ORDER\"", "has no `}`");
}

#[test]
fn texts_say_something() {
    one(r#"topic = "a", group = """#, "\"\"", "`group` is empty");
    one(r#"topic = "a", id = "${ID:}""#, "\"${ID:}\"", "`id` is empty");
    one(r#"topic = "a", group = 5"#, "5", "`group` takes a text: write `group = \"email\"`");
    one(r#"topic = TOPIC"#, "TOPIC", "what differs from place to place is a placeholder");
    fine(r#"topic = "a", group = "cache-${random.uuid}", blocking(attempts = 3)"#);
    fine(r#"topic = "a", group = "${random.uuid}", attempts = 1"#);
    for (args, at, says) in [
        (r#"topic = "a", group = "${random.int}""#, "\"${random.int}\"", "no random value that there is"),
        (r#"topic = "${random.uuid}""#, "\"${random.uuid}\"", "makes sense for `group` alone"),
        (r#"topic = "a", id = "x-${random.uuid}""#, "\"x-${random.uuid}\"", "makes sense for `group` alone"),
        (r#"topic = "a", dlt_suffix = "${random.uuid}""#, "\"${random.uuid}\"", "makes sense for `group` alone"),
        (r#"topic = "a", attempts = "${random.uuid}""#, "\"${random.uuid}\"", "makes sense for `group` alone"),
        (r#"topic = "a", order = "${random.uuid}""#, "\"${random.uuid}\"", "makes sense for `group` alone"),
        (r#"topic = "a", group = "${random.uuid}", attempts = 3"#, "attempts", "no later process could finish"),
    ] {
        one(args, at, says);
    }
    fine(r#"topic = "a", group = "any thing/${ENV}""#);
}

#[test]
fn topics_have_names_that_kafka_takes() {
    for (args, at, says) in [
        (r#"topic = "email send""#, "\"email send\"", "the name of a topic cannot have the character ' '"),
        (r#"topic = """#, "\"\"", "`topic` is empty"),
        (r#"topic = "..""#, "\"..\"", "`..` cannot be the name of a topic"),
        (r#"topic = "a/${B}""#, "\"a/${B}\"", "the character '/'"),
        (r#"topic = "${B:ü}""#, "\"${B:ü}\"", "the character 'ü'"),
        (r#"topics("a", "b c", "d")"#, "\"b c\"", "the character ' '"),
        (r#"topics("a", "b", "a")"#, "\"a\"", "the topic `a` is listed twice"),
        (r#"topics("a", 5)"#, "5", "`topics` takes a text"),
        (r#"topic = "a", dlt_suffix = " dlt""#, "\" dlt\"", "a topic's suffix cannot have the character ' '"),
        (r#"topic = "a", dlt_suffix = """#, "\"\"", "`dlt_suffix` is empty"),
    ] {
        one(args, at, says);
    }
    fine(r#"topics("a", "${B}", "${C}")"#);
}

#[test]
fn every_name_of_the_chain_is_one_that_kafka_takes() {
    let long = |len: usize| "x".repeat(len);
    let topic = |len: usize, rest: &str| format!("topic = \"{}\"{rest}", long(len));
    fine(&topic(245, ""));
    fine(&topic(249, ", dlt = false"));
    fine(&topic(238, ", attempts = 3, backoff(delay = 1000, multiplier = 2)"));
    one(&topic(246, ""), &format!("\"{}\"", long(246)), "the name of the dead-letter topic would have 250 characters");
    one(&topic(250, ", dlt = false"), &format!("\"{}\"", long(250)), "the name of the topic would have 250 characters");
    let growing = ", attempts = 3, backoff(delay = 1000, multiplier = 2)";
    one(
        &topic(239, growing),
        &format!("\"{}\"", long(239)),
        "the name of a retry topic would have 250 characters; Kafka takes 249",
    );
}

#[test]
fn no_two_topics_of_a_listener_have_one_name() {
    one(
        r#"topic = "a", attempts = 2, retry_suffix = "-dlt""#,
        "\"a\"",
        "the dead-letter topic of `a` would be called `a-dlt`, and so is a retry topic of `a`: choose other suffixes",
    );
    one(r#"topics("a", "a-dlt")"#, "\"a\"", "and so is the topic `a-dlt` itself");
    one(r#"topics("a-retry", "a"), attempts = 2"#, "\"a\"", "and so is the topic `a-retry` itself");
    // A dead-letter topic has none of its own.
    fine(r#"topics("a", "a.dlt")"#);
}

#[test]
fn a_pattern_is_a_regular_expression_from_the_beginning_of_a_name() {
    for (args, at, says) in [
        (r#"topic_pattern = "^(a""#, r#""^(a""#, "`topic_pattern` is no regular expression: "),
        (
            r#"topic_pattern = "a.*""#,
            r#""a.*""#,
            "begins with `^`, where names of topics begin: write `topic_pattern = \"^email",
        ),
        (r#"topic_pattern = "${P:a}""#, r#""${P:a}""#, "begins with `^`"),
        (r#"topic_pattern = """#, r#""""#, "`topic_pattern` is empty"),
        ("topic_pattern = 5", "5", "`topic_pattern` takes a text"),
        (
            r#"topic_pattern = "^a", attempts = 2, retry_suffix = "-dlt""#,
            r#""^a""#,
            "the dead-letter topic of `<topic>` would be called `<topic>-dlt`, and so is a retry topic",
        ),
    ] {
        one(args, at, says);
    }
    fine(r#"topic_pattern = "^${TENANT}\\.", attempts = 3"#);
    fine(r#"topic_pattern = "${P}""#);
    fine(r#"topic_pattern = "^[a-z]{2,}$", dlt_suffix = ".dead", partitions = 3"#);
}

#[test]
fn a_retention_is_longer_than_any_delay() {
    let with = |args: &str| format!(r#"topic = "a", attempts = 3, {args}"#);
    one(
        &with("backoff(delay = 1000, multiplier = 2), retention = 2000"),
        "2000",
        "`retention` is 2000 ms, and records wait for up to 2000 ms in a retry topic",
    );
    one(&with(r#"backoff(delay = 1000, jitter = 0.5), retention = "1500ms""#), "\"1500ms\"", "for up to 1500 ms");
    one(r#"topic = "a", attempts = 70, backoff(multiplier = 2)"#, "2", "delay number 30 would be over ten years");
    fine(&with("backoff(delay = 1000, multiplier = 2), retention = 2001"));
    fine(&with("backoff(delay = D), retention = 1"));
    fine(&with("retention = \"${R}\""));
    fine(r#"topic = "a", retention = 1"#);
}

#[test]
fn delays_fit_each_other() {
    let backoff = |args: &str| format!(r#"topic = "a", attempts = 50, backoff({args})"#);
    fine(&backoff("delay = 3000, multiplier = 2, max_delay = 3000"));
    one(
        &backoff("delay = 5000, multiplier = 2, max_delay = \"3s\""),
        "5000",
        "`delay` is 5000 ms, longer than `max_delay`, 3000 ms",
    );
    one(
        &backoff("multiplier = 2, max_delay = 500"),
        "500",
        "`delay` is 1000 ms (the default), longer than `max_delay`",
    );
    one(&backoff("delay = 1000, multiplier = 2"), "2", "delay number 30 would be over ten years: add `max_delay`");
    one(&backoff("delay = \"11y\""), "\"11y\"", "`delay` is over ten years");
    fine(&backoff("delay = D, multiplier = 2, max_delay = 500"));
}
