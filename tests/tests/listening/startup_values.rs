//! Values that a placeholder stands for, and that cannot be: each is told with its place and what to write.

use kafka_listen::prelude::*;
use kafka_listen::testing::TestKafka;

use crate::startup::{listener, refused, set, with};

listener!(placeholder: topic = "${TOPIC}", group = "mail-${STAGE}");
listener!(numbers: topic = "t", attempts = "${ATTEMPTS}", concurrency = "${CONCURRENCY}");
listener!(backoffs: topic = "t", attempts = 3, backoff(delay = "${DELAY}", multiplier = "${FACTOR}", jitter = "${JITTER}"));
listener!(bad_names: topic = "${TOPIC}", attempts = 2);
listener!(suffixes: topic = "t", attempts = 2, retry_suffix = "${RETRY}", dlt_suffix = "${DLT}");
listener!(replicas: topic = "t", attempts = 2, partitions = "${PARTITIONS}", replication = "${REPLICATION}");
listener!(long: topic = "t", attempts = "${ATTEMPTS}", backoff(delay = "1h", multiplier = 2));

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
