//! What a test does to a cluster beside the application: writes, looks, removes, breaks.
//!
//! None of it goes through a client, so no fault that was set applies to it.

use std::time::Duration;

use bytes::Bytes;

use super::cluster::Cluster;
use super::faults::{CommitFault, PublishFault};
use super::group::MemberId;
use super::log::{Entry, Log};
use super::watch::Seen;
use crate::broker::{ClientError, NewTopic};
use crate::record::{
    HeaderBuf, Outgoing, OwnedBody, PublishError, PublishErrorKind, RecordTime, TopicName, TopicPartition, Written,
};

/// A record as it lies in a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredRecord {
    /// Its offset.
    pub offset: i64,
    /// Its timestamp.
    pub time: RecordTime,
    /// The key; `None` is null.
    pub key: Option<Bytes>,
    /// The value; `None` is null.
    pub value: Option<Bytes>,
    /// The headers, in order.
    pub headers: Vec<HeaderBuf>,
}

impl From<&Entry> for StoredRecord {
    fn from(entry: &Entry) -> Self {
        let OwnedBody { key, value, headers } = entry.body.to_owned_body();
        Self { offset: entry.offset, time: entry.time, key, value, headers }
    }
}

/// A member of a consumer group, as the cluster knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupMember {
    /// Its name.
    pub id: MemberId,
    /// What it holds, including what it was asked to let go of and has not.
    pub partitions: Vec<TopicPartition>,
}

impl Cluster {
    /// Creates a topic with the broker's settings; one that is there already stays as it is.
    ///
    /// # Errors
    /// Kafka would not take the name or the number of partitions.
    pub fn create_topic(&self, name: &str, partitions: i32) -> Result<(), ClientError> {
        self.create_topic_with(name, partitions, &[])
    }

    /// Creates a topic with settings of its own, by Kafka's names.
    ///
    /// # Errors
    /// Kafka would not take the name, the number of partitions or a setting.
    pub fn create_topic_with(&self, name: &str, partitions: i32, config: &[(&str, &str)]) -> Result<(), ClientError> {
        let config = config.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let new = NewTopic { name: topic_name(name)?, partitions, replication: None, config };
        self.update(|state, after| state.create(&new, after)).map_err(ClientError)
    }

    /// Adds partitions to a topic until it has this many; groups that read it rebalance.
    ///
    /// # Errors
    /// There is no such topic, or it has that many already.
    pub fn create_partitions(&self, topic: &str, partitions: i32) -> Result<(), ClientError> {
        let topic = topic_name(topic)?;
        self.update(|state, after| state.grow(&topic, partitions, after)).map_err(ClientError)
    }

    /// Deletes a topic with its records and all that groups committed of it. Tells whether there was one.
    pub fn delete_topic(&self, topic: &str) -> bool {
        topic_name(topic).is_ok_and(|topic| self.update(|state, after| state.delete(&topic, after)))
    }

    /// The names of all topics, in alphabetical order.
    pub fn topics(&self) -> Vec<String> {
        self.update(|state, _| state.topics.counts().into_keys().map(|name| name.to_string()).collect())
    }

    /// A setting of a topic by Kafka's name, the broker's default where the topic has none of its own.
    pub fn topic_setting(&self, topic: &str, name: &str) -> Option<String> {
        self.update(|state, _| state.topics.get(topic)?.config.settings().get(name).cloned())
    }

    /// How many partitions a topic has; `None` where there is no such topic.
    pub fn partitions(&self, topic: &str) -> Option<i32> {
        self.update(|state, _| Some(state.topics.get(topic)?.count()))
    }

    /// How many replicas a topic was made with; `None` where there is no such topic.
    pub fn replicas(&self, topic: &str) -> Option<i32> {
        self.update(|state, _| Some(state.topics.get(topic)?.replication))
    }

    /// Writes a record.
    ///
    /// # Errors
    /// There is no such topic, or it does not take a record of this size.
    pub fn produce(&self, record: Outgoing) -> Result<Written, PublishError> {
        self.update(|state, after| state.append(record, after))
    }

    /// Writes a record in a transaction that is aborted: it and the marker behind it use up two offsets, and nobody who reads
    /// what is committed sees it.
    ///
    /// # Errors
    /// There is no such topic, or it does not take a record of this size.
    pub fn produce_aborted(&self, record: Outgoing) -> Result<Written, PublishError> {
        let topic = record.topic.clone();
        self.update(|state, after| {
            let written = state.append(record, after)?;
            let partition = TopicPartition { topic, partition: written.partition };
            state.topics.partition_mut(&partition).into_iter().for_each(|it| it.log.abort_newest());
            state.skip(&partition, 1, after);
            Ok(written)
        })
    }

    /// All records of a partition; none where there is no such partition.
    pub fn records(&self, topic: &str, partition: i32) -> Vec<StoredRecord> {
        self.look(topic, partition, |log| log.entries().map(StoredRecord::from).collect()).unwrap_or_default()
    }

    /// The offset that the next record of this partition gets; `None` where there is no such partition.
    pub fn end_offset(&self, topic: &str, partition: i32) -> Option<i64> {
        self.look(topic, partition, |log| log.high())
    }

    /// What a group has committed for a partition.
    pub fn committed(&self, group: &str, topic: &str, partition: i32) -> Option<i64> {
        let of = TopicPartition { topic: topic_name(topic).ok()?, partition };
        self.update(|state, _| state.groups.get(group)?.committed.get(&of).copied())
    }

    /// Sets what a group has committed, as Kafka's tools do to a group that is not running.
    ///
    /// # Errors
    /// Kafka would not take the name of the topic.
    pub fn set_committed(&self, group: &str, topic: &str, partition: i32, offset: i64) -> Result<(), ClientError> {
        let of = TopicPartition { topic: topic_name(topic)?, partition };
        self.update(|state, _| state.group(group).committed.insert(of, offset));
        Ok(())
    }

