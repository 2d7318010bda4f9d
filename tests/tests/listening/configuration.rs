//! Settings that are made outside of the attributes: which place counts, what is refused, and what starts in the end.

use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use kafka_listen::prelude::*;
use kafka_listen::testing::TestKafka;

use crate::support::{Notes, send};

#[kafka_listener(topic = "t", attempts = 5, backoff(delay = "${DELAY:1s}"))]
async fn send_email() -> Result<(), String> {
    Err("never".to_owned())
}

#[kafka_listener(topic = "plain", group = "blocking")]
fn plain() {}

/// A file of a test's own, removed in the end.
struct ConfigFile(PathBuf);

impl ConfigFile {
    fn new(text: &str) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let name = format!("kafka-listen-{}-{}.toml", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        std::fs::write(&path, text).unwrap();
        Self(path)
    }

    /// The text without this file's path, which is another one each time.
    fn cut_from(&self, text: &str) -> String {
        text.replace(&*self.0.to_string_lossy(), "FILE")
    }
}

impl Drop for ConfigFile {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// All that start-up says is wrong.
async fn refused(app: App, file: &ConfigFile) -> Vec<String> {
    let error = app.config_file(&file.0).start().await.expect_err("it must not start").to_string();
    let lines = error.lines().skip(1).map(|line| line.trim_start_matches("  - "));
    lines.map(|line| without_place(&file.cut_from(line))).collect()
}

/// Without the attributes' places, whose lines move whenever this file is edited.
fn without_place(line: &str) -> String {
    let mut parts = line.split(" (tests/tests/listening/configuration.rs:");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |line, part| line + part.split_once(')').unwrap().1)
}

#[tokio::test(start_paused = true)]
async fn the_program_counts_for_more_than_the_environment_that_than_the_file_and_that_than_the_attribute() {
    let file =
        ConfigFile::new("[listener.send_email]\nattempts = 3\nbackoff = { delay = \"4s\" }\ndlt_suffix = \".dead\"");
    let environment = [("KAFKA_LISTEN_SEND_EMAIL_BACKOFF_DELAY", "5s"), ("KAFKA_LISTEN_SEND_EMAIL_DLT_SUFFIX", ".env")];
    for (program, environment, topics, delays) in [
        (None, &[][..], ["t", "t-retry", "t.dead"], &[0, 4, 8][..]),
        (None, &environment, ["t", "t-retry", "t.env"], &[0, 5, 10]),
        (Some("6s"), &environment, ["t", "t-retry", "t.env"], &[0, 6, 12]),
    ] {
        let mut kafka = TestKafka::new();
        kafka.create_topic("t", 1);
        let app = kafka.app().listener(send_email).config_file(&file.0).environment(environment.iter().copied());
        let app = program.iter().fold(app, |app, delay| app.setting("send_email", "backoff.delay", delay));
        kafka.start(app).await.unwrap();
        send(&kafka, "t", 0, "x").await;
        kafka.settle().await;
        assert_eq!(kafka.cluster().topics(), topics);
        let seconds: Vec<_> = kafka.deliveries().iter().map(|delivery| delivery.at.as_secs()).collect();
        assert_eq!(seconds, delays);
    }
}

#[tokio::test(start_paused = true)]
async fn the_plan_shows_what_is_not_the_attributes_with_its_place() {
    let file = ConfigFile::new("[listener.send_email]\nattempts = \"${ATTEMPTS:3}\"");
    let kafka = TestKafka::new();
    kafka.create_topic("t", 1);
    let app = kafka.app().listener(send_email).config_file(&file.0);
    let handle = app.setting("send_email", "concurrency", 2).start().await.unwrap();
    let plan = file.cut_from(&handle.plan().to_string());
    assert!(plan.contains("\n    attempts = ${ATTEMPTS:3} (FILE:2, the default of `${ATTEMPTS}`)"), "{plan}");
    assert!(plan.contains("\n    concurrency = 2 (`App::setting`)"), "{plan}");
    handle.stop().await;
}

