//! Wrong input: each mistake is named with its place and its cure, all of them at once, before anything is connected to.

use kafka_listen::prelude::*;
use kafka_listen::testing::TestKafka;

/// What start-up says, without the places of the listeners.
pub async fn refused(app: App) -> Vec<String> {
    let error = app.start().await.expect_err("it must not start").to_string();
    let lines = error.lines().map(|line| line.trim_start_matches("  - ").to_owned());
    lines.map(|line| without_places(&line)).collect()
}

/// Lines move whenever a file is edited.
fn without_places(line: &str) -> String {
    let mut parts = line.split("tests/tests/listening/");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| text + "HERE" + part.trim_start_matches(|c| c != ')'))
}

macro_rules! listener {
    ($name:ident: $($arguments:tt)*) => {
        #[kafka_listener($($arguments)*)]
        pub async fn $name() {}
    };
}
pub(crate) use listener;
listener!(plain: topic = "t", attempts = 2);
listener!(other_topic: topic = "u", attempts = 2);
listener!(uncreated: topic = "t", attempts = 2, auto_create = false);

#[kafka_listener(topic = "t")]
async fn stateful(State(smtp): State<std::sync::Arc<str>>, State(limit): State<u64>) {
    let _ = (smtp, limit);
}

#[dlt_handler(plain)]
async fn plain_is_dead(State(slack): State<u8>) {
    let _ = slack;
}

async fn no_listener() {}

listener!(two_handlers: topic = "t", attempts = 2);
listener!(without_dlt: topic = "t", attempts = 2, dlt = false);
listener!(on_a_dlt: topic = "t.dlt", attempts = 2);

#[dlt_handler(two_handlers)]
async fn one_handler() {}

#[dlt_handler(two_handlers)]
async fn other_handler() {}

#[dlt_handler(without_dlt)]
async fn never_called() {}

#[dlt_handler(on_a_dlt)]
async fn neither_called() {}

#[dlt_handler(no_listener)]
async fn of_no_listener() {}

pub fn with(kafka: &TestKafka) -> App {
    kafka.app().state(1_u8)
}

pub fn set(app: App, properties: &[(&str, &str)]) -> App {
    properties.iter().fold(app, |app, (name, value)| app.property(*name, *value))
}

#[tokio::test(start_paused = true)]
async fn no_kafka_is_named() {
    let said = refused(App::new().group("g").state(1_u8).listener(plain)).await;
    let expected = "no Kafka is named: set the property `bootstrap.servers` or the environment variable \
                    `KAFKA_BOOTSTRAP_SERVERS`, to `host:port` for a cluster or to `embedded` for the in-process broker (feature `embedded`)";
    assert_eq!(said, ["the application cannot start:", expected]);
}

#[tokio::test(start_paused = true)]
async fn no_group() {
    let said = refused(App::new().property("bootstrap.servers", "embedded:startup").state(1_u8).listener(plain)).await;
    let expected =
        "plain (HERE): has no consumer group: write `group = \"…\"`, or give the application one with `.group(\"…\")`";
    assert_eq!(said[1..], [expected]);
}

#[tokio::test(start_paused = true)]
async fn the_listeners_that_are_named() {
    let kafka = TestKafka::new();
    let said = refused(with(&kafka).listener(no_listener)).await;
    let expected =
        "`listening::startup::no_listener` is no listener: annotate it with `#[kafka_listener(topic = \"…\")]`";
    assert_eq!(said[1..], [expected]);
    let said = refused(with(&kafka).listener(plain).listener(plain)).await;
    assert_eq!(said[1..], ["`listening::startup::plain` is named twice: remove one `.listener(…)` of it"]);
}

#[tokio::test(start_paused = true)]
async fn states_that_are_missing_or_given_twice() {
    let kafka = TestKafka::new();
    let said = refused(with(&kafka).listener(stateful)).await;
    let expected = [
        "stateful (HERE): the parameter `State(smtp): State<std::sync::Arc<str>>` needs a state that the application does not \
         have: give it one with `.state(…)` of type `alloc::sync::Arc<str>`",
        "stateful (HERE): the parameter `State(limit): State<u64>` needs a state that the application does not \
         have: give it one with `.state(…)` of type `u64`",
    ];
    assert_eq!(said[1..], expected);
    let said = refused(kafka.app().listener(plain)).await;
    let expected = "plain_is_dead (HERE): the parameter `State(slack): State<u8>` needs a state that the application does not \
                    have: give it one with `.state(…)` of type `u8`";
    assert_eq!(said[1..], [expected]);
    let said = refused(with(&kafka).state(2_u8).listener(plain)).await;
    assert_eq!(said[1..], ["the application was given two states of type `u8`: wrap one of them in a type of its own"]);
}

#[tokio::test(start_paused = true)]
async fn properties_that_nobody_knows() {
    let kafka = TestKafka::new();
    let said = refused(with(&kafka).listener(plain).property("mail.stage", "prod")).await;
    assert_eq!(said[1..], ["the property `mail.stage` is neither a client property nor used by a placeholder"]);
}

