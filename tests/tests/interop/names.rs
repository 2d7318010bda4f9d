//! The topics of a chain have the names that Spring gives them, both read from the broker.

use std::collections::BTreeMap;

use kafka_listen::{App, prelude::*};
use kafka_listen_tests::real_kafka::shared;

use super::spring;
use super::support::{app, create_topic, topics};

/// One listener for each of the class `Names` of the Spring application.
macro_rules! chains {
    ($($name:ident: [$($topic:literal),+], $($attribute:ident$(($($inner:tt)*))? $(= $value:literal)?),+;)*) => {
        $(
            #[kafka_listener(topics($($topic),+), group = "names.ours.group", $($attribute$(($($inner)*))? $(= $value)?),+)]
            async fn $name(_value: &[u8]) {}
        )*

        const SOURCES: &[&str] = &[$($($topic),+),*];

        fn all(app: App) -> App {
            app$(.listener($name))*
        }
    };
}

chains! {
    exponential: ["names.ours.exponential"], attempts = 5, backoff(delay = 1000, multiplier = 2);
    exponential_multiple: ["names.ours.exponential-multiple"], attempts = 5, backoff(delay = 1000, multiplier = 2), same_delay = "multiple";
    index: ["names.ours.index"], attempts = 5, backoff(delay = 1000, multiplier = 2), suffix = "index";
    index_multiple: ["names.ours.index-multiple"], attempts = 5, backoff(delay = 1000, multiplier = 2), suffix = "index", same_delay = "multiple";
    fixed: ["names.ours.fixed"], attempts = 5, backoff(delay = 1000);
    fixed_multiple: ["names.ours.fixed-multiple"], attempts = 5, backoff(delay = 1000), same_delay = "multiple";
    fixed_index: ["names.ours.fixed-index"], attempts = 5, backoff(delay = 1000), suffix = "index";
    fixed_index_multiple: ["names.ours.fixed-index-multiple"], attempts = 5, backoff(delay = 1000), suffix = "index", same_delay = "multiple";
    two: ["names.ours.two"], attempts = 2, backoff(delay = 1000);
    two_multiple: ["names.ours.two-multiple"], attempts = 2, backoff(delay = 1000), same_delay = "multiple";
    two_index: ["names.ours.two-index"], attempts = 2, backoff(delay = 1000), suffix = "index";
    two_index_multiple: ["names.ours.two-index-multiple"], attempts = 2, backoff(delay = 1000), suffix = "index", same_delay = "multiple";
    max: ["names.ours.max"], attempts = 5, backoff(delay = 1000, multiplier = 2, max_delay = 3000);
    max_multiple: ["names.ours.max-multiple"], attempts = 5, backoff(delay = 1000, multiplier = 2, max_delay = 3000), same_delay = "multiple";
    max_index: ["names.ours.max-index"], attempts = 5, backoff(delay = 1000, multiplier = 2, max_delay = 3000), suffix = "index";
    max_index_multiple: ["names.ours.max-index-multiple"], attempts = 5, backoff(delay = 1000, multiplier = 2, max_delay = 3000), suffix = "index", same_delay = "multiple";
    one: ["names.ours.one"], attempts = 1;
    one_multiple: ["names.ours.one-multiple"], attempts = 1;
    fraction: ["names.ours.fraction"], attempts = 5, backoff(delay = 500, multiplier = 1.5);
    dlt_suffix: ["names.ours.dlt-suffix"], attempts = 5, backoff(delay = 1000, multiplier = 2), dlt_suffix = ".dlt";
    retry_suffix: ["names.ours.retry-suffix"], attempts = 3, backoff(delay = 100, multiplier = 2), retry_suffix = "-again";
    no_dlt: ["names.ours.no-dlt"], attempts = 3, backoff(delay = 100, multiplier = 2), dlt = false;
    several: ["names.ours.first", "names.ours.second"], attempts = 2, backoff(delay = 100);
}

#[derive(Debug, thiserror::Error)]
enum Refused {
    #[error("it is not valid")]
    Invalid,
}

#[kafka_listener(
    topic = "names.ours.route",
    group = "names.ours.group",
    attempts = 2,
    backoff(delay = 100),
    dlt_route("validation", Refused::Invalid)
)]
async fn route(_value: &[u8]) -> Result<(), Refused> {
    Err(Refused::Invalid)
}

/// The topics of one side, without what tells the sides apart, each with its number of partitions.
fn names(side: &str) -> BTreeMap<String, usize> {
    let topics = topics(shared(), side).into_iter();
    topics.map(|(name, partitions)| (name.strip_prefix(side).unwrap().to_owned(), partitions)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_topic_of_every_chain_has_springs_name() {
    spring();
    SOURCES.iter().chain(&["names.ours.route"]).for_each(|source| create_topic(source, 1, &[]));
    let running = all(app()).listener(route).start().await.unwrap();
    assert_eq!(names("names.ours."), names("names.spring."));
    running.stop().await;
}
