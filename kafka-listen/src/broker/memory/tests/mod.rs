//! What the in-process broker has and a real one has not: time that stands still, and faults on purpose. All else is
//! in the contract suite, which runs on both.

mod beside;
mod deadlines;
mod determinism;
mod faults;
mod outage;
mod registry;
mod release;
mod topics;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::Cluster;
use crate::broker::{Broker, Consumer, ConsumerEvent, ConsumerSpec, OffsetReset, Room, Taken, Wake};
use crate::record::{AssignmentId, Outgoing, OwnedBody, TopicName, TopicPartition, Wanted};

const ALL: Room = Room { records: usize::MAX, bytes: usize::MAX };

/// A cluster of this test alone, with the topic `t`.
fn cluster(test: &str, partitions: i32) -> Arc<Cluster> {
    let cluster = Cluster::named(&format!("embedded:unit-{test}"));
    cluster.create_topic("t", partitions).unwrap();
    cluster
}

fn topic() -> TopicName {
    TopicName::new("t").unwrap()
}

fn of(partition: i32) -> TopicPartition {
    TopicPartition { topic: topic(), partition }
}

fn record(value: &str) -> Outgoing {
    let body = OwnedBody { value: Some(value.as_bytes().to_vec().into()), ..OwnedBody::default() };
    Outgoing { topic: topic(), partition: Wanted::Exactly(0), body: body.pack().unwrap(), timestamp: None }
}

/// A member of the group `g` that reads `t`, and how often it was woken.
struct Reader {
    consumer: Box<dyn Consumer>,
    woken: Arc<AtomicUsize>,
}

impl Reader {
    fn join(cluster: &Cluster, properties: &[(&str, &str)]) -> Self {
        let woken = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&woken);
        let spec = ConsumerSpec {
            group: "g".to_owned(),
            topics: vec![(topic(), OffsetReset::Earliest)],
            properties: properties.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
            read_ahead: 0,
            waits: false,
            grows: false,
        };
        let wake = Wake::new(move || {
            count.fetch_add(1, Ordering::SeqCst);
        });
        Self { consumer: cluster.consumer(spec, wake).unwrap(), woken }
    }

    /// How often it was woken since this was last asked.
    fn woken(&self) -> usize {
        self.woken.swap(0, Ordering::SeqCst)
    }

    fn poll(&mut self) -> Vec<ConsumerEvent> {
        let mut events = Vec::new();
        self.consumer.poll(&mut events);
        events
    }

    /// Polls, and tells the numbers of the partitions that were assigned, with their assignments.
    fn assigned(&mut self) -> Vec<(i32, AssignmentId)> {
        let events = self.poll();
        let assigned = events.iter().filter_map(|event| match event {
            ConsumerEvent::Assigned(assigned) => Some(assigned),
            _ => None,
        });
        assigned.flatten().map(|assigned| (assigned.partition.partition, assigned.id)).collect()
    }

    /// Polls, and tells what was revoked.
    fn revoked(&mut self) -> Vec<(Vec<AssignmentId>, bool)> {
        let events = self.poll().into_iter();
        events
            .filter_map(|event| match event {
                ConsumerEvent::Revoked { ids, lost } => Some((ids, lost)),
                _ => None,
            })
            .collect()
    }

    /// Commits, polls, and tells why that failed, if it did.
    fn commit(&mut self, id: AssignmentId, offset: i64) -> Option<Option<String>> {
        self.consumer.commit(&[(id, offset)]);
        self.answer()
    }

    /// Polls for the answer to a commit.
    fn answer(&mut self) -> Option<Option<String>> {
        self.poll().into_iter().find_map(|event| match event {
            ConsumerEvent::Committed { error, .. } => Some(error),
            _ => None,
        })
    }

    fn take(&mut self, id: AssignmentId) -> (Vec<i64>, Taken) {
        let mut records = Vec::new();
        let taken = self.consumer.take(id, ALL, &mut records);
        (records.iter().map(|record| record.offset).collect(), taken)
    }
}
