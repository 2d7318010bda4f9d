//! A Kafka that was just started, and what is written to it before something is measured.

use std::time::{Duration, Instant};

use kafka_listen_tests::real_kafka::RealKafka;
use rdkafka::ClientConfig;
use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::{Header, OwnedHeaders};
use rdkafka::producer::{BaseRecord, DefaultProducerContext, Producer, ThreadedProducer};

use crate::lab::{Error, Lab};
use crate::values::Values;

/// A broker of one scenario.
pub struct Stage {
    kafka: RealKafka,
}

/// What is written.
#[derive(Clone, Copy)]
pub struct Fill<'a> {
    /// Where to.
    pub topic: &'a str,
    /// Over so many partitions, in turn.
    pub partitions: i32,
    /// How many records.
    pub records: usize,
    /// Bytes of each value.
    pub bytes: usize,
    /// The first byte of a value that has one of its own, by the record's number.
    pub mark: fn(usize) -> Option<u8>,
    /// Keys, by the record's number.
    pub key: Option<fn(usize) -> [u8; 8]>,
    /// Headers of each record.
    pub headers: &'a [(&'a str, &'a [u8])],
}

impl<'a> Fill<'a> {
    /// Values of so many bytes, nothing else.
    pub fn new(topic: &'a str, partitions: i32, records: usize, bytes: usize) -> Self {
        Self { topic, partitions, records, bytes, mark: |_| None, key: None, headers: &[] }
    }
}

impl Stage {
    /// Starts it.
    pub fn start() -> Self {
        Self { kafka: RealKafka::start(&[]) }
    }

    /// Its address.
    pub fn bootstrap(&self) -> String {
        self.kafka.bootstrap()
    }

    /// Creates topics.
    pub fn create<'a>(
        &self,
        lab: &Lab,
        topics: impl IntoIterator<Item = &'a str>,
        partitions: i32,
    ) -> Result<(), Error> {
        let admin: AdminClient<DefaultClientContext> = self.config().create()?;
        let topics: Vec<_> =
            topics.into_iter().map(|topic| NewTopic::new(topic, partitions, TopicReplication::Fixed(1))).collect();
        let options = AdminOptions::new().operation_timeout(Some(Duration::from_secs(30)));
        for answer in lab.run(admin.create_topics(&topics, &options))? {
            answer.map_err(|(topic, error)| format!("{topic}: {error}"))?;
        }
        Ok(())
    }

    /// Waits until topics of one partition can be read: creation is only ordered when it is acknowledged.
    pub fn wait_for(&self, topics: &[String]) -> Result<(), Error> {
        let consumer: BaseConsumer = self.config().set("group.id", "nobody").create()?;
        for topic in topics {
            while consumer.fetch_watermarks(topic, 0, Duration::from_secs(10)).is_err() {
                std::thread::sleep(Duration::from_millis(10));
            }
        }
        Ok(())
    }

    /// Writes records as fast as an idempotent producer can; records a second, all acknowledged.
    pub fn fill(&self, fill: Fill<'_>) -> Result<f64, Error> {
        let producer = self.producer()?;
        let mut values = Values::new(fill.bytes);
        let begin = Instant::now();
        for number in 0..fill.records {
            let partition = (number % fill.partitions as usize) as i32;
            let (key, value) = (fill.key.map(|key| key(number)), values.next((fill.mark)(number)));
            let mut record = BaseRecord::<[u8], [u8]>::to(fill.topic).payload(value).partition(partition);
            if let Some(key) = &key {
                record = record.key(key);
            }
            if !fill.headers.is_empty() {
                let add = |headers: OwnedHeaders, &(key, value): &(&str, &[u8])| {
                    headers.insert(Header { key, value: Some(value) })
                };
                record = record.headers(fill.headers.iter().fold(OwnedHeaders::new_with_capacity(16), add));
            }
            send(&producer, record)?;
        }
        producer.flush(Duration::from_secs(120))?;
        Ok(fill.records as f64 / begin.elapsed().as_secs_f64())
    }

    /// An idempotent producer whose batches wait up to 5 ms, as somebody who wants speed sets it.
    pub fn producer(&self) -> Result<ThreadedProducer<DefaultProducerContext>, Error> {
        let mut config = self.config();
        config.set("enable.idempotence", "true").set("linger.ms", "5").set("compression.codec", "lz4");
        config.set("queue.buffering.max.messages", "1000000");
        Ok(config.create()?)
    }

    fn config(&self) -> ClientConfig {
        let mut config = ClientConfig::new();
        config.set("bootstrap.servers", self.kafka.bootstrap());
        config
    }
}

/// Hands a record over, as soon as the queue has room.
pub fn send(
    producer: &ThreadedProducer<DefaultProducerContext>,
    mut record: BaseRecord<'_, [u8], [u8]>,
) -> Result<(), Error> {
    while let Err((error, back)) = producer.send(record) {
        if error != KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull) {
            return Err(error.into());
        }
        std::thread::sleep(Duration::from_millis(1));
        record = back;
    }
    Ok(())
}
