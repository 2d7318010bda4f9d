//! A broker of a test's own, and the application on it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::journal::Journal;
use super::{Cluster, Delivered, StoredRecord};
use crate::app::{App, CurrentPlan, Error, Handle, Paused};
use crate::broker::Broker;
use crate::clock::Timestamp;
use crate::observe::Event;
use crate::producer::Producer;

/// An in-process broker that nobody else uses, with the application under test.
///
/// Its consumer group is `test` unless a listener names another.
#[derive(Debug)]
pub struct TestKafka {
    cluster: Arc<Cluster>,
    address: String,
    start: Timestamp,
    producer: Producer,
    journal: Journal,
    plans: Vec<CurrentPlan>,
    running: BTreeMap<Instance, Handle>,
}

/// One of the applications that a test started: see [`TestKafka::start`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instance(usize);

impl TestKafka {
    /// The longest that [`settle`](Self::settle) waits, in the test's time.
    pub const PATIENCE: Duration = Duration::from_secs(24 * 60 * 60);

    /// A broker without topics. It belongs to the Tokio runtime of the test, whose clock is its clock.
    pub fn new() -> Self {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let address = format!("embedded:test-{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        let cluster = Cluster::named(&address);
        let start = cluster.now();
        let port = cluster.producer().unwrap_or_else(|error| panic!("{error}"));
        let (producer, journal) = (Producer::new(port), Journal::since(start));
        Self { cluster, address, start, producer, journal, plans: Vec::new(), running: BTreeMap::new() }
    }

    /// Creates a topic.
    ///
    /// # Panics
    /// Kafka would not take its name.
    pub fn create_topic(&self, name: &str, partitions: i32) {
        self.cluster.create_topic(name, partitions).unwrap_or_else(|error| panic!("{error}"));
    }

    /// An application on this broker, without listeners: name them with [`App::listener`].
    pub fn app(&self) -> App {
        let app = App::new().property("bootstrap.servers", &self.address).group("test").jitter_seed(0);
        app.observer(self.journal.clone())
    }

    /// Starts an application and waits until it listens. Several may run at once, as processes of one service do.
    ///
    /// # Errors
    /// It cannot start.
    pub async fn start(&mut self, app: App) -> Result<Instance, Error> {
        let mut handle = app.start().await?;
        handle.ready().await?;
        let instance = Instance(self.plans.len());
        self.plans.push(handle.shared_plan());
        self.running.insert(instance, handle);
        Ok(instance)
    }

    /// A producer, which works whether an application runs or not.
    pub fn producer(&self) -> &Producer {
        &self.producer
    }

    /// The broker itself: to break it, to look into it, to write to it.
    pub fn cluster(&self) -> &Arc<Cluster> {
        &self.cluster
    }

    /// Lets time pass, with all that happens meanwhile.
    pub async fn advance(&self, time: Duration) {
        tokio::time::sleep(time).await;
    }

    /// Lets time pass until every record was handled, dead-lettered or discarded, and committed. Where a listener is paused, stopped or not
    /// started nothing comes to an end: [`advance`](Self::advance) by a time instead.
    ///
    /// # Panics
    /// [`PATIENCE`](Self::PATIENCE) is over; the message says what is left.
    pub async fn settle(&self) {
        let step = Duration::from_millis(100);
        for _ in 0..Self::PATIENCE.as_millis() / step.as_millis() {
            tokio::time::sleep(step).await;
            if self.running.values().all(|handle| self.lagging(handle).is_empty()) {
                return;
            }
        }
        let left: Vec<_> = self.running.values().flat_map(|handle| self.lagging(handle)).collect();
        panic!("records are left after {:?}: {}", Self::PATIENCE, left.join(", "));
    }

    /// All deliveries that have ended, in their order.
    pub fn deliveries(&self) -> Vec<Delivered> {
        self.journal.deliveries()
    }

    /// Everything that the applications told, deliveries included, in its order.
    pub fn events(&self) -> Vec<Event> {
        self.journal.events()
    }

    /// The time since the test began.
    pub fn elapsed(&self) -> Duration {
        self.cluster.now().since(self.start)
    }

    /// The records of a topic, partition by partition.
    pub fn records(&self, topic: &str) -> Vec<StoredRecord> {
        let partitions = self.cluster.partitions(topic).unwrap_or(0);
        (0..partitions).flat_map(|partition| self.cluster.records(topic, partition)).collect()
    }

    /// The dead letters of a source topic.
    ///
    /// # Panics
    /// No listener that was started reads it, or it has no dead-letter topic.
    pub fn dead_letters(&self, source: &str) -> Vec<StoredRecord> {
        let mut dlts = self.plans.iter().filter_map(|plan| plan.get().dead_letter_topic(source).map(str::to_owned));
        let dlt = dlts.next().unwrap_or_else(|| panic!("no listener has dead letters of `{source}`"));
        self.records(&dlt)
    }

    /// How many records of a topic a group has not committed.
    pub fn lag(&self, group: &str, topic: &str) -> i64 {
        let partitions = self.cluster.partitions(topic).unwrap_or(0);
        let lag = |partition| {
            let end = self.cluster.end_offset(topic, partition).unwrap_or(0);
            end - self.cluster.committed(group, topic, partition).unwrap_or(0)
        };
        (0..partitions).map(lag).sum()
    }

    /// Stops all applications cleanly. The broker stays, and an application may be started again.
    pub async fn stop(&mut self) {
        for handle in std::mem::take(&mut self.running).into_values() {
            handle.stop().await;
        }
    }

    /// Stops one application cleanly; does nothing if it does not run any more.
    pub async fn stop_one(&mut self, instance: Instance) {
        if let Some(handle) = self.running.remove(&instance) {
            handle.stop().await;
        }
    }

    /// Ends one application as `kill -9` does: its handlers stop where they are, nothing more is written or committed,
    /// and its groups notice only when its sessions are over, after 45 seconds.
    pub fn crash(&mut self, instance: Instance) {
        if let Some(handle) = self.running.remove(&instance) {
            handle.crash();
        }
    }

    /// Starts a listener of one application that has `auto_start = false`, and waits until it listens: see
    /// [`Handle::start_listener`].
    ///
    /// # Errors
    /// It has no listener of this id.
    ///
    /// # Panics
    /// The application does not run any more.
    pub async fn start_listener(&mut self, instance: Instance, listener: &str) -> Result<(), Error> {
        let handle = self.running.get_mut(&instance);
        let handle = handle.unwrap_or_else(|| panic!("this application does not run any more"));
        handle.start_listener(listener)?;
        handle.ready().await
    }

    /// Pauses a listener of one application: see [`Handle::pause`].
    ///
    /// # Errors
    /// It has no listener of this id.
    ///
    /// # Panics
    /// The application does not run any more.
    pub fn pause(&self, instance: Instance, listener: &str) -> Result<(), Error> {
        self.handle(instance).pause(listener)
    }

    /// Lets a paused listener of one application go on: see [`Handle::resume`].
    ///
    /// # Errors
    /// It has no listener of this id.
    ///
    /// # Panics
    /// The application does not run any more.
    pub fn resume(&self, instance: Instance, listener: &str) -> Result<(), Error> {
        self.handle(instance).resume(listener)
    }

    /// The paused listeners of one application.
    ///
    /// # Panics
    /// The application does not run any more.
    pub fn paused(&self, instance: Instance) -> Vec<Paused> {
        self.handle(instance).paused()
    }

    fn handle(&self, instance: Instance) -> &Handle {
        self.running.get(&instance).unwrap_or_else(|| panic!("this application does not run any more"))
    }

    fn lagging(&self, handle: &Handle) -> Vec<String> {
        let topics = handle.plan().topics_read().into_iter();
        let lags = topics.map(|(group, topic)| (self.lag(&group, &topic), group, topic));
        lags.filter(|(lag, ..)| *lag != 0).map(|(lag, group, topic)| format!("{lag} of {topic} for {group}")).collect()
    }
}

impl Default for TestKafka {
    fn default() -> Self {
        Self::new()
    }
}