    /// The members of a group, the oldest first.
    pub fn members(&self, group: &str) -> Vec<GroupMember> {
        self.update(|state, _| match state.groups.get(group) {
            Some(group) => group.holdings().map(|(id, partitions)| GroupMember { id, partitions }).collect(),
            None => Vec::new(),
        })
    }

    /// Makes the group give a member up that is still there, as if it had been silent for too long. It learns at its
    /// next poll that it lost everything, and joins anew.
    pub fn expel(&self, group: &str, member: MemberId) {
        self.update(|state, after| state.regroup(group, after, |group, _, after| group.expel(member, after)));
    }
}

/// Logs.
impl Cluster {
    /// Removes the records below `offset`, as retention does.
    pub fn delete_records(&self, topic: &str, partition: i32, offset: i64) {
        self.look(topic, partition, |log| log.delete_before(offset));
    }

    /// Removes single records, as compaction does: their offsets stay unused.
    pub fn remove_records(&self, topic: &str, partition: i32, offsets: &[i64]) {
        let offsets = offsets.iter().copied().collect();
        self.look(topic, partition, |log| log.remove(&offsets));
    }

    /// Removes every record behind which there is another one of its key, as compaction does when it is done.
    pub fn compact(&self, topic: &str, partition: i32) {
        self.look(topic, partition, |log| log.compact());
    }

    /// Uses up offsets without a record, as the markers of a transaction do.
    pub fn skip_offsets(&self, topic: &str, partition: i32, offsets: i64) {
        let Ok(topic) = topic_name(topic) else { return };
        self.update(|state, after| state.skip(&TopicPartition { topic, partition }, offsets, after));
    }
}

/// Faults.
impl Cluster {
    /// Lets `watcher` be told whatever happens from now on. It must not call the cluster.
    pub fn watch(&self, watcher: impl FnMut(Seen) + Send + 'static) {
        self.watcher().set(Box::new(watcher));
    }

    /// Lets `decide` say of every record that a producer sends what goes wrong with it. It must not set faults.
    pub fn on_publish(&self, decide: impl FnMut(&Outgoing) -> Option<PublishFault> + Send + 'static) {
        self.faults().on_publish(Some(Box::new(decide)));
    }

    /// Lets `decide` say of every commit, by its group, what goes wrong with it. It must not set faults.
    pub fn on_commit(&self, decide: impl FnMut(&str) -> Option<CommitFault> + Send + 'static) {
        self.faults().on_commit(Some(Box::new(decide)));
    }

    /// Fails all publishes to a topic, nothing of which is written. Ends what [`on_publish`](Self::on_publish) set.
    pub fn fail_publishes(&self, topic: &str, kind: PublishErrorKind) {
        self.fault_publishes(topic, PublishFault::Refuse(kind));
    }

    /// Delays the answers to all publishes to a topic. Ends what [`on_publish`](Self::on_publish) set.
    pub fn delay_publishes(&self, topic: &str, delay: Duration) {
        self.fault_publishes(topic, PublishFault::Delay(delay));
    }

    /// Lets a partition give no answer in time to who looks at its records without reading it as a member, as start-up does.
    ///
    /// # Errors
    /// Kafka would not take the name of the topic.
    pub fn silence(&self, topic: &str, partition: i32) -> Result<(), ClientError> {
        self.faults().silence(TopicPartition { topic: topic_name(topic)?, partition });
        Ok(())
    }

    /// Ends all faults but [`set_reachable`](Self::set_reachable).
    pub fn heal(&self) {
        let mut faults = self.faults();
        faults.on_publish(None);
        faults.on_commit(None);
        faults.all_answer();
    }

    /// Sets the clock of all clients but those on [machines](Self::step_clock_of) forward, or back, by so many milliseconds. The cluster's own goes on as it was.
    pub fn step_clock(&self, millis: i64) {
        self.clients_clock().step(millis);
        self.wake_all();
    }

    /// Sets the clock of this machine alone: of the applications whose address names it behind a `/`.
    pub fn step_clock_of(&self, machine: &str, millis: i64) {
        self.clock_of(machine).step(millis);
        self.wake_all();
    }

    fn wake_all(&self) {
        // Who sleeps has set an alarm by the old time.
        self.update(|state, after| {
            state.groups.values().flat_map(|group| group.members.values()).for_each(|member| member.wake(after));
        });
    }

    /// Cuts the cluster off from all clients, or connects it again. While it is cut off nothing can be taken, commits
    /// and questions fail, records wait in their producers, and no group changes but by those who leave.
    pub fn set_reachable(&self, reachable: bool) {
        self.update(|state, after| state.set_reachable(reachable, after));
    }

    /// Sets how many unanswered records a producer takes before it is full; 100,000 at first.
    pub fn set_queue(&self, records: usize) {
        self.update(|state, _| state.publishing.queue = records);
    }

    fn fault_publishes(&self, topic: &str, fault: PublishFault) {
        let topic = topic.to_owned();
        self.on_publish(move |record| (record.topic.as_str() == topic).then_some(fault));
    }
}

impl Cluster {
    fn look<T>(&self, topic: &str, partition: i32, f: impl FnOnce(&mut Log) -> T) -> Option<T> {
        let of = TopicPartition { topic: topic_name(topic).ok()?, partition };
        self.update(|state, _| Some(f(&mut state.topics.partition_mut(&of)?.log)))
    }
}

fn topic_name(name: &str) -> Result<TopicName, ClientError> {
    TopicName::new(name).map_err(|error| ClientError(error.to_string()))
}
