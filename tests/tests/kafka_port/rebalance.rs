//! Members join, leave and are killed under load: nothing is lost, and nothing comes twice but after a kill.
//!
//! The checker knows nothing of the code under test: it has what was written, and what each member read in each stay.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use kafka_listen::__internals::broker::kafka::KafkaBroker;
use kafka_listen::__internals::broker::{Broker, ConsumerEvent, OffsetReset};
use kafka_listen::__internals::record::{AssignmentId, TopicPartition};
use kafka_listen_tests::real_kafka::shared;

use crate::member::{LONG, Member, cluster, create, record, send, topic};

const PARTITIONS: i32 = 6;
const LOAD: Duration = Duration::from_secs(20);

/// One stay of a partition with a member.
#[derive(Debug, Default)]
struct Stay {
    place: Option<TopicPartition>,
    start: i64,
    read: Vec<i64>,
    /// What the broker confirmed.
    committed: i64,
    /// It ended without a last commit: by a kill, or because it was lost.
    cut_off: bool,
}

type History = Arc<Mutex<Vec<Stay>>>;

/// How a member is to end.
#[derive(Default)]
struct Orders {
    leave: AtomicBool,
    die: AtomicBool,
}

struct Running {
    orders: Arc<Orders>,
    thread: JoinHandle<()>,
}

fn start(broker: &Arc<KafkaBroker>, name: &'static str, strategy: &'static str, history: &History) -> Running {
    let orders = Arc::new(Orders::default());
    let (broker, history, told) = (broker.clone(), history.clone(), orders.clone());
    let thread = thread::spawn(move || {
        let properties = [("partition.assignment.strategy", strategy)];
        let member = Member::join_with(&broker, name, &[name], OffsetReset::Earliest, &properties);
        Life { member, stays: HashMap::new(), revoked: Vec::new() }.live(&told, &history);
    });
    Running { orders, thread }
}

/// A member that reads, commits what it has read, and before it lets go of a partition waits for the last commit.
struct Life {
    member: Member,
    stays: HashMap<AssignmentId, Stay>,
    revoked: Vec<AssignmentId>,
}

impl Life {
    fn live(mut self, orders: &Orders, history: &History) {
        let mut closing = false;
        loop {
            if orders.die.load(Ordering::Relaxed) {
                self.stays.values_mut().for_each(|stay| stay.cut_off = true);
                break;
            }
            if orders.leave.load(Ordering::Relaxed) && !closing {
                self.member.consumer.close();
                closing = true;
            }
            let events = self.member.poll(Duration::from_millis(20));
            if events.iter().any(|event| matches!(event, ConsumerEvent::Closed)) {
                assert!(self.revoked.is_empty(), "closed before all was released");
                break;
            }
            events.into_iter().for_each(|event| self.happened(event, history));
            self.let_go(history);
        }
        history.lock().unwrap().extend(self.stays.into_values());
    }

    fn happened(&mut self, event: ConsumerEvent, history: &History) {
        match event {
            ConsumerEvent::Assigned(assigned) => {
                for one in assigned {
                    let stay =
                        Stay { place: Some(one.partition), start: one.start, committed: one.start, ..Stay::default() };
                    assert!(self.stays.insert(one.id, stay).is_none(), "an id twice");
                }
            }
            ConsumerEvent::Readable(id) => {
                let records = self.member.take_all(id);
                let stay = self.stays.get_mut(&id).expect("a stay that was told of");
                stay.read.extend(records.iter().map(|record| record.offset));
                if let Some(&last) = stay.read.last() {
                    self.member.consumer.commit(&[(id, last + 1)]);
                }
            }
            ConsumerEvent::Revoked { ids, lost: false } => self.revoked.extend(ids),
            ConsumerEvent::Revoked { ids, lost: true } => {
                for id in ids {
                    self.revoked.retain(|&other| other != id);
                    let stay = self.stays.remove(&id).expect("a stay");
                    history.lock().unwrap().push(Stay { cut_off: true, ..stay });
                }
            }
            ConsumerEvent::Committed { offsets, error } => {
                for (id, offset) in offsets {
                    let Some(stay) = self.stays.get_mut(&id) else { continue };
                    match &error {
                        None => stay.committed = stay.committed.max(offset),
                        Some(_) => self.member.consumer.commit(&[(id, offset)]),
                    }
                }
            }
            ConsumerEvent::Failed(error) => assert!(!error.fatal, "{error}"),
            ConsumerEvent::Gone { .. } | ConsumerEvent::Closed => panic!("{event:?}"),
        }
    }

