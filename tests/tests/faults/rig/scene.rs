//! One topic, its workers, and all that is noted of them.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use kafka_listen_tests::history::check::{Expected, Verdict, judge};
use kafka_listen_tests::history::{self, Delivery, Ending, Fault, History, Step, broker, now};
use kafka_listen_tests::real_kafka::RealKafka;

use super::{Load, Worker, create_topic, until};

/// Twice as long as a session, which begins anew when its broker is back.
const SESSIONS_ARE_OVER: Duration = Duration::from_secs(12);

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
        command.env("WORKER_LOG", self.file(process, "log"));
        command.envs(self.settings.iter().map(|(name, value)| (name, value))).envs(settings.iter().copied());
        let stderr = fs::File::create(self.file(process, "stderr")).unwrap();
        let child = command.stdin(Stdio::piped()).stderr(stderr).spawn().unwrap();
        Worker::new(self, process, child)
    }

    /// A file of one of its processes: what it noted as `log`, what it said as `stderr`.
    pub fn file(&self, process: usize, kind: &str) -> PathBuf {
        self.dir.join(format!("{process}.{kind}"))
    }

    /// Notes that something was broken, while `broken` was called.
    pub fn fault<T>(&self, what: &str, process: Option<usize>, broken: impl FnOnce() -> T) -> T {
        let from = now();
        let result = broken();
        self.note(Fault { what: what.to_owned(), process, from, to: now() });
        result
    }

    /// Notes a fault.
    pub fn note(&self, fault: Fault) {
        self.faults.borrow_mut().push(fault);
    }

    /// Waits until these workers, and nobody else, have all partitions, and each has some of each of the three groups: one that
    /// has not joined a group yet is still to rebalance it.
    pub fn until_shared(&self, workers: &[&Worker<'_, '_>]) {
        let (source, dlt) = (format!("{}/", self.topic), format!("{}-dlt/", self.topic));
        let role = |partition: &String| (partition.starts_with(&source), partition.starts_with(&dlt));
        until("the groups are at rest", || {
            let all: i32 = broker::topics(&self.kafka.bootstrap(), &self.topic).values().sum();
            let held: Vec<_> = workers.iter().map(|worker| worker.held().1).collect();
            let of_each = |held: &BTreeSet<String>| held.iter().map(role).collect::<BTreeSet<_>>().len() == 3;
            held.iter().all(of_each) && held.iter().map(BTreeSet::len).sum::<usize>() == all as usize
        });
    }

    /// Notes as a fault each commit that the group refused: a rebalance overtook it, and what it was about comes again.
    pub fn note_refused_commits(&self) {
        let is_refusal = |step: &Step| matches!(step, Step::Other(told) if told.starts_with("CommitFailed"));
        for (process, steps) in self.steps().into_iter().enumerate() {
            for (at, _) in steps.into_iter().filter(|(_, step)| is_refusal(step)) {
                let what = "a commit was refused".to_owned();
                self.note(Fault { what, process: Some(process), from: at - 1_000_000, to: at });
            }
        }
    }

    /// Notes as a fault what a worker lost that it had got since the broker went away: while a group finds itself again, the heartbeats
    /// of a member may lie in connections that broke, and it is given up once more.
    pub fn note_losses_after_outages(&self) {
        const SESSION: u64 = 7_000_000;
        let outages: Vec<_> = self.faults.borrow().iter().filter(|fault| fault.process.is_none()).cloned().collect();
        for (process, steps) in self.steps().into_iter().enumerate() {
            let (mut got, mut noted) = (BTreeMap::new(), 0);
            for (at, step) in steps {
                match step {
                    Step::Assigned(partition, _) => drop(got.insert(partition, at)),
                    Step::Revoked { partition, lost: true, .. } => {
                        let since = got.remove(&partition).unwrap_or(0);
                        let is_aftermath = |outage: &Fault| outage.from < since && at < outage.to + SESSION;
                        // Partitions are lost together.
                        if outages.iter().any(is_aftermath) && at > noted + 1_000_000 {
                            noted = at;
                            let what = "it was given up once more".to_owned();
                            self.note(Fault { what, process: Some(process), from: since.max(at - SESSION), to: at });
                        }
                    }
                    _ => {}
                }
            }
        }
    }

    /// Notes that the broker was away, while `away` was called, until every one of these workers has learned that the group
    /// gave it up, and has joined again: until then it goes on with what it has.
    pub fn outage(&self, what: &str, workers: &[&Worker<'_, '_>], away: impl FnOnce()) {
        let before: Vec<_> = workers.iter().map(|worker| worker.held()).collect();
        self.fault(what, None, || {
            away();
            let back = Instant::now();
            until("all learn whether they lost their partitions", || {
                let learned = workers.iter().zip(&before).all(|(worker, before)| worker.has_lost(before));
                // Whoever has not been told by then was in time for its session.
                learned || back.elapsed() > SESSIONS_ARE_OVER
            });
            self.until_shared(workers);
        });
    }

    /// Everything that workers wrote, by process.
    pub fn steps(&self) -> Vec<Vec<(u64, Step)>> {
        (0..self.started.get()).map(|process| history::log::steps(&self.file(process, "log"))).collect()
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

    /// Writes no more, waits until [all is over](Self::until_over), and stops the workers that are left.
    pub fn finish<'r>(&self, load: Load, workers: impl IntoIterator<Item = Worker<'r, 'k>>)
    where
        'k: 'r,
    {
        self.until_over(load.stop());
        workers.into_iter().for_each(Worker::stop);
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

    /// What is not committed of each topic, by the group that reads it.
    pub fn lags(&self) -> BTreeMap<(String, String), i64> {
        let mut groups: BTreeMap<String, BTreeMap<String, i32>> = BTreeMap::new();
        for (topic, partitions) in broker::topics(&self.kafka.bootstrap(), &self.topic) {
            let role = match topic.strip_prefix(&self.topic).unwrap_or_default() {
                "" => "",
                "-dlt" => "-dlt",
                _ => "-retry",
            };
            groups.entry(format!("{}{role}", self.group())).or_default().insert(topic, partitions);
        }
        let lags = groups.iter().flat_map(|(group, topics)| {
            let of_group = broker::lags(&self.kafka.bootstrap(), group, topics);
            of_group.into_iter().map(|(topic, lag)| ((group.clone(), topic), lag))
        });
        lags.collect()
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
