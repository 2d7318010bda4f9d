//! Members join, leave and are killed under load: nothing is lost, and nothing comes twice but after a kill.
//!
//! The checker knows nothing of the code under test: it has what was written, and what each member read in each stay.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use kafka_listen::__internals::broker::kafka::KafkaBroker;
use kafka_listen::__internals::broker::{Broker, ConsumerEvent, OffsetReset};
use kafka_listen::__internals::record::{AssignmentId, TopicPartition};
use kafka_listen_tests::real_kafka::shared;

use crate::member::{LONG, Member, cluster, create, record, send, topic};

const PARTITIONS: i32 = 6;
/// So much may be read and not committed: what a kill repeats, and what must be committed before a partition goes.
const UNCOMMITTED: i64 = 100;
const LOAD: Duration = Duration::from_secs(15);

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

impl Stay {
    /// What it would commit.
    fn next(&self) -> i64 {
        self.read.last().map_or(self.start, |last| last + 1)
    }
}

/// What all members tell the checker.
#[derive(Default)]
struct History {
    /// The stays that are over.
    stays: Mutex<Vec<Stay>>,
    /// How far each partition was read, by anybody.
    reached: Mutex<BTreeMap<i32, i64>>,
    /// How many partitions went from one member to another while both stayed.
    handed_over: AtomicUsize,
}

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

fn start(
    broker: &Arc<KafkaBroker>,
    name: &'static str,
    protocol: (&'static str, &'static str),
    history: &Arc<History>,
) -> Running {
    let orders = Arc::new(Orders::default());
    let (broker, history, told) = (broker.clone(), history.clone(), orders.clone());
    let thread = thread::spawn(move || {
        let member = Member::join_with(
            &broker,
            name,
            &[name],
            OffsetReset::Earliest,
            &[protocol, ("heartbeat.interval.ms", "200")],
        );
        Life { member, stays: HashMap::new(), revoked: Vec::new(), closing: false }.live(&told, &history);
    });
    Running { orders, thread }
}

/// A member that reads, commits what it has read, and before it lets go of a partition waits for the last commit.
struct Life {
    member: Member,
    stays: HashMap<AssignmentId, Stay>,
    revoked: Vec<AssignmentId>,
    closing: bool,
}

impl Life {
    fn live(mut self, orders: &Orders, history: &History) {
        loop {
            if orders.die.load(Ordering::Relaxed) {
                self.stays.values_mut().for_each(|stay| stay.cut_off = true);
                break;
            }
            if orders.leave.load(Ordering::Relaxed) && !self.closing {
                self.member.consumer.close();
                self.closing = true;
            }
            let events = self.member.poll(Duration::from_millis(20));
            if events.iter().any(|event| matches!(event, ConsumerEvent::Closed)) {
                assert!(self.revoked.is_empty(), "closed before all was released");
                break;
            }
            events.into_iter().for_each(|event| self.happened(event, history));
            self.let_go(history);
        }
        history.stays.lock().unwrap().extend(self.stays.into_values());
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
                let partition = stay.place.as_ref().expect("assigned").partition;
                let mut reached = history.reached.lock().unwrap();
                let reached = reached.entry(partition).or_default();
                *reached = stay.next().max(*reached);
                if stay.next() - stay.committed > UNCOMMITTED {
                    self.member.consumer.commit(&[(id, stay.next())]);
                }
            }
            ConsumerEvent::Revoked { ids, lost: false } => {
                let last: Vec<_> = ids.iter().map(|id| (*id, self.stays[id].next())).collect();
                self.member.consumer.commit(&last);
                history.handed_over.fetch_add(if self.closing { 0 } else { ids.len() }, Ordering::Relaxed);
                self.revoked.extend(ids);
            }
            ConsumerEvent::Revoked { ids, lost: true } => {
                for id in ids {
                    self.revoked.retain(|&other| other != id);
                    let stay = self.stays.remove(&id).expect("a stay");
                    history.stays.lock().unwrap().push(Stay { cut_off: true, ..stay });
                }
            }
            ConsumerEvent::Committed { offsets, error } => {
                for (id, offset) in offsets {
                    let Some(stay) = self.stays.get_mut(&id) else { continue };
                    match &error {
                        None => stay.committed = stay.committed.max(offset),
                        // The newest: an older one, sent again, would turn back a newer one that was sent meanwhile.
                        Some(_) => self.member.consumer.commit(&[(id, stay.next())]),
                    }
                }
            }
            ConsumerEvent::Failed(error) => assert!(!error.fatal, "{error}"),
            ConsumerEvent::Throttled(_) | ConsumerEvent::Gone { .. } | ConsumerEvent::Closed => panic!("{event:?}"),
        }
    }

    /// Lets go of what is revoked and committed to its end.
    fn let_go(&mut self, history: &History) {
        let (gone, rest) = self.revoked.iter().partition(|id| self.stays[id].committed == self.stays[id].next());
        self.revoked = rest;
        let gone: Vec<_> = gone;
        history.stays.lock().unwrap().extend(gone.iter().filter_map(|id| self.stays.remove(id)));
        self.member.consumer.release(&gone);
    }
}

