//! Beside the in-process broker: its own methods.

use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread::JoinHandle;
use std::time::Duration;

use kafka_listen::__internals::broker::memory::Cluster;
use kafka_listen::__internals::broker::{Broker, ConsumerEvent, OffsetReset};
use kafka_listen::__internals::record::{Outgoing, OwnedBody, TopicName, TopicPartition, Wanted};

use super::{Beside, Doomed};
use crate::rig::Rig;

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

    fn compact(&self, of: &TopicPartition, first: i64) {
        Cluster::compact(self, &of.topic, of.partition);
        assert_eq!(self.records(&of.topic, of.partition)[0].offset, first);
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
    let (topic, partition) = (of.topic.clone(), Wanted::Exactly(of.partition));
    cluster.produce(Outgoing { topic, partition, body: body.pack().unwrap(), timestamp: None }).unwrap();
}

/// A broker and what is beside it, for checks with this name.
pub fn memory(check: &str) -> (Arc<dyn Broker>, Box<dyn Beside>) {
    let cluster = Cluster::named(&format!("embedded:{check}"));
    (Arc::clone(&cluster) as Arc<dyn Broker>, Box::new(cluster))
}
