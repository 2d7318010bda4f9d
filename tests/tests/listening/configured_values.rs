//! Numbers, times and lists that are written outside of the attributes: what they are taken for, and what there is.

use kafka_listen::prelude::*;
use kafka_listen::testing::TestKafka;

use crate::support::config_file::{ConfigFile, refused};

#[kafka_listener(topic = "b", batch(wait = "${WAIT:1s}"), max_retry_after = "${MOST:1h}", retention = "${KEPT:7d}")]
async fn together(_: Vec<&str>) {}

#[tokio::test(start_paused = true)]
async fn a_time_that_nobody_can_mean_is_refused_wherever_it_comes_from() {
    let kafka = TestKafka::new();
    let (years, many) = ("11years", "9223372036854775808");
    let file = ConfigFile::new(&format!(
        "[listener.together]\nbatch.wait = \"{years}\"\nmax_retry_after = \"{years}\"\nretention = \"{many}\""
    ));
    let variable = |key: &str, value: &str| (format!("KAFKA_LISTEN_TOGETHER_{key}"), value.to_owned());
    let environment = [variable("BATCH_WAIT", years), variable("MAX_RETRY_AFTER", years), variable("RETENTION", many)];
    let app = || kafka.app().listener(together);
    let placeholders = app().property("WAIT", years).property("MOST", years).property("KEPT", many);
    for (app, file) in
        [(app(), file), (app().environment(environment), ConfigFile::new("")), (placeholders, ConfigFile::new(""))]
    {
        let said = refused(app, &file).await;
        let said: Vec<_> =
            said.iter().map(|line| (line.split('`').nth(1).unwrap(), line.rsplit("): ").next().unwrap())).collect();
        let longer = "is over ten years: write a shorter time";
        let kept =
            "is more milliseconds than Kafka can count: write a shorter time, or leave it out for the broker's default";
        assert_eq!(said, [("batch(wait)", longer), ("max_retry_after", longer), ("retention", kept)]);
    }
    kafka.create_topic("b", 1);
    let longest =
        app().setting("together", "batch.wait", 315_360_000_000_u64).setting("together", "retention", i64::MAX);
    longest.setting("together", "max_retry_after", "3650d").start().await.unwrap().stop().await;
}

#[tokio::test(start_paused = true)]
async fn what_is_no_whole_number_is_told_with_the_numbers_that_there_are() {
    let kafka = TestKafka::new();
    for (key, most) in [
        ("attempts", 32_767),
        ("blocking.attempts", 32_767),
        ("concurrency", u32::MAX),
        ("batch.max", 4096),
        ("partitions", 2_147_483_647),
        ("replication", 32_767),
    ] {
        for wrong in ["abc", "-1", "4294967296"] {
            let app = kafka.app().listener(together).setting("together", key, wrong);
            let said = refused(app, &ConfigFile::new("")).await.concat();
            let expected = format!("(`App::setting`): \"{wrong}\" is no whole number from 1 to {most}");
            assert!(said.ends_with(&expected), "{key}: {said}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_list_of_topics_has_commas_where_there_are_no_lists_and_one_topic_has_none() {
    let kafka = TestKafka::new();
    let listed = |app: App, variables: &[(&str, &str)]| {
        let read = app.environment(variables.iter().copied()).plan().unwrap().topics_read();
        read.into_iter().map(|(_, topic)| topic).collect::<Vec<_>>()
    };
    let app = || kafka.app().listener(plain);
    assert_eq!(listed(app().setting("plain", "topics", "a, ${B:b}"), &[]), ["a", "b"]);
    assert_eq!(listed(app(), &[("KAFKA_LISTEN_PLAIN_TOPICS", "a,b")]), ["a", "b"]);

    let of_a_stage = |value: &str| kafka.app().listener(staged).property("STAGE", value);
    let several = ": name several topics with `topics`";
    for (app, place, name, character, hint) in [
        (app().setting("plain", "topic", "a, b"), "`App::setting`", "a, b", ',', several),
        (app().setting("plain", "topic", "a b"), "`App::setting`", "a b", ' ', ""),
        (app().setting("plain", "topics", "a,b c"), "`App::setting`", "b c", ' ', ""),
        (of_a_stage("x, y"), "`${STAGE}` from `App::property`", "x, y.orders", ',', several),
    ] {
        let said = refused(app, &ConfigFile::new("")).await;
        let expected = format!(
            "({place}): the topic name `{name}` has the character {character:?}; Kafka takes letters, digits, `.`, `_` and \
             `-`{hint}"
        );
        assert!(said.iter().any(|line| line.ends_with(&expected)), "{expected}: {said:?}");
    }
}

#[kafka_listener(topic = "plain", group = "blocking")]
fn plain() {}

#[kafka_listener(topic = "${STAGE:dev}.orders", group = "billing")]
async fn staged() {}
