//! What an override makes void: left alone in the attribute, since it waits for the override to go.

use kafka_listen::prelude::*;
use kafka_listen::testing::TestKafka;

use crate::support::config_file::{ConfigFile, refused};

#[kafka_listener(topic = "t", dlt = "${DLT:true}", dlt_route("by-hand", text if text == "x"))]
async fn routed() -> Result<(), String> {
    Err("x".to_owned())
}

#[dlt_handler(routed)]
async fn routed_is_dead() {}

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
