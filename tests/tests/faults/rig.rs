//! One topic on a broker, workers that listen to it, records that keep coming, and what became of it all.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use kafka_listen_tests::history::check::{Expected, Verdict, judge};
use kafka_listen_tests::history::{self, Delivery, Ending, Fault, History, Step, broker, now};
use kafka_listen_tests::proxy::Proxy;
use kafka_listen_tests::real_kafka::RealKafka;
use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};

/// How long anything may take on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// A static member that was killed is let in again at once, without waiting for its old session to end.
pub const STATIC: (&str, &str) = ("WORKER_PROPERTIES", "group.instance.id=one");

/// The time of a record is when the broker took it: the judge compares it with the time of a commit.
const BROKER_TIME: (&str, &str) = ("log.message.timestamp.type", "LogAppendTime");

/// The broker of the tests that leave theirs alone.
pub fn shared() -> &'static RealKafka {
    static SHARED: OnceLock<RealKafka> = OnceLock::new();
    SHARED.get_or_init(|| RealKafka::start(&[BROKER_TIME]))
}

/// A broker that a test may break: one at a time has it.
pub struct Breakable {
    parts: MutexGuard<'static, (RealKafka, Proxy)>,
}

/// Waits for its turn. A test before that failed may have left the broker down or halted; then so do the others.
pub fn breakable() -> Breakable {
    static BROKER: OnceLock<Mutex<(RealKafka, Proxy)>> = OnceLock::new();
    let start = || {
        let kafka = RealKafka::start(&[
            BROKER_TIME,
            (
                "listeners",
                "PLAINTEXT://127.0.0.1:{port},PROXIED://127.0.0.1:{proxied},CONTROLLER://127.0.0.1:{controller}",
            ),
            ("advertised.listeners", "PLAINTEXT://127.0.0.1:{port},PROXIED://127.0.0.1:{proxy}"),
            ("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,PROXIED:PLAINTEXT,CONTROLLER:PLAINTEXT"),
            ("inter.broker.listener.name", "PLAINTEXT"),
            ("authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer"),
            ("allow.everyone.if.no.acl.found", "true"),
        ]);
        let (at, to) = kafka.proxy_ports();
        let proxy = Proxy::start(at, to);
        Mutex::new((kafka, proxy))
    };
    let parts = BROKER.get_or_init(start).lock().unwrap_or_else(PoisonError::into_inner);
    parts.1.heal();
    Breakable { parts }
}

impl Breakable {
    pub fn broker(&self) -> &RealKafka {
        &self.parts.0
    }

    pub fn proxy(&self) -> &Proxy {
        &self.parts.1
    }

    /// The address of the broker that leads through the proxy.
    pub fn through_proxy(&self) -> String {
        format!("127.0.0.1:{}", self.broker().proxy_ports().0)
    }
}

/// A topic, its listeners, and all that is noted of them.
pub struct Rig<'k> {
    pub kafka: &'k RealKafka,
    pub topic: String,
    /// Where workers find the broker.
    pub through: String,
    dir: PathBuf,
    settings: Vec<(&'static str, String)>,
    started: Cell<usize>,
    faults: RefCell<Vec<Fault>>,
}

impl<'k> Rig<'k> {
    /// Creates the topic. Delays of its chain begin with 100 ms.
    pub fn new(kafka: &'k RealKafka, topic: &str, partitions: i32) -> Self {
        create_topic(kafka, topic, partitions, &[]);
        let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(topic);
        // Left by an earlier run.
        let _ = fs::remove_dir_all(&dir);
        fs::create_dir_all(&dir).unwrap();
        let (topic, through) = (topic.to_owned(), kafka.bootstrap());
        let settings = vec![("WORKER_DELAY", "100".to_owned())];
        Self { kafka, topic, through, dir, settings, started: Cell::new(0), faults: RefCell::default() }
    }

    /// What all workers are told from now on; see the worker.
    pub fn set(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.settings.push((name, value.into()));
        self
    }

    pub fn group(&self) -> String {
        format!("{}-group", self.topic)
    }

