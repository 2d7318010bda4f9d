//! Wrong input: each mistake is named with its place and its cure, all of them at once, before anything is connected to.

use kafka_listen::prelude::*;
use kafka_listen::testing::TestKafka;

/// What start-up says, without the places' line numbers.
async fn refused(app: App) -> Vec<String> {
    let error = app.start().await.expect_err("it must not start").to_string();
    let lines = error.lines().map(|line| line.trim_start_matches("  - ").to_owned());
    lines.map(|line| without_numbers(&line)).collect()
}

/// `startup.rs:17` is `startup.rs:…`: lines move whenever the file is edited.
fn without_numbers(line: &str) -> String {
    let mut parts = line.split("tests/tests/listening/startup.rs:");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| text + "HERE" + part.trim_start_matches(|c: char| c.is_ascii_digit()))
}

macro_rules! listener {
    ($name:ident: $($arguments:tt)*) => {
        #[kafka_listener($($arguments)*)]
        async fn $name() {}
    };
}
listener!(plain: topic = "t", attempts = 2);
listener!(same_topic: topic = "t");
listener!(other_topic: topic = "u", attempts = 2);
listener!(same_id: topic = "u", id = "plain");
listener!(same_chain: topic = "t-retr", attempts = 2, retry_suffix = "y");
listener!(other_group: topic = "t-retr", group = "other", attempts = 2, retry_suffix = "y");
listener!(dead_elsewhere: topic = "t", group = "other", attempts = 1, dlt_suffix = "-retry");
listener!(on_a_retry_topic: topic = "t-retry", group = "other");
listener!(beside: topic = "t", group = "other", attempts = 2);
listener!(routed_into: topic = "t-x", attempts = 1);
listener!(elsewhere_routed_into: topic = "t-x", group = "other", attempts = 1);
listener!(retry_group: topic = "u", group = "test-retry");
listener!(dlt_group: topic = "t-dlt", group = "test-dlt");
listener!(placeholder: topic = "${TOPIC}", group = "mail-${STAGE}");
listener!(numbers: topic = "t", attempts = "${ATTEMPTS}", concurrency = "${CONCURRENCY}");
listener!(backoffs: topic = "t", attempts = 3, backoff(delay = "${DELAY}", multiplier = "${FACTOR}", jitter = "${JITTER}"));
listener!(bad_names: topic = "${TOPIC}", attempts = 2);
listener!(suffixes: topic = "t", attempts = 2, retry_suffix = "${RETRY}", dlt_suffix = "${DLT}");
listener!(replicas: topic = "t", attempts = 2, partitions = "${PARTITIONS}", replication = "${REPLICATION}");
listener!(uncreated: topic = "t", attempts = 2, auto_create = false);
listener!(long: topic = "t", attempts = "${ATTEMPTS}", backoff(delay = "1h", multiplier = 2));

#[kafka_listener(topic = "t", attempts = 1, dlt_route("x", error if error == "x"))]
async fn routed() -> Result<(), String> {
    Ok(())
}

#[kafka_listener(topics("t", "${TOPIC}"), attempts = 1, dlt_route("x", error if error == "x"))]
async fn routed_to_itself() -> Result<(), String> {
    Ok(())
}

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

