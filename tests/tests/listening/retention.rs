//! How long created chain topics keep their records.

use kafka_listen::prelude::*;
use kafka_listen::testing::TestKafka;

#[kafka_listener(topic = "t", attempts = 3, backoff(delay = 1000, multiplier = 2), retention = "30d")]
async fn thirty_days() {}

#[kafka_listener(topic = "t", attempts = 2)]
async fn as_the_broker() {}

#[kafka_listener(topic = "t", attempts = 2, backoff(delay = "1h"), retention = "${RETENTION}")]
async fn by_placeholder() {}

#[kafka_listener(topic_pattern = "^t", attempts = 2, backoff(delay = "${DELAY}"), retention = "1h")]
async fn by_pattern() {}

fn kafka() -> TestKafka {
    let kafka = TestKafka::new();
    kafka.create_topic("t", 1);
    kafka
}

#[tokio::test(start_paused = true)]
async fn created_retry_topics_and_dlts_keep_their_records_as_long_as_the_listener_says() {
    let mut kafka = kafka();
    kafka.start(kafka.app().listener(thirty_days)).await.unwrap();
    for topic in ["t-retry-1000", "t-retry-2000", "t-dlt"] {
        let setting = |name| kafka.cluster().topic_setting(topic, name);
        assert_eq!(setting("retention.ms").as_deref(), Some("2592000000"), "{topic}");
        assert_eq!(setting("cleanup.policy").as_deref(), Some("delete"), "{topic}");
    }
    assert_eq!(kafka.cluster().topic_setting("t", "retention.ms").as_deref(), Some("604800000"), "the source stays");
}

#[tokio::test(start_paused = true)]
async fn without_it_the_broker_decides() {
    let mut kafka = kafka();
    kafka.start(kafka.app().listener(as_the_broker)).await.unwrap();
    assert_eq!(kafka.cluster().topic_setting("t-retry", "retention.ms").as_deref(), Some("604800000"));
    assert_eq!(kafka.cluster().topic_setting("t-retry", "cleanup.policy").as_deref(), Some("delete"));
}

#[tokio::test(start_paused = true)]
async fn one_that_is_shorter_than_a_delay_is_a_start_up_error() {
    let kafka = kafka();
    for (retention, says) in [
        ("1h", ": is 1h, and records wait for up to 1h in a retry topic: set a longer time"),
        ("0", ": is 0: nothing would be kept"),
        ("soon", ": \"soon\" is no time"),
    ] {
        let app = kafka.app().listener(by_placeholder).property("RETENTION", retention);
        let said = app.start().await.expect_err("it must not start").to_string();
        assert!(said.contains("`retention`") && said.contains(says), "{retention}: {said}");
    }
    let said = kafka.app().listener(by_pattern).property("DELAY", "61m").start().await.unwrap_err().to_string();
    assert!(said.contains("records wait for up to 1h 1m"), "{said}");
    let mut started = kafka.app().listener(by_placeholder).property("RETENTION", "3600001").start().await.unwrap();
    started.ready().await.unwrap();
    started.stop().await;
}
