//! Beside a real Kafka: plain clients of librdkafka, and a process that can be killed.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

use kafka_listen::__internals::broker::Broker;
use kafka_listen::__internals::record::{TopicName, TopicPartition};
use kafka_listen_tests::real_kafka::{self, RealKafka};
use rdkafka::admin::{AdminClient, AdminOptions, NewPartitions};
use rdkafka::client::DefaultClientContext;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::message::Message;
use rdkafka::producer::{BaseRecord, Producer, ThreadedProducer};
use rdkafka::{ClientConfig, Offset, TopicPartitionList};

use super::{Beside, Doomed};
use crate::rig::{PATIENCE, Rig, SESSION};

/// Writes what no port can.
type Writer = ThreadedProducer<rdkafka::producer::DefaultProducerContext>;

struct BesideKafka(&'static RealKafka);

/// The broker that all checks share, and what is beside it.
pub fn kafka() -> (Arc<dyn Broker>, Box<dyn Beside>) {
    let kafka = real_kafka::shared();
    let properties = [("bootstrap.servers".to_owned(), kafka.bootstrap())];
    let broker = kafka_listen::__internals::broker::kafka::KafkaBroker::new(properties.into()).unwrap();
    (Arc::new(broker), Box::new(BesideKafka(kafka)))
}

impl BesideKafka {
    fn config(&self, more: &[(&str, &str)]) -> ClientConfig {
        let mut config = ClientConfig::new();
        config.set("bootstrap.servers", self.0.bootstrap()).set("allow.auto.create.topics", "false");
        for (name, value) in more {
            config.set(*name, *value);
        }
        config
    }

    fn admin(&self) -> AdminClient<DefaultClientContext> {
        self.config(&[]).create().unwrap()
    }

    fn write<'a>(&self, writer: &Writer, of: &TopicPartition, values: impl Iterator<Item = &'a [u8]>) {
        for value in values {
            let record = BaseRecord::<(), [u8]>::to(&of.topic).partition(of.partition).payload(value);
            writer.send(record).map_err(|(error, _)| error).unwrap();
        }
        writer.flush(PATIENCE).unwrap();
    }

    /// How many partitions the broker itself says the topic has; 0 where there is none.
    fn partitions(&self, topic: &TopicName) -> usize {
        let client: BaseConsumer = self.config(&[]).create().unwrap();
        let metadata = client.fetch_metadata(Some(topic), PATIENCE).unwrap();
        metadata.topics().iter().map(|topic| topic.partitions().len()).sum()
    }

    fn wait_for_partitions(&self, topic: &TopicName, count: usize) {
        let deadline = Instant::now() + PATIENCE;
        while self.partitions(topic) != count {
            assert!(Instant::now() < deadline, "{topic} does not come to have {count} partitions");
            sleep(Duration::from_millis(20));
        }
    }

    /// The first offsets of a partition, read from its beginning.
    fn first_offsets(&self, of: &TopicPartition, count: usize) -> Vec<i64> {
        // A commit's answer would end a poll with nothing.
        let client = self.config(&[("group.id", "unused"), ("enable.auto.commit", "false")]);
        let client: BaseConsumer = client.create().unwrap();
        let mut list = TopicPartitionList::new();
        list.add_partition_offset(&of.topic, of.partition, Offset::Beginning).unwrap();
        client.assign(&list).unwrap();
        let next = |_| client.poll(PATIENCE).expect("there are records").unwrap().offset();
        (0..count).map(next).collect()
    }
}

impl Beside for BesideKafka {
    fn delete_records(&self, of: &TopicPartition, before: i64) {
        let mut list = TopicPartitionList::new();
        list.add_partition_offset(&of.topic, of.partition, Offset::Offset(before)).unwrap();
        let deleted = block_on(self.admin().delete_records(&list, &AdminOptions::new())).unwrap();
        assert!(deleted.elements().iter().all(|element| element.error().is_ok()), "{deleted:?}");
    }

    fn create_partitions(&self, topic: &TopicName, count: i32) {
        let count = usize::try_from(count).unwrap();
        let new = NewPartitions::new(topic, count);
        let created = block_on(self.admin().create_partitions([&new], &AdminOptions::new())).unwrap();
        assert!(created.iter().all(Result::is_ok), "{created:?}");
        self.wait_for_partitions(topic, count);
    }

    fn delete_topic(&self, topic: &TopicName) {
        let deleted = block_on(self.admin().delete_topics(&[topic], &AdminOptions::new())).unwrap();
        assert!(deleted.iter().all(Result::is_ok), "{deleted:?}");
        self.wait_for_partitions(topic, 0);
    }

    fn compacting(&self) -> Vec<(&'static str, &'static str)> {
        // A segment is closed by the first record after this time, and only closed ones are compacted.
        vec![("cleanup.policy", "compact"), ("segment.ms", "100"), ("min.cleanable.dirty.ratio", "0.001")]
    }

    fn compact(&self, of: &TopicPartition, first: i64) {
        sleep(Duration::from_millis(200));
        let writer: Writer = self.config(&[]).create().unwrap();
        let record = BaseRecord::to(&of.topic).partition(of.partition).key("a new segment").payload("");
        writer.send(record).map_err(|(error, _)| error).unwrap();
        writer.flush(PATIENCE).unwrap();
        let deadline = Instant::now() + PATIENCE;
        while self.first_offsets(of, 1) != [first] {
            assert!(Instant::now() < deadline, "{of} is not compacted");
            sleep(Duration::from_millis(100));
        }
    }

    fn produce_compressed(&self, of: &TopicPartition, values: &[Vec<u8>]) {
        let writer: Writer = self.config(&[("compression.type", "gzip"), ("linger.ms", "50")]).create().unwrap();
        self.write(&writer, of, values.iter().map(Vec::as_slice));
    }

    fn doomed(&self, rig: &Rig, topic: &TopicName) -> Box<dyn Doomed> {
        let session = SESSION.as_millis().to_string();
        let mut child = Command::new(env!("CARGO_BIN_EXE_doomed_member"))
            .args([&self.0.bootstrap(), &rig.group(), topic.as_str(), &session])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert_eq!(line, "assigned\n");
        Box::new(Process(child))
    }

    fn transaction(&self, of: &TopicPartition, values: &[&'static str], commit: bool) {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let id = format!("contract-{}", NEXT.fetch_add(1, Ordering::Relaxed));
        let writer: Writer = self.config(&[("transactional.id", &id)]).create().unwrap();
        writer.init_transactions(PATIENCE).unwrap();
        writer.begin_transaction().unwrap();
        // Flushed, so that what is aborted has been written.
        self.write(&writer, of, values.iter().map(|value| value.as_bytes()));
        match commit {
            true => writer.commit_transaction(PATIENCE).unwrap(),
            false => writer.abort_transaction(PATIENCE).unwrap(),
        }
    }
}

struct Process(Child);

impl Doomed for Process {
    fn die(mut self: Box<Self>) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}
