//! A member of a group, driven as the runtime drives one: polled when woken, read when readable.

use std::collections::{BTreeMap, HashMap};
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::{Duration, Instant};

use kafka_listen::__internals::broker::kafka::KafkaBroker;
use kafka_listen::__internals::broker::{
    Broker, Consumer, ConsumerEvent, ConsumerSpec, NewTopic, OffsetReset, ProducerPort, Room, Taken, Wake,
};
use kafka_listen::__internals::record::{Assigned, AssignmentId, Outgoing, OwnedBody, Record, TopicName, Wanted};
use kafka_listen_tests::real_kafka::RealKafka;

/// How long anything may take on a busy machine.
pub const LONG: Duration = Duration::from_secs(60);

/// A member.
pub struct Member {
    pub consumer: Box<dyn Consumer>,
    pub assigned: HashMap<AssignmentId, Assigned>,
    woken: Receiver<()>,
}

/// The cluster, with these properties.
pub fn cluster(kafka: &RealKafka, properties: &[(&str, &str)]) -> KafkaBroker {
    let mut all = BTreeMap::from([("bootstrap.servers".to_owned(), kafka.bootstrap())]);
    all.extend(properties.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    KafkaBroker::new(all).expect("the properties are good")
}

pub fn topic(name: &str) -> TopicName {
    TopicName::new(name).expect("a good name")
}

/// Creates a topic.
pub async fn create(kafka: &RealKafka, name: &str, partitions: i32, config: &[(&str, &str)]) {
    let config = config.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let wanted = NewTopic { name: topic(name), partitions, replication: None, config };
    let mut created = cluster(kafka, &[]).admin().unwrap().create(&[wanted]).await.unwrap();
    created.remove(0).unwrap();
}

pub fn record(topic: &TopicName, partition: Option<i32>, value: impl Into<bytes::Bytes>) -> Outgoing {
    let body = OwnedBody { value: Some(value.into()), ..OwnedBody::default() };
    let partition = partition.map_or(Wanted::Any, Wanted::Exactly);
    Outgoing { topic: topic.clone(), partition, body: body.pack().unwrap(), timestamp: None }
}

/// Sends, waiting while the queue is full; the receipt fails the test if the record was not written.
pub fn send(producer: &dyn ProducerPort, record: Outgoing) {
    let mut full = producer.send(record, Box::new(|written| assert!(written.is_ok(), "{written:?}"))).err();
    while let Some(again) = full {
        std::thread::sleep(Duration::from_millis(1));
        full = producer.send(again.record, again.receipt).err();
    }
}

impl Member {
    pub fn join(broker: &KafkaBroker, group: &str, topics: &[&str]) -> Self {
        Self::join_with(broker, group, topics, OffsetReset::Earliest, &[])
    }

    pub fn join_with(
        broker: &KafkaBroker,
        group: &str,
        topics: &[&str],
        reset: OffsetReset,
        properties: &[(&str, &str)],
    ) -> Self {
        let spec = ConsumerSpec {
            group: group.to_owned(),
            topics: topics.iter().map(|name| (topic(name), reset)).collect(),
            properties: properties.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
            read_ahead: 32 << 20,
            waits: false,
            grows: false,
        };
        let (wake, woken) = sync_channel(1);
        let wake = Wake::new(move || {
            let _ = wake.try_send(());
        });
        let consumer = broker.consumer(spec, wake).expect("a consumer");
        Self { consumer, assigned: HashMap::new(), woken }
    }

    /// Polls once, after having been woken, or when the consumer or `most` says so.
    pub fn poll(&mut self, most: Duration) -> Vec<ConsumerEvent> {
        let own =
            self.consumer.wake_at().map_or(most, |at| at.since(kafka_listen::__internals::clock::Clock::System.now()));
        let _ = self.woken.recv_timeout(most.min(own));
        let mut events = Vec::new();
        self.consumer.poll(&mut events);
        for event in &events {
            match event {
                ConsumerEvent::Assigned(new) => self.assigned.extend(new.iter().map(|one| (one.id, one.clone()))),
                ConsumerEvent::Revoked { ids, lost: true } => self.assigned.retain(|id, _| !ids.contains(id)),
                _ => {}
            }
        }
        events
    }

    /// Polls until `found` finds what it looks for.
    pub fn until<T>(&mut self, mut found: impl FnMut(&mut Self, &[ConsumerEvent]) -> Option<T>) -> T {
        let deadline = Instant::now() + LONG;
        loop {
            let events = self.poll(Duration::from_millis(100));
            if let Some(found) = found(self, &events) {
                return found;
            }
            assert!(Instant::now() < deadline, "it does not come; the last events were {events:?}");
        }
    }

    /// Waits for its first partitions.
    pub fn assigned(&mut self) -> Vec<Assigned> {
        self.until(|_, events| {
            events.iter().find_map(|event| match event {
                ConsumerEvent::Assigned(assigned) if !assigned.is_empty() => Some(assigned.clone()),
                _ => None,
            })
        })
    }

    /// Takes all that is there.
    pub fn take_all(&mut self, id: AssignmentId) -> Vec<Record> {
        let mut records = Vec::new();
        let room = Room { records: 1000, bytes: 1 << 24 };
        while self.consumer.take(id, room, &mut records) == Taken::More {}
        records
    }

    /// Takes until it has so many records of one assignment.
    pub fn take(&mut self, id: AssignmentId, count: usize) -> Vec<Record> {
        let mut records = self.take_all(id);
        if records.len() >= count {
            return records;
        }
        self.until(|member, _| {
            records.extend(member.take_all(id));
            (records.len() >= count).then(|| std::mem::take(&mut records))
        })
    }

    /// Lets go of all that is revoked, until the group is left.
    pub fn leave(&mut self) {
        self.consumer.close();
        self.until(|member, events| {
            let mut closed = None;
            for event in events {
                match event {
                    ConsumerEvent::Revoked { ids, lost: false } => {
                        member.consumer.release(ids);
                        member.assigned.retain(|id, _| !ids.contains(id));
                    }
                    ConsumerEvent::Closed => closed = Some(()),
                    _ => {}
                }
            }
            closed
        });
    }
}