#[tokio::test(start_paused = true)]
async fn every_value_is_judged_as_the_attributes_are_and_told_with_its_place() {
    let file = ConfigFile::new(
        r#"
        [listener.send_email]
        attempts = 0
        order = "keys"
        concurrency = 0
        dlt_suffix = "/"
        auto_create = "no"
        partitions = [1, 2]
        topic = "${random.uuid}"
        backoff = { delay = "soon" }
        [listener.plain]
        handler_timeout = "1s"
        topics = ["a", "a"]
        "#,
    );
    let kafka = TestKafka::new();
    let app = kafka.app().listener(send_email).listener(plain);
    let app = app.environment([("KAFKA_LISTEN_SEND_EMAIL_BACKOFF_MULTIPLIER", "0.5")]);
    let expected = [
        "send_email: `topic` (FILE:9): `${random.uuid}` is another id at each start, which makes sense for `group` alone",
        "send_email: `concurrency` (FILE:5): `concurrency = 0` cannot be: write 1 to 4294967295",
        "send_email: `order` (FILE:4): \"keys\" is no order: write `partition`, `key` or `none`",
        "send_email: `backoff(delay)` (FILE:10): \"soon\" is no time: write whole milliseconds, or a text such as `500ms`, `1s`, `10m`",
        "send_email: `attempts` (FILE:3): `attempts = 0` counts the first delivery too: write 1 to 32767",
        "send_email: `backoff(multiplier)` (environment variable `KAFKA_LISTEN_SEND_EMAIL_BACKOFF_MULTIPLIER`): `multiplier = 0.5` would make delays shorter: write 1 or more",
        "send_email: `dlt_suffix` (FILE:6): cannot have the character '/': Kafka takes letters, digits, `.`, `_` and `-`",
        "send_email: `auto_create` (FILE:7): \"no\" is no flag: write `true` or `false`",
        "send_email: `partitions` (FILE:8): is one value, not a list",
        "plain: `topics` (FILE:13): the topic `a` is listed twice",
        "plain: `handler_timeout` (FILE:12): cannot end a plain `fn`, which runs until it returns: leave it out",
    ];
    assert_eq!(refused(app, &file).await, expected);
}

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
    for (app, file) in [(app(), file), (app().environment(environment), ConfigFile::new("")), (placeholders, ConfigFile::new(""))] {
        let said = refused(app, &file).await;
        let said: Vec<_> = said.iter().map(|line| (line.split('`').nth(1).unwrap(), line.rsplit("): ").next().unwrap())).collect();
        let longer = "is over ten years: write a shorter time";
        let kept = "is more milliseconds than Kafka can count: write a shorter time, or leave it out for the broker's default";
        assert_eq!(said, [("batch(wait)", longer), ("max_retry_after", longer), ("retention", kept)]);
    }
    kafka.create_topic("b", 1);
    let longest = app().setting("together", "batch.wait", 315_360_000_000_u64).setting("together", "retention", i64::MAX);
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
async fn values_that_do_not_go_together_are_told_with_the_places_of_all() {
    let kafka = TestKafka::new();
    let file = ConfigFile::new(
        "[listener.send_email]\nattempts = 3\nretry_suffix = \"-x\"\nbackoff.max_delay = 500\nbackoff.multiplier = 2",
    );
    let said = refused(kafka.app().listener(send_email).property("DELAY", "2s"), &file).await;
    let expected = "send_email: `backoff(delay)` (`backoff(delay)`: `${DELAY}` from `App::property`; `backoff(max_delay)`: FILE:4): \
                    `delay = 2s` is over `max_delay = 500ms`: write a smaller delay or a larger maximum";
    assert_eq!(said, [expected]);
    let long = "x".repeat(249);
    let file = ConfigFile::new(&format!("[listener.send_email]\nattempts = 3\nretry_suffix = \"{long}\""));
    let said = refused(kafka.app().listener(send_email), &file).await;
    let expected = format!(
        "send_email: the chain of `t`: the topic name `t{long}` has 250 characters; Kafka takes 249 (`attempts`: FILE:2; \
         `backoff(delay)`: the default of `${{DELAY}}`; `retry_suffix`: FILE:3)"
    );
    assert_eq!(said, [expected]);
}