    /// Starts a worker.
    pub fn start(&self, settings: &[(&str, &str)]) -> Worker<'_, 'k> {
        let process = self.started.replace(self.started.get() + 1);
        let mut command = Command::new(env!("CARGO_BIN_EXE_worker"));
        command.env("WORKER_KAFKA", &self.through).env("WORKER_TOPIC", &self.topic).env("WORKER_GROUP", self.group());
        command.env("WORKER_LOG", self.log(process));
        command.envs(self.settings.iter().map(|(name, value)| (name, value))).envs(settings.iter().copied());
        let stderr = fs::File::create(self.dir.join(format!("{process}.stderr"))).unwrap();
        let child = command.stdin(Stdio::null()).stderr(stderr).spawn().unwrap();
        Worker { rig: self, process, child }
    }

    fn log(&self, process: usize) -> PathBuf {
        self.dir.join(format!("{process}.log"))
    }

    /// Notes that something was broken, while `broken` was called.
    pub fn fault<T>(&self, what: &str, process: Option<usize>, broken: impl FnOnce() -> T) -> T {
        let from = now();
        let result = broken();
        self.faults.borrow_mut().push(Fault { what: what.to_owned(), process, from, to: now() });
        result
    }

    /// Notes that the broker was away, while `away` was called, until every one of these workers has learned that the group
    /// gave it up: until then it goes on with what it has.
    pub fn outage(&self, what: &str, workers: &[&Worker<'_, '_>], away: impl FnOnce()) {
        let before: Vec<_> = workers.iter().map(|worker| worker.held()).collect();
        self.fault(what, None, || {
            away();
            until("all learn that they lost their partitions", || {
                workers.iter().zip(&before).all(|(worker, before)| worker.has_lost(before))
            });
        });
    }

    /// Everything that workers wrote, by process.
    pub fn steps(&self) -> Vec<Vec<(u64, Step)>> {
        (0..self.started.get()).map(|process| history::log::steps(&self.log(process))).collect()
    }

    /// All deliveries up to now.
    pub fn deliveries(&self) -> Vec<Delivery> {
        let steps = self.steps();
        let all = steps.iter().enumerate().flat_map(|(process, steps)| history::log::deliveries(process, steps));
        let mut all: Vec<_> = all.collect();
        all.sort_by_key(|delivery| delivery.begin);
        all
    }

    /// How many deliveries have ended.
    pub fn ended(&self) -> usize {
        self.deliveries().iter().filter(|delivery| delivery.end.is_some()).count()
    }

    /// Waits until so many more deliveries have ended.
    pub fn until_more(&self, deliveries: usize) {
        let before = self.ended();
        until("more is delivered", || self.ended() >= before + deliveries);
    }

    /// Waits until every record has its end and everything is committed.
    pub fn until_over(&self, records: u64) {
        self.until_over_but(records, &BTreeSet::new());
    }

    /// The same, but for those that may have been removed.
    pub fn until_over_but(&self, records: u64, removed: &BTreeSet<u64>) {
        until("every record is handled or dead", || {
            let deliveries = self.deliveries();
            let ended = deliveries.iter().filter(|it| matches!(it.end, Some((_, Ending::Handled | Ending::Dead))));
            let ended = ended.map(|it| it.told.number).chain(removed.iter().copied());
            ended.collect::<BTreeSet<_>>().len() as u64 >= records
        });
        until("no lag is left", || self.lags().values().all(|lag| *lag == 0));
    }

    /// What is not committed of each topic by the group that reads it.
    pub fn lags(&self) -> BTreeMap<(String, String), i64> {
        let of = |topic: String| {
            let group = match topic.strip_prefix(&self.topic).unwrap_or_default() {
                "" => self.group(),
                "-dlt" => format!("{}-dlt", self.group()),
                _ => format!("{}-retry", self.group()),
            };
            let lag = broker::lag(&self.kafka.bootstrap(), &group, &topic);
            ((group, topic), lag)
        };
        broker::topics(&self.kafka.bootstrap(), &self.topic).into_keys().map(of).collect()
    }

    /// How many records lie in its retry topics and its DLT.
    pub fn copies(&self) -> usize {
        let bootstrap = self.kafka.bootstrap();
        let mut topics = broker::topics(&bootstrap, &self.topic);
        topics.remove(&self.topic);
        broker::records(&bootstrap, &topics).len()
    }

