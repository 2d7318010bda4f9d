//! Processes that are killed and stopped. What each did is read from its log, which knows nothing of the crate.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use kafka_listen_tests::real_kafka::shared;

use super::support::{create_topic, lag, produce, until};

/// How long before a kill a delivery may have ended and still be repeated: the time between two commits, and what a busy
/// machine adds to it.
const UNCOMMITTED: u64 = 2_000_000;

/// Workers on one topic, and their log.
struct Workers {
    topic: String,
    log: PathBuf,
    delay: &'static str,
}

/// One worker's process; it is killed when this is dropped.
struct Worker(Child);

/// A line of the log.
#[derive(Debug)]
struct Line {
    micros: u64,
    number: u64,
    topic: String,
    partition: i32,
    offset: i64,
    attempt: u32,
    result: String,
}

impl Workers {
    fn new(topic: &str, partitions: i32, delay: &'static str) -> Self {
        create_topic(topic, partitions, &[]);
        let log = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{topic}.log"));
        // Left by an earlier run.
        let _ = fs::remove_file(&log);
        Self { topic: topic.to_owned(), log, delay }
    }

    fn group(&self) -> String {
        format!("{}-group", self.topic)
    }

    fn start(&self, more: &[(&str, &str)]) -> Worker {
        let mut command = Command::new(env!("CARGO_BIN_EXE_worker"));
        command.env("WORKER_KAFKA", shared().bootstrap()).env("WORKER_TOPIC", &self.topic);
        command.env("WORKER_GROUP", self.group()).env("WORKER_LOG", &self.log).env("WORKER_DELAY", self.delay);
        command.envs(more.iter().copied());
        Worker(command.stdin(Stdio::null()).spawn().unwrap())
    }

    fn lines(&self) -> Vec<Line> {
        let text = fs::read_to_string(&self.log).unwrap_or_default();
        let line = |line: &str| {
            let mut words = line.split(' ');
            let mut word = || words.next().unwrap().to_owned();
            Line {
                micros: word().parse().unwrap(),
                number: word().parse().unwrap(),
                topic: word(),
                partition: word().parse().unwrap(),
                offset: word().parse().unwrap(),
                attempt: word().parse().unwrap(),
                result: word(),
            }
        };
        // A line that is being written may be read by halves.
        let whole = text.rfind('\n').map_or("", |end| &text[..end]);
        whole.lines().map(line).collect()
    }

    /// The numbers that have ended: handled or dead.
    fn ended(&self) -> BTreeSet<u64> {
        let lines = self.lines().into_iter();
        lines.filter(|line| line.result != "failed").map(|line| line.number).collect()
    }

    async fn until_ended(&self, numbers: u64) {
        until("all are handled or dead", || self.ended().len() as u64 == numbers).await;
    }

    fn lags(&self) -> Vec<i64> {
        let names = ["-retry-100", "-retry-200", "-retry-400"].map(|suffix| format!("{}{suffix}", self.topic));
        let retries = names.iter().map(|retry| lag(shared(), &format!("{}-retry", self.group()), retry));
        [lag(shared(), &self.group(), &self.topic)].into_iter().chain(retries).collect()
    }

    /// Every number had the end that it must have, and a record was delivered again only if it ended shortly before a kill.
    fn check(&self, numbers: u64, kills: &[u64]) {
        let lines = self.lines();
        let mut deliveries: BTreeMap<(&str, i32, i64), Vec<u64>> = BTreeMap::new();
        let mut attempts: BTreeMap<u64, BTreeSet<u32>> = BTreeMap::new();
        for line in &lines {
            assert_eq!(line.result, expected(line.number, line.attempt), "{line:?}");
            assert!(line.attempt != 1 || line.topic == self.topic, "{line:?}");
            deliveries.entry((&line.topic, line.partition, line.offset)).or_default().push(line.micros);
            attempts.entry(line.number).or_default().insert(line.attempt);
        }
        let lost: Vec<_> = (0..numbers).filter(|number| !self.ended().contains(number)).collect();
        assert!(lost.is_empty(), "lost: {lost:?}");
        for number in 0..numbers {
            let must: &[u32] = match number % 10 {
                0 => &[0, 1, 2, 3, 4],
                1 => &[1, 2, 3],
                _ => &[1],
            };
            assert_eq!(attempts[&number], must.iter().copied().collect(), "the deliveries of {number}");
        }
        let mut repeats = 0;
        for (place, times) in &deliveries {
            for (first, second) in times.iter().zip(&times[1..]) {
                repeats += 1;
                let uncommitted = |kill: u64| kill < *second && kill.saturating_sub(*first) < UNCOMMITTED;
                let reason = kills.iter().any(|kill| *first < kill + 100_000 && uncommitted(*kill));
                assert!(reason, "{place:?} was delivered again without cause: {times:?}, kills at {kills:?}");
            }
        }
        println!("{} deliveries of {numbers} records, {} kills, {repeats} repeats", lines.len(), kills.len());
    }
}

