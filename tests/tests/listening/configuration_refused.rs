//! Settings that are made outside of the attributes: what cannot be is told all together, each with its place.

use kafka_listen::prelude::*;
use kafka_listen::testing::TestKafka;

use crate::support::config_file::{ConfigFile, refused, without_place};

#[kafka_listener(topic = "t", attempts = 5, backoff(delay = "${DELAY:1s}"))]
async fn send_email() -> Result<(), String> {
    Err("never".to_owned())
}

#[kafka_listener(topic = "plain", group = "blocking")]
fn plain() {}

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
async fn a_text_of_blanks_is_refused_wherever_it_is_written() {
    let file = ConfigFile::new("[listener.send_email]\ndlt_suffix = \"\"\nretry_suffix = \" \"");
    let app = App::new().property("bootstrap.servers", "embedded").listener(send_email).listener(staged);
    let app = app.setting("staged", "group", "\t");
    let expected = [
        "send_email: `group` (environment variable `KAFKA_LISTEN_GROUP`): is blank",
        "send_email: `retry_suffix` (FILE:3): is blank",
        "send_email: `dlt_suffix` (FILE:2): is empty",
        "staged: `group` (`App::setting`): is blank",
    ];
    assert_eq!(refused(app.environment([("KAFKA_LISTEN_GROUP", "  ")]), &file).await, expected);
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

#[kafka_listener(topic = "${STAGE:dev}.orders", group = "billing")]
async fn staged() {}