#[tokio::test(start_paused = true)]
async fn what_nobody_knows_is_told_all_together_with_the_nearest_name() {
    let file = ConfigFile::new(
        "[properties]\nsesion.timeout.ms = 1\n[listener.send_email]\natempts = 3\nclassify = \"x\"\nbackoff = \"2s\"\n\
         id = \"x\"\n[listener.send_emial]\nattempts = 1",
    );
    let kafka = TestKafka::new();
    let app = kafka.app().listener(send_email).setting("send_email", "backoff.dely", 1);
    let app = app.environment([("KAFKA_LISTEN_SEND_EMAIL_ATEMPTS", "3"), ("KAFKA_LISTEN_GRUOP", "x")]);
    let expected = [
        "`App::setting`: the listener `send_email` has no setting `backoff.dely`; did you mean `backoff.delay`?",
        "FILE:4: the listener `send_email` has no setting `atempts`; did you mean `attempts`?",
        "FILE:5: `classify` of the listener `send_email` cannot be set here: it is a function of the program",
        "FILE:6: `backoff` of the listener `send_email` has settings of its own: write `backoff.delay`, `backoff.multiplier`, \
         `backoff.max_delay`, `backoff.jitter`",
        "FILE:7: `id` of the listener `send_email` cannot be set here: it is what names the listener here",
        "FILE:9: there is no listener `send_emial`; did you mean `send_email`?",
        "the environment variable `KAFKA_LISTEN_GRUOP` sets nothing: the listeners' variables are called \
         `KAFKA_LISTEN_SEND_EMAIL_…`",
        "the environment variable `KAFKA_LISTEN_SEND_EMAIL_ATEMPTS` sets nothing; did you mean \
         `KAFKA_LISTEN_SEND_EMAIL_ATTEMPTS`?",
        "the property `sesion.timeout.ms` is neither a client property nor used by a placeholder; did you mean \
         `session.timeout.ms`? (FILE:2)",
    ];
    assert_eq!(refused(app, &file).await, expected);
}

#[tokio::test(start_paused = true)]
async fn what_does_nothing_is_refused_and_what_an_override_makes_void_is_not() {
    let file = ConfigFile::new(
        "[listener.send_email]\nattempts = 1\nsuffix = \"index\"\nblocking.delay = 5\nblocking.attempts = 1\ndlt = false\n\
         dlt_suffix = \".x\"\npartitions = 3",
    );
    let kafka = TestKafka::new();
    kafka.create_topic("t", 1);
    let expected = [
        "send_email: `suffix` (FILE:3): is about retry topics, and this listener has none: set `attempts` to 2 or more",
        "send_email: `blocking(delay)` (FILE:4): is about tries in place, and there is one",
        "send_email: `dlt_suffix` (FILE:7): names the dead-letter topic, and with `dlt = false` there is none",
        "send_email: `partitions` (FILE:8): is about created topics, and this listener has none",
    ];
    assert_eq!(refused(kafka.app().listener(send_email), &file).await, expected);
    // The attribute's `backoff` is about topics that there are not any more.
    kafka.app().listener(send_email).setting("send_email", "attempts", 1).start().await.unwrap().stop().await;
}

