//! Chains that both sides read, as members of the same groups.
//!
//! Partition 0 of a topic is Spring's wherever Spring reads it, and ours wherever it does not: the assignor `range` deals out in
//! the order of the members' names. So a test that lets Spring read every other topic sends a record in partition 0 from side to
//! side at every hop.

use std::sync::{Arc, Mutex};
use std::time::{SystemTime, UNIX_EPOCH};

use kafka_listen::{App, Event, Handle, prelude::*};
use kafka_listen_tests::real_kafka::shared;
use rdkafka::message::ToBytes;
use rdkafka::producer::{BaseProducer, BaseRecord, Producer as _};
use serde::Deserialize;
use serde_json::Value;

use super::spring;
use super::support::{Events, PATIENCE, app, client, until};

/// A delivery, on either side.
#[derive(Clone, Debug, Deserialize)]
pub struct Delivered {
    pub topic: String,
    pub partition: i32,
    pub value: String,
    pub attempt: u32,
    /// When the handler began, in milliseconds since 1970.
    pub at: i64,
}

/// A dead letter that a DLT handler saw, on either side.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
pub struct Dead {
    pub topic: String,
    pub partition: i32,
    pub value: String,
    pub original_topic: String,
    pub original_partition: i32,
    pub original_offset: i64,
    pub original_timestamp: Option<i64>,
    pub original_timestamp_type: Option<String>,
    pub group: Option<String>,
    /// The error's type.
    pub error: Option<String>,
    pub message: Option<String>,
    pub attempts: Option<i32>,
}

const TIMESTAMP: i64 = 1_700_000_000_000;

/// What the dead letter tells of a record whose last of so many deliveries failed on this side.
pub fn letter(source: &str, first_source: &str, deliveries: usize, by_spring: bool) -> Dead {
    // What each makes of a failure, and what the other reads of it.
    let (error, message) = if by_spring {
        ("java.lang.IllegalStateException", "Listener failed; boom")
    } else {
        ("interop::chains::Failed", "boom")
    };
    Dead {
        topic: format!("{source}-dlt"),
        partition: 0,
        value: source.to_owned(),
        original_topic: source.to_owned(),
        original_partition: 0,
        original_offset: 0,
        original_timestamp: Some(TIMESTAMP),
        original_timestamp_type: Some("CreateTime".to_owned()),
        group: Some(format!("{first_source}.group")),
        error: Some(error.to_owned()),
        message: Some(message.to_owned()),
        attempts: Some(i32::try_from(deliveries).unwrap() + 1),
    }
}

/// A record of partition 0, its timestamp long ago.
pub fn produce(topic: &str, key: &(impl ToBytes + ?Sized), value: &(impl ToBytes + ?Sized)) {
    let producer: BaseProducer = client(shared()).create().unwrap();
    let record = BaseRecord::to(topic).partition(0).key(key).payload(value).timestamp(TIMESTAMP);
    producer.send(record).map_err(|(error, _)| error).unwrap();
    producer.flush(PATIENCE).unwrap();
}

/// What our handlers saw.
#[derive(Clone, Default)]
pub struct Seen {
    delivered: Arc<Mutex<Vec<Delivered>>>,
    dead: Arc<Mutex<Vec<Dead>>>,
}

#[derive(Debug, thiserror::Error)]
pub enum Failed {
    #[error("boom")]
    Boom,
    /// What some chains have a dead-letter topic of its own for.
    #[error("invalid")]
    Invalid,
    /// The same, and no retry helps.
    #[error("refused")]
    Refused,
}

impl Failed {
    /// What the word of this number says, or the last one.
    fn at(attempt: u32, words: &str) -> Self {
        let upto = words.split(' ').take(attempt.try_into().unwrap());
        match upto.last() {
            Some("invalid") => Self::Invalid,
            Some("refused") => Self::Refused,
            _ => Self::Boom,
        }
    }
}

impl Seen {
    fn fail(&self, value: &str, delivery: &Delivery<'_>, attempt: Attempt) -> Result<(), Failed> {
        let at = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis().try_into().unwrap();
        let (topic, partition) = (delivery.topic().to_string(), delivery.partition());
        let seen = Delivered { topic, partition, value: value.to_owned(), attempt: attempt.number, at };
        self.delivered.lock().unwrap().push(seen);
        Err(Failed::at(attempt.number, value))
    }

