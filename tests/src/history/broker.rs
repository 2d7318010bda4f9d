//! What the broker knows, read by a plain client: records, commits, lags.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use rdkafka::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::message::{BorrowedMessage, Headers, Message};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};

use super::{Commit, Place, Stored};

/// How long anything may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// The settings of a client of this broker.
pub fn client(bootstrap: &str) -> ClientConfig {
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", bootstrap).set("reconnect.backoff.max.ms", "500");
    config
}

fn consumer(bootstrap: &str, group: &str) -> BaseConsumer {
    let mut config = client(bootstrap);
    config.set("group.id", group).set("enable.auto.commit", "false").set("auto.offset.reset", "earliest");
    config.create().expect("the settings are right")
}

/// The topics whose names begin so, with their partitions.
pub fn topics(bootstrap: &str, prefix: &str) -> BTreeMap<String, i32> {
    let metadata = consumer(bootstrap, "reader").fetch_metadata(None, PATIENCE).expect("the broker answers");
    let topics = metadata.topics().iter().filter(|topic| topic.name().starts_with(prefix));
    topics.map(|topic| (topic.name().to_owned(), topic.partitions().len() as i32)).collect()
}

/// Reads all records that these topics hold, up to where they end now.
pub fn records(bootstrap: &str, topics: &BTreeMap<String, i32>) -> BTreeMap<Place, Stored> {
    let mut records = BTreeMap::new();
    read(bootstrap, topics, |message| {
        records.insert(place(message), stored(message));
    });
    records
}

/// Every commit of a group whose name begins so, in the order of each partition.
pub fn commits(bootstrap: &str, group: &str) -> Vec<Commit> {
    let mut commits = Vec::new();
    read(bootstrap, &topics(bootstrap, "__consumer_offsets"), |message| {
        let commit = commit(message.key(), message.payload(), message.timestamp().to_millis());
        commits.extend(commit.filter(|commit| commit.group.starts_with(group)));
    });
    commits
}

/// How many records of each topic a group has not committed; a partition without a commit counts as a whole.
pub fn lags(bootstrap: &str, group: &str, topics: &BTreeMap<String, i32>) -> BTreeMap<String, i64> {
    let consumer = consumer(bootstrap, group);
    let mut list = TopicPartitionList::new();
    topics.iter().for_each(|(topic, partitions)| list.add_partition_range(topic, 0, partitions - 1));
    let committed = consumer.committed_offsets(list, PATIENCE).expect("the broker answers");
    let mut lags = BTreeMap::new();
    for it in committed.elements() {
        let (low, high) = consumer.fetch_watermarks(it.topic(), it.partition(), PATIENCE).expect("the broker answers");
        let from = if let Offset::Offset(committed) = it.offset() { committed } else { low };
        *lags.entry(it.topic().to_owned()).or_default() += high - from;
    }
    lags
}

fn read(bootstrap: &str, topics: &BTreeMap<String, i32>, mut each: impl FnMut(&BorrowedMessage<'_>)) {
    let consumer = consumer(bootstrap, "reader");
    let (mut assignment, mut ends) = (TopicPartitionList::new(), BTreeMap::new());
    for (topic, partitions) in topics {
        for partition in 0..*partitions {
            let (low, high) = consumer.fetch_watermarks(topic, partition, PATIENCE).expect("the broker answers");
            if high > low {
                assignment.add_partition_offset(topic, partition, Offset::Beginning).expect("an offset");
                ends.insert((topic.clone(), partition), high);
            }
        }
    }
    consumer.assign(&assignment).expect("an assignment");
    let deadline = Instant::now() + PATIENCE;
    while !ends.is_empty() {
        assert!(Instant::now() < deadline, "not read to the end: {ends:?}");
        if let Some(message) = consumer.poll(Duration::from_millis(50)) {
            each(&message.expect("a record"));
        }
        // The position counts what is no record, too: markers of transactions.
        let position = consumer.position().expect("a position");
        for it in position.elements() {
            let at = (it.topic().to_owned(), it.partition());
            if let Offset::Offset(next) = it.offset()
                && ends.get(&at).is_some_and(|end| next >= *end)
            {
                ends.remove(&at);
            }
        }
    }
}

fn place(message: &BorrowedMessage<'_>) -> Place {
    Place { topic: message.topic().to_owned(), partition: message.partition(), offset: message.offset() }
}

fn stored(message: &BorrowedMessage<'_>) -> Stored {
    let header = |name: &str| {
        let headers = message.headers()?;
        headers.iter().filter(|header| header.key == name).last()?.value.map(<[u8]>::to_vec)
    };
    let int = |name: &str| Some(i32::from_be_bytes(header(name)?.try_into().ok()?));
    let original = || {
        let topic = String::from_utf8(header("kafka_original-topic")?).ok()?;
        let offset = i64::from_be_bytes(header("kafka_original-offset")?.try_into().ok()?);
        Some(Place { topic, partition: int("kafka_original-partition")?, offset })
    };
    Stored {
        value: message.payload().unwrap_or_default().to_vec(),
        key: message.key().map(<[u8]>::to_vec),
        time: message.timestamp().to_millis().unwrap_or_default(),
        attempt: int("retry_topic-attempts").and_then(|attempt| attempt.try_into().ok()),
        due: header("retry_topic-backoff-timestamp").map(|bytes| signed(&bytes)),
        original: original(),
    }
}

/// Big-endian, of any length up to eight bytes.
fn signed(bytes: &[u8]) -> i64 {
    let sign = if bytes.first().is_some_and(|byte| byte & 0x80 != 0) { -1 } else { 0 };
    bytes.iter().fold(sign, |number, byte| number << 8 | i64::from(*byte))
}

/// A record of `__consumer_offsets`: its key names group, topic and partition, its value begins with the offset.
fn commit(key: Option<&[u8]>, value: Option<&[u8]>, time: Option<i64>) -> Option<Commit> {
    /// The versions of keys that name an offset.
    const OFFSETS: [i16; 2] = [0, 1];
    let mut key = Reader(key?);
    if !OFFSETS.contains(&key.int()?) {
        return None;
    }
    let (group, topic) = (key.text()?, key.text()?);
    let partition = i32::from_be_bytes(key.take(4)?.try_into().ok()?);
    // An offset that was deleted has no value.
    let mut value = Reader(value?);
    value.int()?;
    let offset = i64::from_be_bytes(value.take(8)?.try_into().ok()?);
    Some(Commit { group, next: Place { topic, partition, offset }, time: time? })
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn int(&mut self) -> Option<i16> {
        Some(i16::from_be_bytes(self.take(2)?.try_into().ok()?))
    }

    fn text(&mut self) -> Option<String> {
        let length = usize::try_from(self.int()?).ok()?;
        String::from_utf8(self.take(length)?.to_vec()).ok()
    }
}
