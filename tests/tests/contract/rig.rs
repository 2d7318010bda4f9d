//! What one check works with: a broker, names of its own, and short ways to write and to join.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::future::Future;
use std::sync::Arc;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use kafka_listen::__internals::broker::{
    Admin, Broker, Consumer, ConsumerSpec, NewTopic, OffsetReset, ProducerPort, Receipt,
};
use kafka_listen::__internals::record::{
    Outgoing, OwnedBody, PublishError, TopicName, TopicPartition, Wanted, Written,
};

use crate::bell::Bell;
use crate::beside::{self, Beside};
use crate::member::Member;

/// How long anything may take before a check fails. Nothing waits this long when all is well.
pub const PATIENCE: Duration = Duration::from_secs(40);

/// A session short enough to wait for its end, and longer than a busy machine keeps a heartbeat back.
pub const SESSION: Duration = Duration::from_secs(3);

/// What may lie read ahead, in bytes: little, so that a check can write more.
pub const READ_AHEAD: usize = 256 << 10;

/// Sends a record, as soon as the producer takes one more for its destination.
pub fn send_when_there_is_room(producer: &dyn ProducerPort, record: Outgoing, receipt: Receipt) {
    let given_up = Instant::now() + PATIENCE;
    let mut full = producer.send(record, receipt).err();
    while let Some(again) = full {
        assert!(Instant::now() < given_up, "there is no room for {:?}", again.record);
        std::thread::yield_now();
        full = producer.send(again.record, again.receipt).err();
    }
}

/// What one check works with.
pub struct Rig {
    pub broker: Arc<dyn Broker>,
    pub beside: Box<dyn Beside>,
    pub bell: Bell,
    check: String,
    producer: OnceCell<Arc<dyn ProducerPort>>,
    runtime: tokio::runtime::Runtime,
}

impl Rig {
    pub fn on_memory(check: &str) -> Self {
        Self::new(check, beside::memory(check))
    }

    pub fn on_kafka(check: &str) -> Self {
        Self::new(check, beside::kafka())
    }