    pub fn bury(&self, value: &str, delivery: &Delivery<'_>, origin: Origin, error: Option<LastError>) {
        let headers = delivery.headers();
        let attempts = headers.get("retry_topic-attempts").and_then(|bytes| bytes.try_into().ok());
        let timestamp_type = headers.get("kafka_original-timestamp-type").map(String::from_utf8_lossy);
        self.dead.lock().unwrap().push(Dead {
            topic: delivery.topic().to_string(),
            partition: delivery.partition(),
            value: value.to_owned(),
            original_topic: origin.topic,
            original_partition: origin.partition,
            original_offset: origin.offset,
            original_timestamp: origin.timestamp.map(|it| it.as_millis()),
            original_timestamp_type: timestamp_type.map(Into::into),
            group: origin.group,
            error: error.as_ref().map(|it| it.type_name.clone()),
            message: error.map(|it| it.message),
            attempts: attempts.map(i32::from_be_bytes),
        });
    }
}

/// The listeners of the class `Chains` of the Spring application, by the same topics and groups.
macro_rules! chains {
    ($($name:ident: [$($topic:literal),+], $group:literal, $($attribute:ident$(($($inner:tt)*))? $(= $value:literal)?),+;)*) => {
        $(
            pub mod $name {
                use super::{Attempt, Delivery, Failed, LastError, Origin, Seen, State, dlt_handler, kafka_listener};

                #[kafka_listener(
                    topics($($topic),+), group = $group, group_naming = "per-topic",
                    $($attribute$(($($inner)*))? $(= $value)?),+
                )]
                pub async fn fail(value: &str, it: &Delivery<'_>, attempt: Attempt, seen: State<Seen>) -> Result<(), Failed> {
                    seen.0.fail(value, it, attempt)
                }

                #[dlt_handler(fail)]
                async fn bury(value: &str, it: &Delivery<'_>, of: Origin, error: Option<LastError>, seen: State<Seen>) {
                    seen.0.bury(value, it, of, error);
                }
            }
        )*
    };
}

chains! {
    delayed_spring: ["delayed.spring"], "delayed.spring.group", attempts = 5, backoff(delay = 200, multiplier = 2);
    delayed_ours: ["delayed.ours"], "delayed.ours.group", attempts = 5, backoff(delay = 200, multiplier = 2);
    indexed_spring: ["indexed.spring"], "indexed.spring.group", attempts = 5, backoff(delay = 200, multiplier = 2), suffix = "index";
    indexed_ours: ["indexed.ours"], "indexed.ours.group", attempts = 5, backoff(delay = 200, multiplier = 2), suffix = "index";
    multiple_spring: ["multiple.spring"], "multiple.spring.group", attempts = 5, backoff(delay = 300), same_delay = "multiple";
    multiple_ours: ["multiple.ours"], "multiple.ours.group", attempts = 5, backoff(delay = 300), same_delay = "multiple";
    single_spring: ["single.spring"], "single.spring.group", attempts = 5, backoff(delay = 300);
    single_ours: ["single.ours"], "single.ours.group", attempts = 5, backoff(delay = 300);
    pair_spring: ["pair.spring", "pair.spring.second"], "pair.spring.group", attempts = 5, backoff(delay = 200, multiplier = 2);
    pair_ours: ["pair.ours", "pair.ours.second"], "pair.ours.group", attempts = 5, backoff(delay = 200, multiplier = 2);
    routed_spring: ["routed.spring"], "routed.spring.group", attempts = 5, backoff(delay = 200, multiplier = 2),
        fatal(Failed::Refused), dlt_route("validation", Failed::Invalid | Failed::Refused);
    forged_spring: ["forged.spring"], "forged.spring.group", attempts = 5, backoff(delay = 200, multiplier = 2),
        fatal(Failed::Refused), dlt_route("validation", Failed::Invalid | Failed::Refused);
    routed_ours: ["routed.ours"], "routed.ours.group", attempts = 5, backoff(delay = 200, multiplier = 2),
        fatal(Failed::Refused), dlt_route("validation", Failed::Invalid | Failed::Refused);
    forged_ours: ["forged.ours"], "forged.ours.group", attempts = 5, backoff(delay = 200, multiplier = 2),
        fatal(Failed::Refused), dlt_route("validation", Failed::Invalid | Failed::Refused);
    capped_spring: ["capped.spring"], "capped.spring.group", attempts = 5, backoff(delay = 200, multiplier = 2, max_delay = 500);
    capped_ours: ["capped.ours"], "capped.ours.group", attempts = 5, backoff(delay = 200, multiplier = 2, max_delay = 500);
    capped_indexed_spring: ["capped.indexed.spring"], "capped.indexed.spring.group", attempts = 5, backoff(delay = 200, multiplier = 2, max_delay = 500), suffix = "index";
    capped_indexed_ours: ["capped.indexed.ours"], "capped.indexed.ours.group", attempts = 5, backoff(delay = 200, multiplier = 2, max_delay = 500), suffix = "index";
    capped_multiple_spring: ["capped.multiple.spring"], "capped.multiple.spring.group", attempts = 5, backoff(delay = 200, multiplier = 2, max_delay = 500), same_delay = "multiple";
    capped_multiple_ours: ["capped.multiple.ours"], "capped.multiple.ours.group", attempts = 5, backoff(delay = 200, multiplier = 2, max_delay = 500), same_delay = "multiple";
    twice_spring: ["twice.spring"], "twice.spring.group", attempts = 2, backoff(delay = 300);
    twice_ours: ["twice.ours"], "twice.ours.group", attempts = 2, backoff(delay = 300);
    once_spring: ["once.spring"], "once.spring.group", attempts = 1;
    once_ours: ["once.ours"], "once.ours.group", attempts = 1;
}

