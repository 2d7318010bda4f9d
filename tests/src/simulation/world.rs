//! Runs a plan: the real application on the in-process broker, in virtual time, until the faults are over and everything has
//! come to rest.

mod instances;
mod records;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Once};
use std::time::Duration;

use kafka_listen::Timestamp;
use kafka_listen::testing::Cluster;
use tokio::time::{Instant, sleep_until};

use self::instances::Running;
use super::chain::SOURCE;
use super::fault::Fault;
use super::faults;
use super::handler::{PANIC, Stops};
use super::history::{Entry, History, What};
use super::plan::{Act, Plan};
use super::team::Team;
use super::trap::Trap;

/// The wall-clock time at which every run begins.
pub const EPOCH: i64 = 1_900_000_000_000;

/// How long everything may take to come to rest once the faults are over.
const PATIENCE: Duration = Duration::from_secs(3 * 3_600);

/// Runs it; the same plan has the same history.
pub fn run(plan: &Arc<Plan>) -> Vec<Entry> {
    hush();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    runtime.expect("a runtime needs no more than memory").block_on(async {
        let mut world = World::new(plan.clone());
        world.play().await;
        world.come_to_rest().await;
        world.stop_and_look_again().await;
        world.history.entries()
    })
}

/// Panics of the plan are not worth a line each.
fn hush() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if info.payload().downcast_ref::<&str>() != Some(&PANIC) {
                before(info);
            }
        }));
    });
}

pub struct World {
    plan: Arc<Plan>,
    cluster: Arc<Cluster>,
    address: String,
    history: History,
    running: Vec<Running>,
    ending: Vec<tokio::task::JoinHandle<()>>,
    instances: usize,
    trap: Arc<Trap>,
    stops: Stops,
    /// By how many milliseconds the clocks of all machines were set.
    stepped: i64,
}

impl World {
    fn new(plan: Arc<Plan>) -> Self {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let address = format!("embedded:simulation-{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        let cluster = Cluster::starting_at(&address, Timestamp::from_millis(EPOCH)).expect("the number is new");
        let (history, trap) = (History::begin(), Arc::new(Trap::default()));
        let (log, snare) = (history.clone(), trap.clone());
        cluster.watch(move |seen| {
            snare.see(&seen);
            log.see(seen);
        });
        cluster.create_topic(SOURCE, plan.partitions).expect("the name is good");
        if let Some(bytes) = plan.narrow_topics {
            for topic in plan.chain_topics() {
                let settings = [("max.message.bytes", &*bytes.to_string())];
                cluster.create_topic_with(&topic, plan.partitions, &settings).expect("the name is good");
            }
        }
        faults::set(&cluster, &plan, &history);
        Self {
            plan,
            cluster,
            address,
            history,
            running: Vec::new(),
            ending: Vec::new(),
            instances: 0,
            trap,
            stops: Stops::default(),
            stepped: 0,
        }
    }

    /// Does what the plan says, when it says so.
    async fn play(&mut self) {
        let (plan, start) = (self.plan.clone(), Instant::now());
        for (at, act) in &plan.acts {
            let then = start + Duration::from_millis(*at);
            loop {
                tokio::select! {
                    biased;
                    victim = self.trap.sprung() => self.kill(victim),
                    () = sleep_until(then) => break,
                }
            }
            self.act(*act).await;
        }
    }

    async fn act(&mut self, act: Act) {
        match act {
            Act::Write(index) => self.write(index),
            Act::Start { team, version, instances } => self.start(team, version, instances).await,
            Act::Stop(which) => self.stop(which),
            Act::Crash(which) => self.kill(which),
            Act::CrashAtNext { victim, moment } => self.trap.arm(moment, victim),
            Act::Expel(which) => self.expel(which),
            Act::Pause(which) => self.pause(which),
            Act::Resume => self.resume(),
            Act::Away => {
                self.history.fault(Fault::Outage);
                self.cluster.set_reachable(false);
            }
            Act::Back => self.reconnect(),
            Act::Expire { partition, records } => self.expire(partition % self.source_partitions(), records),
            Act::Compact { partition } => self.compact(partition % self.source_partitions()),
            Act::StepClock { victim, millis } => self.step_clock(victim, millis),
            Act::Delete(which) => self.delete(which),
            Act::Grow => {
                self.history.fault(Fault::Grown);
                self.cluster.create_partitions(SOURCE, self.source_partitions() + 1).expect("one more is more");
            }
        }
    }

    fn source_partitions(&self) -> i32 {
        self.cluster.partitions(SOURCE).unwrap_or(self.plan.partitions)
    }

    fn reconnect(&self) {
        self.cluster.set_reachable(true);
        self.history.add(What::Back);
    }

    /// Ends the faults, sees to it that somebody is there of every version, and waits until nothing is left to be done.
    async fn come_to_rest(&mut self) {
        self.trap.disarm();
        self.cluster.heal();
        self.cluster.set_queue(100_000);
        self.resume();
        self.reconnect();
        self.history.add(What::Healed);
        self.start_whoever_is_missing().await;
        let (mut step, begin) = (Duration::from_millis(100), Instant::now());
        while begin.elapsed() < PATIENCE {
            if self.behind().is_empty() {
                return self.history.add(What::Settled);
            }
            tokio::time::sleep(step).await;
            self.resume();
            step = (step * 6 / 5).min(Duration::from_secs(10));
        }
        for (group, topic, lag) in self.behind() {
            self.history.add(What::Stuck { group: group.into(), topic, lag });
        }
    }

    /// A clean stop of all, then a look at what the next start does.
    async fn stop_and_look_again(&mut self) {
        for _ in 0..2 {
            while !self.running.is_empty() {
                self.stop(0);
            }
            for end in self.ending.drain(..) {
                end.await.expect("a stop does not panic");
            }
            self.start_whoever_is_missing().await;
            tokio::time::sleep(Duration::from_secs(2)).await;
        }
        for name in self.plan.chain_topics().into_iter().chain([SOURCE.to_owned()]) {
            if let Some(partitions) = self.cluster.partitions(&name) {
                self.history.add(What::Topic { name, partitions });
            }
        }
    }

    /// What each group has not committed of what it reads.
    fn behind(&self) -> Vec<(String, String, i64)> {
        let reads = self.plan.teams.iter().flat_map(Team::reads);
        let behind = reads.map(|(group, topic)| {
            let partitions = self.cluster.partitions(&topic).unwrap_or(0);
            let of = |partition| {
                let end = self.cluster.end_offset(&topic, partition).unwrap_or(0);
                end - self.cluster.committed(&group, &topic, partition).unwrap_or(0)
            };
            let lag = (0..partitions).map(of).sum();
            (group, topic, lag)
        });
        behind.filter(|(.., lag)| *lag != 0).collect()
    }
}