fn with(kafka: &TestKafka) -> App {
    kafka.app().state(1_u8)
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
async fn two_listeners_that_cannot_live_together() {
    let kafka = TestKafka::new();
    let said = refused(with(&kafka).listener(plain).listener(same_topic)).await;
    let expected = "plain (HERE) and same_topic (HERE) both have the topic `t` in the group `test`: two listeners of one \
                    group would share its records between them: give one of them another group";
    assert_eq!(said[1..], [expected]);
    let said = refused(with(&kafka).listener(plain).listener(same_id)).await;
    let expected =
        "plain (HERE) and same_id (HERE) both have the id `plain`: give one of them another with `id = \"…\"`";
    assert_eq!(said[1..], [expected]);
    let said = refused(with(&kafka).listener(plain).listener(retry_group).listener(dlt_group)).await;
    let expected = [
        "the group `test-retry` of retry_group (HERE) is the one that reads the retries of plain (HERE): give one of them another group",
        "the group `test-dlt` of dlt_group (HERE) is the one that reads the dead letters of plain (HERE): give one of them another group",
    ];
    assert_eq!(said[1..], expected);
}

#[tokio::test(start_paused = true)]
async fn groups_that_nobody_reads_with_are_free() {
    let mut kafka = TestKafka::new();
    kafka.create_topic("t", 1);
    kafka.start(with(&kafka).listener(same_topic).listener(dlt_group)).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_chain_in_the_way_of_another() {
    let kafka = TestKafka::new();
    let said = refused(with(&kafka).listener(plain).listener(same_chain)).await;
    let expected = "plain (HERE) and same_chain (HERE) both have the chain topic `t-retry` in the group `test`: give one of \
                    them another `retry_suffix` or `dlt_suffix`";
    assert_eq!(said[1..], [expected]);
    let same = [("RETRY", "-x"), ("DLT", "-x")];
    let said = refused(set(with(&kafka).listener(suffixes), &same)).await;
    let expected = "suffixes (HERE): the chain of `t` has the topic `t-x` twice: write another `retry_suffix`, `dlt_suffix` or \
          `dlt_route` (`dlt_suffix`: `${DLT}` from `App::property`; `retry_suffix`: `${RETRY}` from `App::property`)";
    assert_eq!(said[1..], [expected]);
}

#[tokio::test(start_paused = true)]
async fn chains_that_meet_in_one_topic_whatever_their_groups() {
    let kafka = TestKafka::new();
    let said = refused(with(&kafka).listener(plain).listener(other_group)).await;
    let expected = "plain (HERE) has the topic `t-retry` as a retry topic of `t`, and other_group (HERE) as a retry topic of \
                    `t-retr`: give one of them another `retry_suffix` or `dlt_suffix`";
    assert_eq!(said[1..], [expected]);
    let said = refused(with(&kafka).listener(plain).listener(dead_elsewhere)).await;
    let expected = "plain (HERE) has the topic `t-retry` as a retry topic of `t`, and dead_elsewhere (HERE) as the DLT of `t`: \
                    give one of them another `retry_suffix` or `dlt_suffix`";
    assert_eq!(said[1..], [expected]);
}

#[tokio::test(start_paused = true)]
async fn chains_that_meet_because_of_a_route() {
    let kafka = TestKafka::new();
    let said = refused(with(&kafka).listener(routed).listener(routed_into)).await;
    let expected = "routed (HERE) and routed_into (HERE) both have the chain topic `t-x-dlt` in the group `test`: give one of \
                    them another `retry_suffix`, `dlt_suffix` or `dlt_route`";
    assert_eq!(said[1..], [expected]);
    let said = refused(with(&kafka).listener(routed).listener(elsewhere_routed_into)).await;
    let expected = "routed (HERE) has the topic `t-x-dlt` as the DLT of `t` by its `dlt_route` \"x\", and elsewhere_routed_into \
                    (HERE) as the DLT of `t-x`: give one of them another `retry_suffix`, `dlt_suffix` or `dlt_route`";
    assert_eq!(said[1..], [expected]);
    let said = refused(with(&kafka).listener(routed_to_itself).property("TOPIC", "t-x-dlt")).await;
    let expected = "routed_to_itself (HERE) (`topics`: `${TOPIC}` from `App::property`): the topic `t-x-dlt` belongs to the \
                    chain of `t`, and is listed itself: leave it out, or write another `retry_suffix`, `dlt_suffix` or `dlt_route`";
    assert_eq!(said[1..], [expected]);
}

#[tokio::test(start_paused = true)]
async fn a_listener_on_anothers_retry_topic() {
    let kafka = TestKafka::new();
    let said = refused(with(&kafka).listener(plain).listener(on_a_retry_topic)).await;
    let expected = "on_a_retry_topic (HERE) listens to `t-retry`, which is a retry topic of `t` of plain (HERE): what waits \
                    there is for that listener alone; name another topic, or give that one another `retry_suffix`";
    assert_eq!(said[1..], [expected]);
}

#[tokio::test(start_paused = true)]
async fn two_groups_on_one_topic_may_share_its_chain_and_the_plan_says_so() {
    let mut kafka = TestKafka::new();
    kafka.create_topic("t", 1);
    let plan = with(&kafka).listener(plain).listener(beside).plan().unwrap().to_string();
    for line in [
        "shared with beside, group other: each passes over the records of the other",
        "shared with plain, group test: each passes over the records of the other",
    ] {
        assert!(plan.contains(line), "{plan}");
    }
    kafka.start(with(&kafka).listener(plain).listener(beside)).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn placeholders_that_are_not_set() {
    let kafka = TestKafka::new();
    let said = refused(with(&kafka).listener(placeholder)).await;
    let expected = [
        "placeholder (HERE): `group`: `${STAGE}` in \"mail-${STAGE}\" is not set: give the application a property `STAGE`, \
         set the environment variable, or write a default: `${STAGE:…}`",
        "placeholder (HERE): `topic`: `${TOPIC}` in \"${TOPIC}\" is not set: give the application a property `TOPIC`, \
         set the environment variable, or write a default: `${TOPIC:…}`",
    ];
    assert_eq!(said[1..], expected, "all of them together");
}

fn set(app: App, properties: &[(&str, &str)]) -> App {
    properties.iter().fold(app, |app, (name, value)| app.property(*name, *value))
}

/// What is said of a listener with these properties, without its name.
async fn said_of<F: 'static>(listener: F, properties: &[(&str, &str)]) -> Vec<String> {
    let kafka = TestKafka::new();
    let said = refused(set(with(&kafka).listener(listener), properties)).await;
    said[1..].iter().map(|line| line.split_once(" (HERE): ").unwrap().1.to_owned()).collect()
}

#[tokio::test(start_paused = true)]
async fn numbers_and_times_that_cannot_be() {
    assert_eq!(
        said_of(numbers, &[("ATTEMPTS", "0"), ("CONCURRENCY", "many")]).await,
        [
            "`concurrency` (`${CONCURRENCY}` from `App::property`): \"many\" is no whole number from 1 to 4294967295",
            "`attempts` (`${ATTEMPTS}` from `App::property`): `attempts = 0` counts the first delivery too: write 1 to 32767",
        ]
    );
    assert_eq!(
        said_of(backoffs, &[("DELAY", "soon"), ("FACTOR", "0.5"), ("JITTER", "2")]).await,
        [
            "`backoff(delay)` (`${DELAY}` from `App::property`): \"soon\" is no time: write whole milliseconds, or a text such as `500ms`, `1s`, `10m`",
            "`backoff(multiplier)` (`${FACTOR}` from `App::property`): `multiplier = 0.5` would make delays shorter: write 1 or more",
            "`backoff(jitter)` (`${JITTER}` from `App::property`): `jitter = 2` is a share of the delay: write 0.0 to 1.0",
        ]
    );
    assert_eq!(
        said_of(backoffs, &[("DELAY", "1s"), ("FACTOR", "two"), ("JITTER", "2")]).await,
        [
            "`backoff(multiplier)` (`${FACTOR}` from `App::property`): \"two\" is no number",
            "`backoff(jitter)` (`${JITTER}` from `App::property`): `jitter = 2` is a share of the delay: write 0.0 to 1.0"
        ]
    );
    assert_eq!(
        said_of(replicas, &[("PARTITIONS", "0"), ("REPLICATION", "40000")]).await,
        [
            "`partitions` (`${PARTITIONS}` from `App::property`): `partitions = 0` cannot be: write 1 to 2147483647",
            "`replication` (`${REPLICATION}` from `App::property`): `replication = 40000` cannot be: write 1 to 32767"
        ]
    );
    assert_eq!(
        said_of(long, &[("ATTEMPTS", "30")]).await,
        [
            "`attempts` (`${ATTEMPTS}` from `App::property`): delay number 18 would be over ten years: write `max_delay`, a smaller `multiplier` or fewer `attempts`"
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn names_that_kafka_does_not_take() {
    assert_eq!(
        said_of(bad_names, &[("TOPIC", "e mail")]).await,
        [
            "`topic` (`${TOPIC}` from `App::property`): the topic name `e mail` has the character ' '; Kafka takes letters, digits, `.`, `_` and `-`"
        ]
    );
    assert_eq!(said_of(bad_names, &[("TOPIC", "")]).await, ["`topic` (`${TOPIC}` from `App::property`): is empty"]);
    assert_eq!(
        said_of(suffixes, &[("RETRY", "-again"), ("DLT", "")]).await,
        ["`dlt_suffix` (`${DLT}` from `App::property`): is empty"]
    );
    assert_eq!(
        said_of(suffixes, &[("RETRY", "/"), ("DLT", "-dlt")]).await,
        [
            "`retry_suffix` (`${RETRY}` from `App::property`): cannot have the character '/': Kafka takes letters, digits, `.`, `_` and `-`"
        ]
    );
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