/// Both sides at work on the same topics.
pub struct Both {
    ours: Handle,
    seen: Seen,
    /// What Spring reads.
    springs: Vec<String>,
}

impl Both {
    /// Starts both, Spring for these topics, and waits until partition 0 of these is Spring's and the rest ours.
    pub async fn start(springs: &[String], listener: impl FnOnce(App) -> App) -> Self {
        springs.iter().for_each(|topic| spring().listen(topic));
        for topic in springs {
            until("Spring has both partitions", || spring().assigned(topic) == [0, 1]).await;
        }
        let (seen, events) = (Seen::default(), Events::default());
        let app = listener(app()).property("partition.assignment.strategy", "range").property("client.id", "ours");
        let mut ours = app.state(seen.clone()).observer(events.observer()).start().await.unwrap();
        ours.ready().await.unwrap();
        for topic in springs {
            until("Spring has partition 0", || spring().assigned(topic) == [0]).await;
            let is_ours = |event: &Event| matches!(event, Event::Assigned { partition, .. } if &*partition.topic == topic.as_str());
            until("partition 1 is ours", || events.count(is_ours) > 0).await;
        }
        Self { ours, seen, springs: springs.to_vec() }
    }

    /// All deliveries of chains that begin so, on both sides, each with whether it was Spring's, by their time.
    pub fn delivered(&self, source: &str) -> Vec<(bool, Delivered)> {
        let theirs = spring().events("delivered", source).into_iter().map(|event| (true, parsed(event)));
        let ours = self.seen.delivered.lock().unwrap().clone().into_iter().map(|it| (false, it));
        let mut all: Vec<(_, Delivered)> = ours.filter(|(_, it)| it.topic.starts_with(source)).chain(theirs).collect();
        all.sort_by_key(|(_, it)| it.at);
        all
    }

    /// All dead letters of chains that begin so, on both sides, each with whether it was Spring's.
    pub fn dead(&self, source: &str) -> Vec<(bool, Dead)> {
        let theirs = spring().events("dead", source).into_iter().map(|event| (true, parsed(event)));
        let ours = self.seen.dead.lock().unwrap().clone().into_iter().map(|it| (false, it));
        ours.filter(|(_, it)| it.topic.starts_with(source)).chain(theirs).collect()
    }

    pub async fn stop(self) {
        self.ours.stop().await;
        self.springs.iter().for_each(|topic| spring().leave(topic));
    }
}

/// An event of the Spring application as what it is.
pub fn parsed<T: serde::de::DeserializeOwned>(event: Value) -> T {
    serde_json::from_value(event.clone()).unwrap_or_else(|error| panic!("{error}: {event}"))
}
