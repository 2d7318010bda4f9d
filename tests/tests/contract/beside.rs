//! What a check needs of a broker beside the ports: to remove records, to add partitions, to write as others do.

use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::rig::Rig;
use kafka_listen::__internals::broker::memory::Cluster;
use kafka_listen::__internals::broker::{Broker, ConsumerEvent, OffsetReset};
use kafka_listen::__internals::record::{Outgoing, OwnedBody, TopicName, TopicPartition};

/// The part of a broker that no port reaches.
pub trait Beside {
    /// Removes the records below an offset.
    fn delete_records(&self, of: &TopicPartition, before: i64);
    /// Adds partitions until there are this many.
    fn create_partitions(&self, topic: &TopicName, count: i32);
    /// Deletes a topic, and returns when it is gone.
    fn delete_topic(&self, topic: &TopicName);
    /// The settings with which a topic is compacted soon.
    fn compacting(&self) -> Vec<(&'static str, &'static str)>;
    /// Waits until only the last record of each key is left in a topic that was created as
    /// [`compacting`](Self::compacting) says.
    fn compact(&self, of: &TopicPartition);
    /// Writes these values with a client that compresses what it sends.
    fn produce_compressed(&self, of: &TopicPartition, values: &[Vec<u8>]);
    /// A member of the rig's group, of its own, that has joined and will die.
    fn doomed(&self, rig: &Rig, topic: &TopicName) -> Box<dyn Doomed>;
    /// Writes these values in one transaction, then commits or aborts it.
    fn transaction(&self, of: &TopicPartition, values: &[&'static str], commit: bool);
}

/// A member that runs until it dies.
pub trait Doomed {
    /// Ends it without a word to its group.
    fn die(self: Box<Self>);
}

/// The in-process broker. Transactions leave nothing here but the offsets they used up: readers of a real one, with
/// `read_committed`, see no more of them.
impl Beside for Arc<Cluster> {
    fn delete_records(&self, of: &TopicPartition, before: i64) {
        Cluster::delete_records(self, &of.topic, of.partition, before);
    }

    fn create_partitions(&self, topic: &TopicName, count: i32) {
        Cluster::create_partitions(self, topic, count).unwrap();
    }

    fn delete_topic(&self, topic: &TopicName) {
        assert!(Cluster::delete_topic(self, topic));
    }

    fn compacting(&self) -> Vec<(&'static str, &'static str)> {
        vec![("cleanup.policy", "compact")]
    }

    fn compact(&self, of: &TopicPartition) {
        Cluster::compact(self, &of.topic, of.partition);
    }

    fn produce_compressed(&self, of: &TopicPartition, values: &[Vec<u8>]) {
        for value in values {
            write(self, of, value.clone());
        }
    }

    fn doomed(&self, rig: &Rig, topic: &TopicName) -> Box<dyn Doomed> {
        Box::new(Killed::join(rig, topic))
    }

    fn transaction(&self, of: &TopicPartition, values: &[&'static str], commit: bool) {
        match commit {
            true => values.iter().for_each(|value| write(self, of, value.as_bytes().to_vec())),
            false => self.skip_offsets(&of.topic, of.partition, values.len() as i64),
        }
        self.skip_offsets(&of.topic, of.partition, 1);
    }
}

/// A member on a thread of its own, whose consumer is dropped without a word.
struct Killed {
    stop: mpsc::Sender<()>,
    thread: JoinHandle<()>,
}

impl Killed {
    fn join(rig: &Rig, topic: &TopicName) -> Self {
        let mut consumer = rig.consumer(&rig.group(), &[topic], OffsetReset::Earliest);
        let (stop, stopped) = mpsc::channel();
        let thread = std::thread::spawn(move || {
            while stopped.recv_timeout(Duration::from_millis(5)) == Err(RecvTimeoutError::Timeout) {
                let mut events = Vec::new();
                consumer.poll(&mut events);
                for event in events {
                    if let ConsumerEvent::Revoked { ids, .. } = event {
                        consumer.release(&ids);
                    }
                }
            }
        });
        Self { stop, thread }
    }
}

impl Doomed for Killed {
    fn die(self: Box<Self>) {
        self.stop.send(()).unwrap();
        self.thread.join().unwrap();
    }
}

fn write(cluster: &Cluster, of: &TopicPartition, value: Vec<u8>) {
    let body = OwnedBody { value: Some(value.into()), ..OwnedBody::default() };
    let (topic, partition) = (of.topic.clone(), Some(of.partition));
    cluster.produce(Outgoing { topic, partition, body, timestamp: None }).unwrap();
}

/// A broker and what is beside it, for checks with this name.
pub fn memory(check: &str) -> (Arc<dyn Broker>, Box<dyn Beside>) {
    let cluster = Cluster::named(&format!("embedded:{check}"));
    (Arc::clone(&cluster) as Arc<dyn Broker>, Box::new(cluster))
}