#[tokio::test(start_paused = true)]
async fn topics_and_group_can_be_others_too() {
    let file =
        ConfigFile::new("[listener.send_email]\ngroup = \"from-file\"\ntopics = [\"a\", \"${B:b}\"]\nattempts = 1");
    let mut kafka = TestKafka::new();
    ["a", "b"].iter().for_each(|topic| kafka.create_topic(topic, 1));
    kafka.start(kafka.app().listener(send_email).config_file(&file.0)).await.unwrap();
    for topic in ["a", "b"] {
        send(&kafka, topic, 0, "x").await;
    }
    kafka.settle().await;
    assert_eq!(kafka.cluster().topics(), ["a", "a-dlt", "b", "b-dlt"]);
    assert_eq!(kafka.cluster().committed("from-file", "b", 0), Some(1));
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
        (app().setting("plain", "topics", "a,,b c"), "`App::setting`", "b c", ' ', ""),
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

#[kafka_listener(topic = "t", dlt = "${DLT:true}", dlt_route("by-hand", text if text == "x"))]
async fn routed() -> Result<(), String> {
    Err("x".to_owned())
}

#[dlt_handler(routed)]
async fn routed_is_dead() {}

#[tokio::test(start_paused = true)]
async fn a_listener_of_no_topic_and_a_group_that_is_a_list_are_refused() {
    let file =
        ConfigFile::new("group = [\"a\", \"b\"]\n[listener.staged]\ntopics = []\n[listener.send_email]\ntopic = []");
    let app = App::new().property("bootstrap.servers", "embedded").listener(send_email).listener(staged);
    let expected = [
        "send_email: `group` (FILE:1): is one value, not a list",
        "send_email: `topic` (FILE:5): is one value, not a list: name several topics with `topics`",
        "staged: `topics` (FILE:3): is an empty list: name a topic, or leave it out",
    ];
    assert_eq!(refused(app, &file).await, expected);
}

#[tokio::test(start_paused = true)]
async fn a_text_that_the_client_would_end_early_is_refused() {
    let file = ConfigFile::new("[properties]\nclient.id = \"a\\u0000b\"\n[listener.send_email]\ngroup = \"a\\u0000b\"");
    let said = refused(TestKafka::new().app().listener(send_email), &file).await;
    let group = "send_email: `group` (FILE:4): has a null character, which ends a text of the client";
    assert_eq!(
        said,
        [group, "the client property `client.id` has a null character, which ends a text of the client (FILE:2)"]
    );
}

#[tokio::test(start_paused = true)]
async fn routes_of_the_attribute_are_left_alone_where_an_override_leaves_no_dlt() {
    for (key, value, topics) in [("dlt", "false", &["t", "t-x-dlt"][..]), ("topic", "t-x-dlt", &["t", "t-x-dlt"])] {
        let mut kafka = TestKafka::new();
        ["t", "t-x-dlt"].iter().for_each(|topic| kafka.create_topic(topic, 1));
        kafka.start(kafka.app().listener(only_routed).setting("only_routed", key, value)).await.unwrap();
        assert_eq!(kafka.cluster().topics(), topics);
        kafka.stop().await;
    }
    let (kafka, file) = (TestKafka::new(), ConfigFile::new("[properties]\nDLT = false"));
    let expected = [
        "routed_is_dead handles the dead letters of routed, which has none: remove `dlt = false` there (`${DLT}` from FILE:2), \
         or the handler",
        "routed: `dlt_route` names a dead-letter topic, and there is none with `dlt = false` (`${DLT}` from FILE:2), nor on a \
         listener to a dead-letter topic: leave it out, or write `dlt = true`",
    ];
    assert_eq!(refused(kafka.app().listener(routed), &file).await, expected);
}

#[kafka_listener(topic = "t", dlt_route("by-hand", text if text == "x"))]
async fn only_routed() -> Result<(), String> {
    Err("x".to_owned())
}

#[kafka_listener(topic = "${STAGE:dev}.orders", group = "billing")]
async fn staged() {}

#[tokio::test(start_paused = true)]
async fn a_property_that_only_void_texts_need_is_no_mistake() {
    let kafka = TestKafka::new();
    kafka.create_topic("t", 1);
    let app = || kafka.app().group("of-${TEAM}").listener(staged).property("STAGE", "prod").property("TEAM", "mail");
    for key in ["topic", "topics"] {
        app().setting("staged", key, "t").start().await.unwrap().stop().await;
    }
    app().setting("staged", "topic_pattern", "^t$").start().await.unwrap().stop().await;
    let said = refused(app().property("STAEG", "dev").setting("staged", "topic", "t"), &ConfigFile::new("")).await;
    assert_eq!(said, ["the property `STAEG` is neither a client property nor used by a placeholder"]);
}

#[kafka_listener(topic = "news", group = "cache-${random.uuid}", offset_reset = "latest")]
async fn invalidate(text: &str, State(notes): State<Notes>) {
    notes.add(text);
}

#[kafka_listener(topic = "news", group = "${random.uuid}")]
async fn with_dead_letters() {}

#[dlt_handler(with_dead_letters)]
async fn is_dead() {}

#[kafka_listener(topic = "t", group = "${GROUP}", attempts = "${ATTEMPTS}")]
async fn any_group() {}

#[tokio::test(start_paused = true)]
async fn with_a_random_group_every_instance_receives_everything() {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    kafka.create_topic("news", 2);
    for _ in 0..3 {
        kafka.start(kafka.app().listener(invalidate).state(notes.clone())).await.unwrap();
    }
    send(&kafka, "news", 1, "one").await;
    kafka.settle().await;
    assert_eq!(notes.all(), ["one"; 3]);
}

#[tokio::test(start_paused = true)]
async fn with_a_random_group_nothing_may_wait_for_a_later_process() {
    let (kafka, file) = (TestKafka::new(), ConfigFile::new("[listener.any_group]\ngroup = \"x-${random.uuid}\""));
    let app = || kafka.app().listener(any_group).property("GROUP", "g");
    let expected = "any_group: `group` (`attempts`: `${ATTEMPTS}` from `App::property`; `group`: FILE:2): `${random.uuid}` is \
                    another group at each start, so no later process could finish what waits in retry topics: try again \
                    in place, with `blocking(attempts = 5)` instead of `attempts`";
    assert_eq!(refused(app().property("ATTEMPTS", "2"), &file).await, [expected]);
    let said = refused(kafka.app().listener(with_dead_letters), &ConfigFile::new("")).await;
    let expected = "is_dead handles the dead letters of with_dead_letters, whose group is another one at each start, so that \
                    it would handle all of them anew each time: give the listener a lasting group, or remove the handler";
    assert_eq!(said, [expected]);
}

#[tokio::test(start_paused = true)]
async fn a_static_member_is_not_another_one_at_each_start() {
    let (kafka, file) = (
        TestKafka::new(),
        ConfigFile::new("[properties]\ngroup.instance.id = \"${random.uuid}\"\nclient.id = \"${POD}\""),
    );
    let expected = [
        "the property `client.id` (FILE:3): `${POD}` in \"${POD}\" is not set: give the application a property `POD`, set the \
         environment variable, or write a default: `${POD:…}`",
        "the property `group.instance.id` (FILE:2): another id at each start makes no static member: leave it out, or name \
         the pod",
    ];
    assert_eq!(refused(kafka.app().listener(invalidate).state(Notes::default()), &file).await, expected);
}

/// A process of its own has the environment and the working directory of its own that `from_env` looks at.
#[test]
fn a_process_takes_its_settings_from_its_environment_and_its_directory() {
    let directory = std::env::temp_dir().join(format!("kafka-listen-{}", std::process::id()));
    std::fs::create_dir_all(&directory).unwrap();
    let file =
        "group = \"from-file\"\n[properties]\nbootstrap.servers = \"nowhere:1\"\n[listener.send_email]\nattempts = 2\n";
    std::fs::write(directory.join("kafka-listen.toml"), file).unwrap();
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", "configuration::prints_its_plan", "--ignored", "--nocapture"]).current_dir(&directory);
    child
        .env("KAFKA_BOOTSTRAP_SERVERS", "embedded")
        .env("KAFKA_LISTEN_SEND_EMAIL_BACKOFF_DELAY", "7s")
        .env("DELAY", "1h");
    // What a service called `kafka` injects is nobody's mistake.
    child.env("KAFKA_SESION_TIMEOUT_MS", "5").env("KAFKA_PORT", "tcp://10.0.0.1:9092");
    let said = child.output().unwrap();
    let said = String::from_utf8_lossy(&said.stdout).into_owned();
    std::fs::remove_dir_all(directory).unwrap();
    for part in [
        "send_email, group from-file, at",
        "t -> t-retry (7s) -> t-dlt",
        "attempts = 2 (kafka-listen.toml:5)",
        "`KAFKA_SESION_TIMEOUT_MS` is no client property and ignored; did you mean `KAFKA_SESSION_TIMEOUT_MS`?",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert_eq!(said.matches("is no client property").count(), 1, "{said}");
}

#[tokio::test]
#[ignore = "the child of another test"]
async fn prints_its_plan() {
    tracing_subscriber::fmt().with_ansi(false).init();
    let handle = App::from_env().listener(send_email).create_source_topics(1).start().await.unwrap();
    println!("{}", handle.plan());
    handle.stop().await;
}

#[kafka_listener(topic = "t", group = "own", properties("fetch.max.bytes" = "${FETCH:1000000}"))]
async fn with_properties() {}

#[tokio::test(start_paused = true)]
async fn a_listeners_properties_are_set_anywhere_and_their_secrets_are_not_shown() {
    let file =
        ConfigFile::new("[listener.with_properties.properties]\nsasl.password = \"hunter2\"\nfetch.max.bytes = 5");
    let kafka = TestKafka::new();
    kafka.create_topic("t", 1);
    let variable = "KAFKA_LISTEN_WITH_PROPERTIES_PROPERTIES_SESSION_TIMEOUT_MS";
    let app = || kafka.app().listener(with_properties).config_file(&file.0);
    let handle = app().environment([(variable, "7000")]).start().await.unwrap();
    let plan = file.cut_from(&handle.plan().to_string());
    for shown in [
        "properties(fetch.max.bytes) = 5 (FILE:3)",
        "properties(sasl.password) = … (FILE:2)",
        "properties(session.timeout.ms) = 7000 (environment variable `KAFKA_LISTEN_WITH_PROPERTIES_PROPERTIES_SESSION_TIMEOUT_MS`)",
    ] {
        assert!(plan.contains(&format!("\n    {shown}")), "{shown}: {plan}");
    }
    handle.stop().await;
    let said = refused(app().environment([(variable, "soon")]), &file).await;
    assert!(
        said.len() == 1
            && said[0].starts_with(&format!("with_properties: `properties` (environment variable `{variable}`): ")),
        "{said:?}"
    );
    let secret = ConfigFile::new("[listener.with_properties.properties]\nsasl.password = \"hunter2${PIN}\"");
    let said = refused(kafka.app().listener(with_properties), &secret).await;
    assert_eq!(said, ["with_properties: `properties(sasl.password)` (FILE:2): a placeholder in it cannot be filled"]);
}

#[kafka_listener(topic = "t", attempts = 2)]
async fn first() {}

#[kafka_listener(topic = "u", attempts = 2)]
async fn second() {}

#[tokio::test(start_paused = true)]
async fn listeners_that_were_put_in_each_others_way_are_told_with_the_place() {
    let (kafka, file) = (TestKafka::new(), ConfigFile::new("[listener.second]\ntopic = \"t\""));
    let expected = "first and second (FILE:2) both have the topic `t` in the group `test`: two listeners of one group would \
                    share its records between them: give one of them another group";
    let said = refused(kafka.app().listener(first).listener(second), &file).await;
    assert_eq!(said.iter().map(|line| without_place(line)).collect::<Vec<_>>(), [expected]);
}

#[tokio::test(start_paused = true)]
async fn a_pattern_from_outside_keeps_its_commas() {
    let file = ConfigFile::new("");
    let mut kafka = TestKafka::new();
    ["ab", "aab", "aaab"].iter().for_each(|topic| kafka.create_topic(topic, 1));
    let app = kafka.app().listener(first).config_file(&file.0);
    let app =
        app.environment([("KAFKA_LISTEN_FIRST_TOPIC_PATTERN", "^a{1,2}b$"), ("KAFKA_LISTEN_FIRST_ATTEMPTS", "1")]);
    kafka.start(app).await.unwrap();
    assert_eq!(kafka.cluster().topics(), ["aaab", "aab", "aab-dlt", "ab", "ab-dlt"]);
}

#[kafka_listener(topic = "t", id = "mail-${STAGE:dev}", attempts = 5)]
async fn of_a_stage() {}

#[tokio::test]
async fn a_listener_is_found_by_its_id_when_the_placeholder_in_it_is_filled() {
    let app = |id: &str| TestKafka::new().app().listener(of_a_stage).setting(id, "attempts", 1);
    let plan = app("mail-dev").plan().unwrap().to_string();
    assert!(plan.contains("attempts = 1 (`App::setting`)"), "{plan}");
    let said = app("of_a_stage").plan().unwrap_err().to_string();
    assert!(said.contains("there is no listener `of_a_stage`; there are `mail-dev`"), "{said}");
}