    /// All that is known.
    pub fn history(&self) -> History {
        let bootstrap = self.kafka.bootstrap();
        let steps = self.steps();
        let assigned = steps.iter().enumerate().flat_map(|(process, steps)| {
            steps.iter().filter_map(move |(at, step)| {
                let Step::Assigned(partition, _) = step else { return None };
                let (topic, number) = partition.rsplit_once('/')?;
                Some((process, (topic.to_owned(), number.parse().ok()?), *at))
            })
        });
        History {
            source: self.topic.clone(),
            group: self.group(),
            records: broker::records(&bootstrap, &broker::topics(&bootstrap, &self.topic)),
            deliveries: self.deliveries(),
            assigned: assigned.collect(),
            commits: broker::commits(&bootstrap, &self.group()),
            lags: self.lags(),
            faults: self.faults.borrow().clone(),
        }
    }

    /// Asks Kafka's own tool what the three groups have not committed.
    pub fn tool_shows_no_lag(&self) {
        let group = self.group();
        let groups = [group.clone(), format!("{group}-retry"), format!("{group}-dlt")];
        let arguments = ["--describe"].into_iter().chain(groups.iter().flat_map(|group| ["--group", group]));
        let told = self.kafka.tool("org.apache.kafka.tools.consumer.group.ConsumerGroupCommand", arguments);
        let mut lag = None;
        for words in told.lines().map(|line| line.split_whitespace().collect::<Vec<_>>()) {
            if let Some(column) = words.iter().position(|word| *word == "LAG") {
                lag = Some(column);
            } else if let Some(of) = lag.and_then(|column| words.get(column)) {
                assert_eq!(*of, "0", "{told}");
            }
        }
        assert!(lag.is_some(), "{told}");
    }

    /// Judges what happened, prints its figures, and fails if anything is wrong.
    pub fn judge(&self, expected: &Expected) -> Verdict {
        self.tell(judge(&self.history(), expected))
    }

    /// Prints the figures of a verdict, and fails if anything is wrong.
    pub fn tell(&self, verdict: Verdict) -> Verdict {
        println!("{}: {verdict}", self.topic);
        for fault in &*self.faults.borrow() {
            println!("    {}: process {:?}, {} ms", fault.what, fault.process, (fault.to - fault.from) / 1000);
        }
        let wrong = &verdict.wrong[..verdict.wrong.len().min(10)];
        assert!(wrong.is_empty(), "{} wrong, logs in {}: {wrong:#?}", verdict.wrong.len(), self.dir.display());
        assert!(verdict.records > 0 && verdict.commits > 0 && verdict.copies > 0, "nothing happened: {verdict}");
        verdict
    }
}

/// One worker's process; it is killed when this is dropped.
pub struct Worker<'r, 'k> {
    rig: &'r Rig<'k>,
    pub process: usize,
    child: Child,
}

impl Worker<'_, '_> {
    /// SIGKILL.
    pub fn kill(mut self) {
        self.rig.fault("killed", Some(self.process), || {
            self.child.kill().unwrap();
            self.child.wait().unwrap();
        });
    }

    /// SIGTERM, and waits for its end: exit code 0.
    pub fn stop(mut self) {
        self.signal("TERM");
        assert!(self.child.wait().unwrap().success());
    }

    /// Halts it (SIGSTOP) as long as `meanwhile` takes, and waits until it has learned that the group gave it up: until
    /// then it goes on with what it has.
    pub fn halted(&self, meanwhile: impl FnOnce()) {
        let before = self.held();
        self.rig.fault("halted", Some(self.process), || {
            self.signal("STOP");
            meanwhile();
            self.signal("CONT");
            until("it learns that it lost its partitions", || self.has_lost(&before));
        });
    }

    /// Waits until it has died by itself.
    pub fn dies(mut self) {
        until("the worker dies", || self.child.try_wait().unwrap().is_some());
        // Its last line was written before.
        let last = self.steps().last().map_or(0, |(at, _)| *at);
        let fault = Fault { what: "died".to_owned(), process: Some(self.process), from: last, to: now() };
        self.rig.faults.borrow_mut().push(fault);
    }

    /// What it wrote.
    pub fn steps(&self) -> Vec<(u64, Step)> {
        history::log::steps(&self.rig.log(self.process))
    }