    fn new(check: &str, (broker, beside): (Arc<dyn Broker>, Box<dyn Beside>)) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let bell = Bell::default();
        Self { broker, beside, bell, check: check.to_owned(), producer: OnceCell::new(), runtime }
    }

    /// A name for a topic that no other check uses.
    pub fn topic_name(&self, suffix: &str) -> TopicName {
        TopicName::new(format!("{}{suffix}", self.check)).unwrap()
    }

    /// The check's topic, created.
    pub fn topic(&self, partitions: i32) -> TopicName {
        self.topic_with("", partitions, &[])
    }

    /// One of several topics, created with settings.
    pub fn topic_with(&self, suffix: &str, partitions: i32, config: &[(&str, &str)]) -> TopicName {
        let new = self.new_topic(suffix, partitions, config);
        let created = self.block_on(self.admin().create(std::slice::from_ref(&new))).unwrap();
        assert!(created.iter().all(Result::is_ok), "{created:?}");
        new.name
    }

    pub fn new_topic(&self, suffix: &str, partitions: i32, config: &[(&str, &str)]) -> NewTopic {
        let config = config.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        NewTopic { name: self.topic_name(suffix), partitions, replication: None, config }
    }

    /// A group that no other check uses.
    pub fn group(&self) -> String {
        format!("{}-group", self.check)
    }

    pub fn admin(&self) -> Arc<dyn Admin> {
        self.broker.admin().unwrap()
    }

    pub fn producer(&self) -> &dyn ProducerPort {
        &**self.producer.get_or_init(|| self.broker.producer().unwrap())
    }

    pub fn block_on<T>(&self, future: impl Future<Output = T>) -> T {
        self.runtime.block_on(async { tokio::time::timeout(PATIENCE, future).await }).expect("an answer comes in time")
    }

    /// Joins the check's group and reads these topics from their beginning.
    pub fn join(&self, topics: &[&TopicName]) -> Member {
        self.join_as(&self.group(), topics, OffsetReset::Earliest)
    }

    pub fn join_as(&self, group: &str, topics: &[&TopicName], reset: OffsetReset) -> Member {
        Member::new(self.consumer(group, topics, reset))
    }

    pub fn consumer(&self, group: &str, topics: &[&TopicName], reset: OffsetReset) -> Box<dyn Consumer> {
        let session = SESSION.as_millis().to_string();
        let properties = [
            ("session.timeout.ms", session.as_str()),
            ("heartbeat.interval.ms", "300"),
            // A topic or partition that is added is noticed soon.
            ("topic.metadata.refresh.interval.ms", "500"),
        ];
        let spec = ConsumerSpec {
            group: group.to_owned(),
            topics: topics.iter().map(|topic| ((*topic).clone(), reset)).collect(),
            properties: properties.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
            read_ahead: READ_AHEAD,
            waits: false,
            grows: false,
        };
        self.broker.consumer(spec, self.bell.wake()).unwrap()
    }

    /// Sends records one right after the other; the answers in the order of the records.
    pub fn send_all(&self, records: Vec<Outgoing>) -> Vec<Result<Written, PublishError>> {
        Self::send_by(self.producer(), records)
    }

    fn send_by(producer: &dyn ProducerPort, records: Vec<Outgoing>) -> Vec<Result<Written, PublishError>> {
        let (answered, answers) = mpsc::channel();
        let count = records.len();
        for (number, record) in records.into_iter().enumerate() {
            let answered = answered.clone();
            let receipt: Receipt = Box::new(move |answer| answered.send((number, answer)).unwrap());
            send_when_there_is_room(producer, record, receipt);
        }
        let answer = |_| answers.recv_timeout(PATIENCE).expect("every record is answered");
        let by_number: BTreeMap<usize, _> = (0..count).map(answer).collect();
        assert_eq!(by_number.len(), count, "every record is answered once");
        by_number.into_values().collect()
    }

    pub fn send(&self, record: Outgoing) -> Result<Written, PublishError> {
        self.send_all(vec![record]).remove(0)
    }

    /// Writes these values to one partition.
    pub fn write(&self, of: &TopicPartition, values: impl IntoIterator<Item = impl Into<Vec<u8>>>) {
        self.write_by(self.producer(), of, values);
    }

    /// Writes to a partition that was added: a client that wrote to the topic before may not know of it yet.
    pub fn write_anew(&self, of: &TopicPartition, values: impl IntoIterator<Item = impl Into<Vec<u8>>>) {
        self.write_by(&*self.broker.producer().unwrap(), of, values);
    }

    fn write_by(
        &self,
        producer: &dyn ProducerPort,
        of: &TopicPartition,
        values: impl IntoIterator<Item = impl Into<Vec<u8>>>,
    ) {
        let records = values.into_iter().map(|value| outgoing(&of.topic, Some(of.partition), None, value));
        for answer in Self::send_by(producer, records.collect()) {
            assert_eq!(answer.unwrap().partition, of.partition);
        }
    }

    /// Drives members until something has become true of them.
    pub fn until<const N: usize>(
        &self,
        mut members: [&mut Member; N],
        what: &str,
        done: impl Fn([&Member; N]) -> bool,
    ) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            self.bell.forget();
            members.iter_mut().for_each(|member| member.step());
            if done(members.each_ref().map(|member| &**member)) {
                return;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "did not happen: {what}\n{members:#?}");
            let now = self.broker.clock().now();
            let next = members.iter().filter_map(|member| member.consumer.wake_at()).min();
            self.bell.wait(next.map_or(left, |next| next.since(now).min(left)));
        }
    }

    /// Drives members for a while in which nothing is expected of them.
    pub fn idle<const N: usize>(&self, mut members: [&mut Member; N], time: Duration) {
        let deadline = Instant::now() + time;
        while Instant::now() < deadline {
            self.bell.forget();
            members.iter_mut().for_each(|member| member.step());
            self.bell.wait(deadline.saturating_duration_since(Instant::now()).min(Duration::from_millis(50)));
        }
    }

    /// What is committed, and what there is.
    pub fn offsets(&self, group: &str, of: &TopicPartition) -> Offsets {
        let (committed, ends) = self.block_on(async {
            let admin = self.admin();
            let of = std::slice::from_ref(of);
            (admin.committed(group, of).await.unwrap(), admin.ends(of).await.unwrap())
        });
        Offsets { committed: committed[0], low: ends[0].low, high: ends[0].high }
    }
}

/// What a group has committed of a partition, and where its log begins and ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offsets {
    pub committed: Option<i64>,
    pub low: i64,
    pub high: i64,
}

pub fn outgoing(topic: &TopicName, partition: Option<i32>, key: Option<&str>, value: impl Into<Vec<u8>>) -> Outgoing {
    let key = key.map(|key| key.as_bytes().to_vec().into());
    let body = OwnedBody { key, value: Some(value.into().into()), headers: vec![] };
    let partition = partition.map_or(Wanted::Any, Wanted::IfThere);
    Outgoing { topic: topic.clone(), partition, body: body.pack().unwrap(), timestamp: None }
}

pub fn partition(topic: &TopicName, partition: i32) -> TopicPartition {
    TopicPartition { topic: topic.clone(), partition }
}

/// Bytes that no client makes smaller on the way.
pub fn noise(len: usize) -> Vec<u8> {
    let mut state = 1_u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    (0..len).map(|_| next()).collect()
}