fn expected(number: u64, attempt: u32) -> &'static str {
    match (number % 10, attempt) {
        (_, 0) => "dead",
        (0, _) => "failed",
        (1, attempt) if attempt < 3 => "failed",
        _ => "handled",
    }
}

impl Worker {
    /// SIGKILL; when it was.
    fn kill(mut self) -> u64 {
        self.0.kill().unwrap();
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_micros() as u64;
        self.0.wait().unwrap();
        now
    }

    /// SIGTERM, and waits for its end: exit code 0.
    fn stop(mut self) {
        Command::new("kill").arg(self.0.id().to_string()).status().unwrap();
        assert!(self.0.wait().unwrap().success());
    }

    /// Waits until it has ended by itself; when it was seen to.
    async fn dies(mut self) -> u64 {
        until("the worker dies", || self.0.try_wait().unwrap().is_some()).await;
        SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_micros() as u64
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_kills_lose_nothing_and_repeat_only_what_was_uncommitted() {
    const NUMBERS: u64 = 2000;
    let workers = Workers::new("killed", 3, "100");
    produce(shared(), "killed", (0..NUMBERS).map(|number| number.to_string()));
    let mut kills = Vec::new();
    for kill in 1..=10 {
        let before = workers.lines().len();
        // A different place of the work each time, from the first deliveries to the last retries.
        let worker = match kill {
            9 => workers.start(&[("WORKER_DIES_AT", "1990")]),
            10 => workers.start(&[("WORKER_DIES_AT", "1991")]),
            _ => workers.start(&[]),
        };
        let more = 100 + (kill * 197) % 400;
        if kill >= 9 {
            kills.push(worker.dies().await);
            continue;
        }
        until("the worker works", || workers.lines().len() >= before + more).await;
        kills.push(worker.kill());
    }
    let worker = workers.start(&[]);
    workers.until_ended(NUMBERS).await;
    until("the lag is 0", || workers.lags() == [0; 4]).await;
    worker.stop();
    workers.check(NUMBERS, &kills);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_during_a_long_wait_delays_and_loses_nothing() {
    let workers = Workers::new("waiting", 1, "2000");
    produce(shared(), "waiting", ["10".to_owned(), "11".to_owned()]);
    let mut kills = Vec::new();
    for attempt in [2, 3, 4] {
        let worker = workers.start(&[]);
        until("it waits for the next delivery", || {
            workers.lines().iter().filter(|line| line.number == 10).any(|line| line.attempt == attempt - 1)
        })
        .await;
        tokio::time::sleep(Duration::from_millis(500)).await;
        kills.push(worker.kill());
    }
    let worker = workers.start(&[]);
    until("both have ended", || workers.ended() == BTreeSet::from([10, 11])).await;
    worker.stop();
    let lines = workers.lines();
    let at = |attempt| lines.iter().find(|line| line.number == 10 && line.attempt == attempt).unwrap().micros;
    for (attempt, delay) in [(2, 2_000_000), (3, 4_000_000), (4, 8_000_000)] {
        let waited = at(attempt) - at(attempt - 1);
        assert!(waited >= delay, "delivery {attempt} came after {waited} µs");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_processes_the_other_takes_over_when_one_is_stopped_or_killed() {
    const NUMBERS: u64 = 1500;
    let workers = Workers::new("shared", 4, "100");
    let (first, second) = (workers.start(&[]), workers.start(&[]));
    produce(shared(), "shared", (0..NUMBERS / 3).map(|number| number.to_string()));
    until("they work", || workers.ended().len() > 50).await;
    first.stop();
    produce(shared(), "shared", (NUMBERS / 3..NUMBERS * 2 / 3).map(|number| number.to_string()));
    let third = workers.start(&[]);
    until("they work", || workers.ended().len() as u64 > NUMBERS / 3 + 50).await;
    let kills = [second.kill()];
    produce(shared(), "shared", (NUMBERS * 2 / 3..NUMBERS).map(|number| number.to_string()));
    workers.until_ended(NUMBERS).await;
    until("the lag is 0", || workers.lags() == [0; 4]).await;
    third.stop();
    workers.check(NUMBERS, &kills);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clean_stop_repeats_nothing() {
    const NUMBERS: u64 = 600;
    let workers = Workers::new("stopped", 3, "100");
    produce(shared(), "stopped", (0..NUMBERS).map(|number| number.to_string()));
    for step in 1..=3 {
        let worker = workers.start(&[]);
        until("it works", || workers.lines().len() >= step * 100).await;
        worker.stop();
    }
    let worker = workers.start(&[]);
    workers.until_ended(NUMBERS).await;
    until("the lag is 0", || workers.lags() == [0; 4]).await;
    worker.stop();
    workers.check(NUMBERS, &[]);
}