    /// The partitions that it was given and has not let go of, and how many steps it has written.
    fn held(&self) -> (usize, BTreeSet<String>) {
        let (steps, mut held) = (self.steps(), BTreeSet::new());
        for (_, step) in &steps {
            match step {
                Step::Assigned(partition, _) => drop(held.insert(partition.clone())),
                Step::Revoked { partition, .. } => drop(held.remove(partition)),
                Step::Begin(_) | Step::End(..) | Step::Other(_) => {}
            }
        }
        (steps.len(), held)
    }

    /// Whether it has lost all of these since.
    fn has_lost(&self, (since, held): &(usize, BTreeSet<String>)) -> bool {
        let steps = self.steps();
        let lost: BTreeSet<_> = steps[*since..]
            .iter()
            .filter_map(|(_, step)| match step {
                Step::Revoked { partition, lost: true, .. } => Some(partition),
                _ => None,
            })
            .collect();
        held.iter().all(|partition| lost.contains(partition))
    }

    /// How many of its steps are such.
    pub fn count(&self, such: impl Fn(&Step) -> bool) -> usize {
        self.steps().iter().filter(|(_, step)| such(step)).count()
    }

    fn signal(&self, name: &str) {
        assert!(
            Command::new("kill").args([format!("-{name}"), self.child.id().to_string()]).status().unwrap().success()
        );
    }
}

impl Drop for Worker<'_, '_> {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Numbers that keep coming, each as key and value of a record.
pub struct Load {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<u64>,
}

impl Load {
    /// Begins to write so many a second.
    pub fn start(rig: &Rig<'_>, per_second: u64) -> Self {
        let producer = producer(rig.kafka);
        let (topic, stop) = (rig.topic.clone(), Arc::<AtomicBool>::default());
        let stopped = stop.clone();
        let thread = thread::spawn(move || {
            let (mut number, began) = (0, Instant::now());
            while !stopped.load(Ordering::Relaxed) {
                let due = began.elapsed().as_millis() as u64 * per_second / 1000;
                while number < due {
                    send(&producer, &topic, &number.to_string());
                    number += 1;
                }
                producer.poll(Duration::from_millis(10));
            }
            producer.flush(PATIENCE).unwrap();
            number
        });
        Self { stop, thread }
    }

    /// Ends it; how many numbers were written.
    pub fn stop(self) -> u64 {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.join().unwrap()
    }
}

fn producer(kafka: &RealKafka) -> BaseProducer {
    broker::client(&kafka.bootstrap()).set("enable.idempotence", "true").set("linger.ms", "5").create().unwrap()
}

fn send(producer: &BaseProducer, topic: &str, value: &str) {
    producer.send(BaseRecord::to(topic).key(value).payload(value)).map_err(|(error, _)| error).unwrap();
}

/// Writes these numbers.
pub fn produce(rig: &Rig<'_>, numbers: impl IntoIterator<Item = u64>) {
    let producer = producer(rig.kafka);
    numbers.into_iter().for_each(|number| send(&producer, &rig.topic, &number.to_string()));
    producer.flush(PATIENCE).unwrap();
}

/// Waits until `condition` holds.
#[track_caller]
pub fn until(what: &str, mut condition: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !condition() {
        assert!(Instant::now() < deadline, "not within {PATIENCE:?}: {what}");
        thread::sleep(Duration::from_millis(50));
    }
}

/// Asks the broker for something that rdkafka's admin client can do.
pub fn admin<T>(
    kafka: &RealKafka,
    ask: impl AsyncFnOnce(&AdminClient<DefaultClientContext>, &AdminOptions) -> rdkafka::error::KafkaResult<T>,
) -> T {
    let admin = broker::client(&kafka.bootstrap()).create().unwrap();
    let options = AdminOptions::new().operation_timeout(Some(PATIENCE)).request_timeout(Some(PATIENCE));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(ask(&admin, &options)).unwrap()
}

/// Creates a topic and waits until it is seen.
pub fn create_topic(kafka: &RealKafka, name: &str, partitions: i32, config: &[(&str, &str)]) {
    let mut topic = NewTopic::new(name, partitions, TopicReplication::Fixed(1));
    for (key, value) in config {
        topic = topic.set(key, value);
    }
    for result in admin(kafka, async |admin, options| admin.create_topics([&topic], options).await) {
        result.unwrap();
    }
    until("the topic appears", || broker::topics(&kafka.bootstrap(), name).contains_key(name));
}