fn check(written: &BTreeMap<i32, i64>, history: &[Stay]) -> usize {
    let mut by_partition: BTreeMap<i32, Vec<&Stay>> = BTreeMap::new();
    for stay in history {
        by_partition.entry(stay.place.as_ref().unwrap().partition).or_default().push(stay);
        let expected: Vec<_> = (stay.start..).take(stay.read.len()).collect();
        assert_eq!(stay.read, expected, "a stay reads what follows its start, in order: {:?}", stay.place);
    }
    let mut repeated = 0;
    for (partition, &count) in written {
        let mut readers: Vec<Vec<&Stay>> = vec![Vec::new(); usize::try_from(count).unwrap()];
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

async fn churn(name: &'static str, protocol: (&'static str, &'static str)) {
    let kafka = shared();
    create(kafka, name, PARTITIONS, &[]).await;
    let broker = Arc::new(cluster(kafka, &[]));
    let history = Arc::new(History::default());
    let producer = broker.producer().unwrap();
    let join = || start(&broker, name, protocol, &history);
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
            match step % 5 {
                0 if members.len() > 1 => ended.push(end(members.remove(0), |orders| &orders.leave)),
                3 if members.len() > 1 => ended.push(end(members.remove(0), |orders| &orders.die)),
                _ if members.len() < 4 => members.push(join()),
                _ => {}
            }
        }
    }
    producer.flush().await;
    let deadline = Instant::now() + LONG;
    while *history.reached.lock().unwrap() != written {
        assert!(Instant::now() < deadline, "{:?} of {written:?}", history.reached);
        thread::sleep(Duration::from_millis(10));
    }
    ended.extend(members.into_iter().map(|member| end(member, |orders| &orders.leave)));
    ended.into_iter().for_each(|thread| thread.join().unwrap());
    let handed_over = history.handed_over.load(Ordering::Relaxed);
    let stays = history.stays.lock().unwrap();
    let repeated = check(&written, &stays);
    let cut_off = stays.iter().filter(|stay| stay.cut_off).count();
    let all: i64 = written.values().sum();
    println!(
        "{name}: {all} records, {} stays, {handed_over} handed over, {cut_off} cut off, {repeated} repeated",
        stays.len()
    );
    assert!(handed_over > 0 && cut_off > 0, "nothing was handed over, or nobody was killed while it had something");
}

fn end(member: Running, order: impl Fn(&Orders) -> &AtomicBool) -> JoinHandle<()> {
    order(&member.orders).store(true, Ordering::Relaxed);
    member.thread
}

#[tokio::test(flavor = "multi_thread")]
async fn under_load_in_a_cooperative_group() {
    churn("churn-cooperative", ("partition.assignment.strategy", "cooperative-sticky")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn under_load_in_an_eager_group() {
    churn("churn-eager", ("partition.assignment.strategy", "range")).await;
}

/// Without churn: in librdkafka 2.12 a member of KIP-848's protocol that leaves while it joins stays in the group until
/// its session ends.
#[tokio::test(flavor = "multi_thread")]
async fn handed_over_in_a_group_of_the_new_protocol() {
    let kafka = shared();
    create(kafka, "new-protocol", 1, &[]).await;
    let broker = cluster(kafka, &[("group.protocol", "consumer")]);
    let producer = broker.producer().unwrap();
    (0..10).for_each(|_| send(&*producer, record(&topic("new-protocol"), Some(0), "x")));
    for expected in [0, 5] {
        let mut member = Member::join(&broker, "new-protocol", &["new-protocol"]);
        let id = member.assigned()[0].id;
        assert_eq!(member.take(id, 5)[0].offset, expected);
        member.consumer.commit(&[(id, expected + 5)]);
        let committed = |event: &ConsumerEvent| matches!(event, ConsumerEvent::Committed { error: None, .. });
        member.until(|_, events| events.iter().any(committed).then_some(()));
        member.leave();
    }
}