/// A setting of the application beside them shows that all is told at once.
#[tokio::test(start_paused = true)]
async fn properties_that_are_refused_or_have_bad_values() {
    let wrong = [("acks", "1"), ("enable.auto.commit", "true"), ("linger.ms", "soon")];
    for servers in ["embedded:startup-properties", "127.0.0.1:1"] {
        let app = App::new().group("g").property("bootstrap.servers", servers).listener(plain);
        let said = refused(set(app, &wrong)).await;
        assert_eq!(said[0], "the application cannot start:", "{servers}");
        let expected =
            ["State<u8>", "`acks` cannot be `1`", "`enable.auto.commit` cannot be `true`", "`linger.ms` cannot"];
        assert_eq!(said.len(), 1 + expected.len(), "{servers}: {said:?}");
        for (line, part) in said[1..].iter().zip(expected) {
            assert!(line.contains(part), "{servers}: {line}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn properties_that_the_in_process_broker_cannot_honour() {
    let kafka = TestKafka::new();
    let wrong = [("group.instance.id", "one"), ("partition.assignment.strategy", "range")];
    let said = refused(set(with(&kafka).listener(plain), &wrong)).await;
    let expected = [
        "`group.instance.id`: the in-process broker has no static members",
        "`partition.assignment.strategy=range`: the in-process broker knows `cooperative-sticky` only",
    ];
    assert_eq!(said, ["the application cannot start:", expected[0], expected[1]]);
}

#[tokio::test(start_paused = true)]
async fn source_topics_with_no_or_too_many_partitions() {
    let kafka = TestKafka::new();
    for partitions in [0, 3_000_000_000] {
        let said = refused(with(&kafka).listener(plain).create_source_topics(partitions)).await;
        let expected = format!(
            "`.create_source_topics({partitions})`: a topic has at least one partition, and at most 2147483647"
        );
        assert_eq!(said[1..], [expected]);
    }
}

#[tokio::test(start_paused = true)]
async fn dlt_handlers_that_would_never_be_called() {
    let kafka = TestKafka::new();
    let said = refused(with(&kafka).listener(two_handlers)).await;
    let expected =
        "two_handlers (HERE) has two DLT handlers, one_handler (HERE) and other_handler (HERE): remove one of them";
    assert_eq!(said[1..], [expected]);
    let said = refused(with(&kafka).listener(without_dlt)).await;
    let expected = "never_called (HERE) handles the dead letters of without_dlt (HERE), which has none: remove `dlt = false` \
                    there, or the handler";
    assert_eq!(said[1..], [expected]);
    let said = refused(with(&kafka).listener(on_a_dlt)).await;
    let expected = "neither_called (HERE) handles the dead letters of on_a_dlt (HERE), which itself listens to a dead-letter \
                    topic and so has none: remove the handler, or write `dlt = true` there";
    assert_eq!(said[1..], [expected]);
    let said = refused(with(&kafka)).await.join("\n");
    let expected = "of_no_listener (HERE) is a DLT handler of a function that is no listener: annotate that with \
                    `#[kafka_listener(topic = \"…\")]`";
    assert!(said.contains(expected), "{said}");
}

#[tokio::test(start_paused = true)]
async fn topics_that_are_not_there_or_cannot_be_used() {
    let kafka = TestKafka::new();
    let said = refused(with(&kafka).listener(plain).listener(other_topic)).await;
    let missing = |topic: &str, of: &str| {
        format!(
            "the topic `{topic}` of {of} (HERE) does not exist: create it, or let the application do so with \
             `.create_source_topics(partitions)`"
        )
    };
    assert_eq!(said[0], "the application's topics cannot be used:");
    assert_eq!(said[1..], [missing("t", "plain"), missing("u", "other_topic")]);
    assert!(kafka.cluster().topics().is_empty(), "a typing error creates nothing");
    kafka.create_topic("t", 1);
    let said = refused(with(&kafka).listener(uncreated)).await;
    let missing = |topic: &str| {
        format!(
            "the chain topic `{topic}` does not exist: create it, or let the listener create it by removing \
             `auto_create = false`"
        )
    };
    assert_eq!(said[1..], [missing("t-retry"), missing("t-dlt")]);
    kafka.cluster().create_topic_with("t-retry", 1, &[("cleanup.policy", "compact,delete")]).unwrap();
    let said = refused(with(&kafka).listener(plain)).await;
    let expected = "the topic `t-retry` is compacted, which loses records of one key while they wait: set its `cleanup.policy` \
                    to `delete`";
    assert_eq!(said[1..], [expected]);
}

#[tokio::test(start_paused = true)]
async fn a_cluster_that_is_not_there() {
    let kafka = TestKafka::new();
    kafka.cluster().set_reachable(false);
    let said = refused(with(&kafka).listener(plain)).await;
    assert!(said[0].starts_with("the cluster cannot be used: "), "{said:?}");
    assert!(kafka.elapsed().as_secs() < 10);
}
