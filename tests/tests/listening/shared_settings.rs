//! `settings = …`: what several listeners share, what each of them says otherwise, and who wins.

use kafka_listen::prelude::*;
use kafka_listen::testing::TestKafka;

use crate::support::{send, times};

const BASE: Settings = settings!(group = "${GROUP:shop}", dlt_suffix = ".dead", backoff(delay = "10s", multiplier = 2));

mod retries {
    use super::*;

    pub(super) const PATIENT: Settings = settings!(settings = BASE, attempts = 4, backoff(multiplier = 3));
}

#[kafka_listener(topic = "as-shared", settings = retries::PATIENT)]
async fn as_shared() -> Result<(), String> {
    Err("never".to_owned())
}

/// What is written wins, wherever it stands.
#[kafka_listener(topic = "own", attempts = 3, backoff(delay = "1s"), settings = retries::PATIENT, dlt_suffix = ".own")]
async fn own() -> Result<(), String> {
    Err("never".to_owned())
}

#[kafka_listener(topic = "from-base", settings = BASE, attempts = 2)]
fn from_base() -> Result<(), String> {
    Err("never".to_owned())
}

async fn started(app: impl FnOnce(App) -> App) -> TestKafka {
    let mut kafka = TestKafka::new();
    for topic in ["as-shared", "own", "from-base"] {
        kafka.create_topic(topic, 1);
    }
    kafka.start(app(kafka.app().listener(as_shared).listener(own))).await.unwrap();
    for topic in ["as-shared", "own"] {
        send(&kafka, topic, 0, "x").await;
    }
    kafka.settle().await;
    kafka
}

#[tokio::test(start_paused = true)]
async fn listeners_share_settings_and_what_they_write_themselves_wins_key_by_key() {
    let kafka = started(|app| app).await;
    for (topic, at) in [
        ("as-shared", 0),
        ("as-shared-retry-10000", 10_000),
        ("as-shared-retry-30000", 40_000),
        ("as-shared-retry-90000", 130_000),
        ("own", 0),
        ("own-retry-1000", 1_000),
        ("own-retry-3000", 4_000),
    ] {
        assert_eq!(times(&kafka, topic), [at], "{topic}");
    }
    assert_eq!((kafka.records("as-shared.dead").len(), kafka.records("own.own").len()), (1, 1));
    assert_eq!(kafka.cluster().committed("shop", "own", 0), Some(1), "the group is shared, its placeholder filled");
}

#[tokio::test(start_paused = true)]
async fn what_is_set_from_outside_wins_over_both() {
    let kafka = started(|app| app.setting("as_shared", "attempts", 1).setting("own", "attempts", 1)).await;
    assert_eq!((kafka.deliveries().len(), kafka.records("own.own").len()), (2, 1));
}

#[tokio::test]
async fn settings_may_lack_what_a_listener_gives() {
    let mut kafka = TestKafka::new();
    kafka.create_topic("from-base", 1);
    kafka.start(kafka.app().property("GROUP", "other").listener(from_base)).await.unwrap();
    assert_eq!(kafka.cluster().members("other").len(), 1);
    assert_eq!(kafka.cluster().partitions("from-base-retry"), Some(1));
}

const CAREFUL: Settings = settings!(attempts = 1, dlt_on_error = "skip");

const MORE_CAREFUL: Settings = settings!(settings = CAREFUL, concurrency = 1);

#[kafka_listener(topic = "with", settings = MORE_CAREFUL)]
async fn with_a_handler() -> Result<(), String> {
    Err("never".to_owned())
}

#[dlt_handler(with_a_handler)]
async fn is_dead() -> Result<(), String> {
    Err("Slack is down".to_owned())
}

#[kafka_listener(topic = "without", settings = MORE_CAREFUL)]
async fn without_a_handler() -> Result<(), String> {
    Err("never".to_owned())
}

#[kafka_listener(topic = "itself", settings = MORE_CAREFUL, dlt_on_error = "retry")]
async fn says_so_itself() {}

#[tokio::test(start_paused = true)]
async fn what_shared_settings_say_of_a_dlt_handler_is_for_those_who_have_one() {
    let mut kafka = TestKafka::new();
    for topic in ["with", "without"] {
        kafka.create_topic(topic, 1);
    }
    kafka.start(kafka.app().listener(with_a_handler).listener(without_a_handler)).await.unwrap();
    for topic in ["with", "without"] {
        send(&kafka, topic, 0, "x").await;
    }
    kafka.settle().await;
    assert_eq!((times(&kafka, "with-dlt").len(), kafka.lag("test-dlt", "with-dlt")), (1, 0), "skipped");
    assert_eq!(kafka.dead_letters("without").len(), 1);

    let error = kafka.app().listener(says_so_itself).plan().unwrap_err().to_string();
    assert!(error.contains("says_so_itself") && error.contains("there is none: write one"), "{error}");
    let outside = kafka.app().listener(without_a_handler).setting("without_a_handler", "dlt_on_error", "skip");
    let error = outside.plan().unwrap_err().to_string();
    assert!(error.contains("`dlt_on_error` (`App::setting`) says what follows"), "{error}");
}
