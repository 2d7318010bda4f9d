//! What the tests on a real Kafka have in common.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use kafka_listen::{App, Event};
use kafka_listen_tests::real_kafka::{RealKafka, shared};
use rdkafka::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::message::Message;
use rdkafka::producer::{BaseProducer, Producer};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};

/// How long anything may take on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Creates a topic on the shared broker.
pub fn create_topic(name: &str, partitions: i32, config: &[(&str, &str)]) {
    create_topic_on(shared(), name, partitions, config);
}

/// Creates a topic.
pub fn create_topic_on(kafka: &RealKafka, name: &str, partitions: i32, config: &[(&str, &str)]) {
    use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
    let admin: AdminClient<_> = client(kafka).create().unwrap();
    let mut topic = NewTopic::new(name, partitions, TopicReplication::Fixed(1));
    for (key, value) in config {
        topic = topic.set(key, value);
    }
    let options = AdminOptions::new().operation_timeout(Some(PATIENCE));
    let create = || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(admin.create_topics([&topic], &options)).unwrap()
    };
    // A test may be inside a runtime of its own.
    let results = std::thread::scope(|scope| scope.spawn(create).join()).unwrap();
    results.into_iter().for_each(|result| drop(result.unwrap()));
    // The broker knows of a topic a moment after it has said so.
    let deadline = Instant::now() + PATIENCE;
    while !topics(kafka, name).contains_key(name) {
        assert!(Instant::now() < deadline, "{name} does not appear");
    }
}

/// A client's settings.
pub fn client(kafka: &RealKafka) -> ClientConfig {
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", kafka.bootstrap());
    config
}

/// An application on the shared broker.
pub fn app() -> App {
    App::new().property("bootstrap.servers", shared().bootstrap())
}

/// Waits until `condition` holds.
pub async fn until(what: &str, mut condition: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !condition() {
        assert!(Instant::now() < deadline, "not within {PATIENCE:?}: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// What a group has committed of a topic, and the topic's ends: the lag, as a client that knows neither sees it.
pub fn lag(kafka: &RealKafka, group: &str, topic: &str) -> i64 {
    let consumer: BaseConsumer = client(kafka).set("group.id", group).create().unwrap();
    let metadata = consumer.fetch_metadata(Some(topic), PATIENCE).unwrap();
    let mut partitions = TopicPartitionList::new();
    for partition in metadata.topics()[0].partitions() {
        partitions.add_partition(topic, partition.id());
    }
    let committed = consumer.committed_offsets(partitions, PATIENCE).unwrap();
    let lag = committed.elements().into_iter().map(|it| {
        let (_, high) = consumer.fetch_watermarks(topic, it.partition(), PATIENCE).unwrap();
        let Offset::Offset(committed) = it.offset() else { return i64::MAX / 1000 };
        high - committed
    });
    lag.sum()
}

/// A record as a plain client reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Read {
    pub partition: i32,
    pub offset: i64,
    pub key: Option<Vec<u8>>,
    pub value: Option<Vec<u8>>,
    /// Names are what the client makes of them; see `raw_headers`.
    pub headers: Vec<(Vec<u8>, Option<Vec<u8>>)>,
}

impl Read {
    /// The last header of this name.
    pub fn header(&self, name: &str) -> Option<&[u8]> {
        self.headers.iter().rev().find(|(it, _)| it == name.as_bytes())?.1.as_deref()
    }
}

/// Reads all records that a topic holds.
pub fn read_all(kafka: &RealKafka, topic: &str) -> Vec<Read> {
    let consumer: BaseConsumer =
        client(kafka).set("group.id", "reader").set("enable.auto.commit", "false").create().unwrap();
    let metadata = consumer.fetch_metadata(Some(topic), PATIENCE).unwrap();
    let mut assignment = TopicPartitionList::new();
    let mut ends = BTreeMap::new();
    for partition in metadata.topics()[0].partitions() {
        let (low, high) = consumer.fetch_watermarks(topic, partition.id(), PATIENCE).unwrap();
        if high > low {
            assignment.add_partition_offset(topic, partition.id(), Offset::Beginning).unwrap();
            ends.insert(partition.id(), high);
        }
    }
    consumer.assign(&assignment).unwrap();
    let mut records = Vec::new();
    let deadline = Instant::now() + PATIENCE;
    while !ends.is_empty() {
        assert!(Instant::now() < deadline, "{topic} was not read to its end: {ends:?}");
        let Some(message) = consumer.poll(Duration::from_millis(100)) else { continue };
        let message = message.unwrap();
        if ends.get(&message.partition()).is_some_and(|end| message.offset() + 1 >= *end) {
            ends.remove(&message.partition());
        }
        records.push(Read {
            partition: message.partition(),
            offset: message.offset(),
            key: message.key().map(<[u8]>::to_vec),
            value: message.payload().map(<[u8]>::to_vec),
            headers: super::raw::raw_headers(&message),
        });
    }
    records
}

/// Writes plain values, each with its number as key, and waits until all are acknowledged.
pub fn produce(kafka: &RealKafka, topic: &str, values: impl IntoIterator<Item = String>) {
    let producer: BaseProducer = client(kafka).create().unwrap();
    for value in values {
        let record = rdkafka::producer::BaseRecord::to(topic).key(&value).payload(&value);
        producer.send(record).map_err(|(error, _)| error).unwrap();
        producer.poll(Duration::ZERO);
    }
    producer.flush(PATIENCE).unwrap();
}

/// The topics of the cluster whose name begins so.
pub fn topics(kafka: &RealKafka, prefix: &str) -> BTreeMap<String, usize> {
    let producer: BaseProducer = client(kafka).create().unwrap();
    let metadata = producer.client().fetch_metadata(None, PATIENCE).unwrap();
    let topics = metadata.topics().iter().filter(|topic| topic.name().starts_with(prefix));
    topics.map(|topic| (topic.name().to_owned(), topic.partitions().len())).collect()
}

/// Remembers everything that happens.
#[derive(Clone, Default)]
pub struct Events(Arc<Mutex<Vec<Event>>>);

impl Events {
    /// How many of them are such.
    pub fn count(&self, such: impl Fn(&Event) -> bool) -> usize {
        self.0.lock().unwrap().iter().filter(|event| such(event)).count()
    }

    /// For `App::observer`.
    pub fn observer(&self) -> impl Fn(&Event) + Send + Sync + 'static {
        let events = self.0.clone();
        move |event: &Event| events.lock().unwrap().push(event.clone())
    }
}
