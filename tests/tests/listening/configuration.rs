//! Settings that are made outside of the attributes: which place counts, and what starts in the end.

use std::process::Command;

use kafka_listen::prelude::*;
use kafka_listen::testing::TestKafka;

use crate::support::config_file::{ConfigFile, refused};
use crate::support::send;

#[kafka_listener(topic = "t", attempts = 5, backoff(delay = "${DELAY:1s}"))]
async fn send_email() -> Result<(), String> {
    Err("never".to_owned())
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
        let app = kafka.app().listener(send_email).config_file(file.path()).environment(environment.iter().copied());
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
    let app = kafka.app().listener(send_email).config_file(file.path());
    let handle = app.setting("send_email", "concurrency", 2).start().await.unwrap();
    let plan = file.cut_from(&handle.plan().to_string());
    assert!(plan.contains("\n    attempts = ${ATTEMPTS:3} (FILE:2, the default of `${ATTEMPTS}`)"), "{plan}");
    assert!(plan.contains("\n    concurrency = 2 (`App::setting`)"), "{plan}");
    handle.stop().await;
}

#[tokio::test(start_paused = true)]
async fn topics_and_group_can_be_others_too() {
    let file =
        ConfigFile::new("[listener.send_email]\ngroup = \"from-file\"\ntopics = [\"a\", \"${B:b}\"]\nattempts = 1");
    let mut kafka = TestKafka::new();
    ["a", "b"].iter().for_each(|topic| kafka.create_topic(topic, 1));
    kafka.start(kafka.app().listener(send_email).config_file(file.path())).await.unwrap();
    for topic in ["a", "b"] {
        send(&kafka, topic, 0, "x").await;
    }
    kafka.settle().await;
    assert_eq!(kafka.cluster().topics(), ["a", "a-dlt", "b", "b-dlt"]);
    assert_eq!(kafka.cluster().committed("from-file", "b", 0), Some(1));
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
    let app = || kafka.app().listener(with_properties).config_file(file.path());
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

#[tokio::test(start_paused = true)]
async fn a_pattern_from_outside_keeps_its_commas() {
    let file = ConfigFile::new("");
    let mut kafka = TestKafka::new();
    ["ab", "aab", "aaab"].iter().for_each(|topic| kafka.create_topic(topic, 1));
    let app = kafka.app().listener(first).config_file(file.path());
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
