//! The page for those who come from Spring leaves nothing out: its rows are what Spring's own classes say that they can be told.

use std::collections::BTreeSet;

use super::spring;

const PAGE: &str = include_str!("../../../docs/coming-from-spring.md");

const CLASSES: [(&str, &str); 6] = [
    ("`@RetryableTopic`", "org.springframework.kafka.annotation.RetryableTopic"),
    ("`@BackOff`", "org.springframework.kafka.annotation.BackOff"),
    ("`@KafkaListener`", "org.springframework.kafka.annotation.KafkaListener"),
    ("`@KafkaHandler`", "org.springframework.kafka.annotation.KafkaHandler"),
    ("`DefaultErrorHandler`", "org.springframework.kafka.listener.DefaultErrorHandler"),
    ("`DeadLetterPublishingRecoverer`", "org.springframework.kafka.listener.DeadLetterPublishingRecoverer"),
];

/// The first column of the section with this heading, without rows of the class itself and of its constructors.
fn rows(heading: &str) -> BTreeSet<String> {
    let section = PAGE.split(&format!("\n## {heading}\n")).nth(1).unwrap().split("\n## ").next().unwrap();
    let rows = section.lines().filter(|line| line.starts_with('|')).skip(2);
    let names = rows.filter_map(|row| row.split('|').nth(1)?.trim().strip_prefix('`')?.strip_suffix('`'));
    names.filter(|name| !name.starts_with('@')).map(str::to_owned).collect()
}

#[test]
fn the_page_has_a_row_for_everything_that_spring_can_be_told() {
    for (heading, class) in CLASSES {
        let attributes: BTreeSet<_> = spring().attributes(class).into_iter().collect();
        assert!(!attributes.is_empty(), "{class}");
        assert_eq!(rows(heading), attributes, "{class}");
    }
    let of_the_dlt_handler = spring().attributes("org.springframework.kafka.annotation.DltHandler");
    assert!(of_the_dlt_handler.is_empty(), "the page says that there are none: {of_the_dlt_handler:?}");
}
