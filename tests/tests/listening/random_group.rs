//! `${random.uuid}`: a group that is another one at each start.

use kafka_listen::prelude::*;
use kafka_listen::testing::TestKafka;

use crate::support::config_file::{ConfigFile, refused};
use crate::support::{Notes, send};

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