    /// Lets go of what is revoked and committed to its end.
    fn let_go(&mut self, history: &History) {
        let done = |stay: &Stay| stay.read.last().is_none_or(|last| stay.committed > *last);
        let (gone, rest) = self.revoked.iter().partition(|id| done(&self.stays[id]));
        self.revoked = rest;
        let gone: Vec<_> = gone;
        history.lock().unwrap().extend(gone.iter().filter_map(|id| self.stays.remove(id)));
        self.member.consumer.release(&gone);
    }
}

fn check(written: &BTreeMap<i32, usize>, history: &[Stay]) -> usize {
    let mut by_partition: BTreeMap<i32, Vec<&Stay>> = BTreeMap::new();
    for stay in history {
        by_partition.entry(stay.place.as_ref().unwrap().partition).or_default().push(stay);
        let expected: Vec<_> = (stay.start..).take(stay.read.len()).collect();
        assert_eq!(stay.read, expected, "a stay reads what follows its start, in order: {:?}", stay.place);
    }
    let mut repeated = 0;
    for (partition, &count) in written {
        let mut readers: Vec<Vec<&Stay>> = vec![Vec::new(); count];
        for stay in by_partition.get(partition).into_iter().flatten() {
            stay.read.iter().for_each(|&offset| readers[usize::try_from(offset).unwrap()].push(stay));
        }
        for (offset, readers) in readers.iter().enumerate() {
            assert!(!readers.is_empty(), "{partition}/{offset} was never read");
            let cut_off = readers.iter().filter(|stay| stay.cut_off).count();
            assert!(readers.len() <= cut_off + 1, "{partition}/{offset} came twice without a kill: {readers:?}");
            repeated += readers.len() - 1;
        }
    }
    repeated
}

/// Waits until the group has committed all that was written, as the broker sees it.
async fn until_committed(broker: &KafkaBroker, name: &str) {
    let admin = broker.admin().unwrap();
    let places: Vec<_> = (0..PARTITIONS).map(|partition| TopicPartition { topic: topic(name), partition }).collect();
    let deadline = Instant::now() + LONG;
    loop {
        let offsets = admin.offsets(name, &places).await.unwrap();
        if offsets.iter().all(|of| of.committed == Some(of.high)) {
            return;
        }
        assert!(Instant::now() < deadline, "the group does not come to the end: {offsets:?}");
    }
}

async fn churn(name: &'static str, strategy: &'static str) {
    let kafka = shared();
    create(kafka, name, PARTITIONS, &[]);
    let broker = Arc::new(cluster(kafka, &[]));
    let history = History::default();
    let producer = broker.producer().unwrap();
    let join = || start(&broker, name, strategy, &history);
    let (mut members, mut ended, mut written) = (vec![join()], Vec::new(), BTreeMap::new());
    let (begin, mut step) = (Instant::now(), 0);
    while begin.elapsed() < LOAD {
        for partition in 0..PARTITIONS {
            (0..5).for_each(|_| send(&*producer, record(&topic(name), Some(partition), "x")));
            *written.entry(partition).or_default() += 5;
        }
        thread::sleep(Duration::from_millis(10));
        if begin.elapsed() > Duration::from_millis(800) * (step + 1) {
            step += 1;
            match step % 4 {
                0 if members.len() > 1 => ended.push(end(members.remove(0), |orders| &orders.leave)),
                2 if members.len() > 1 => ended.push(end(members.remove(0), |orders| &orders.die)),
                _ if members.len() < 3 => members.push(join()),
                _ => {}
            }
        }
    }
    producer.flush().await;
    until_committed(&broker, name).await;
    ended.extend(members.into_iter().map(|member| end(member, |orders| &orders.leave)));
    ended.into_iter().for_each(|thread| thread.join().unwrap());
    let history = history.lock().unwrap();
    let repeated = check(&written, &history);
    let cut_off = history.iter().filter(|stay| stay.cut_off).count();
    println!("{name}: {written:?} written, {} stays, {cut_off} cut off, {repeated} repeated", history.len());
    assert!(cut_off > 0, "nobody was killed while it had something");
}

fn end(member: Running, order: impl Fn(&Orders) -> &AtomicBool) -> JoinHandle<()> {
    order(&member.orders).store(true, Ordering::Relaxed);
    member.thread
}

#[tokio::test(flavor = "multi_thread")]
async fn under_load_in_a_cooperative_group() {
    churn("churn-cooperative", "cooperative-sticky").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn under_load_in_an_eager_group() {
    churn("churn-eager", "range").await;
}
