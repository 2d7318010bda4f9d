//! Runs a plan: the real application on the in-process broker, in virtual time, until the faults are over and everything has
//! come to rest.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, Once};
use std::time::Duration;

use kafka_listen::testing::{Cluster, Outgoing, OwnedBody, Seen, Wanted};
use kafka_listen::{App, Handle, HeaderBuf, Timestamp, TopicName};
use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

use super::chain::{DLT, SOURCE};
use super::faults;
use super::handler::{PANIC, Script};
use super::headers;
use super::history::{Entry, Fault, History, What};
use super::plan::{Act, Birth, Draft, Moment, Plan, Team};

/// The wall-clock time at which every run begins.
pub const EPOCH: i64 = 1_900_000_000_000;

/// How long everything may take to come to rest once the faults are over.
const PATIENCE: Duration = Duration::from_secs(3_600);

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

struct World {
    plan: Arc<Plan>,
    cluster: Arc<Cluster>,
    address: String,
    history: History,
    running: Vec<Running>,
    stops: Vec<tokio::task::JoinHandle<()>>,
    instances: usize,
    trap: Arc<Trap>,
}

/// An instance that runs.
struct Running {
    instance: usize,
    team: usize,
    version: usize,
    handle: Handle,
    is_dead: Arc<AtomicBool>,
}

/// A kill that waits for its moment.
#[derive(Default)]
struct Trap {
    armed: Mutex<Option<(Moment, usize)>>,
    sprung: Mutex<Option<usize>>,
    bell: Notify,
}

impl Trap {
    fn see(&self, seen: &Seen) {
        let moment = match seen {
            Seen::Appended { partition, .. } if partition.topic.as_str() != SOURCE => Moment::Appended,
            Seen::Answered { answer: Ok(_), .. } => Moment::Answered,
            Seen::Committed { .. } => Moment::Committed,
            _ => return,
        };
        let mut armed = self.armed.lock().expect("nobody panics with it");
        if let Some((_, victim)) = armed.take_if(|(waits_for, _)| *waits_for == moment) {
            *self.sprung.lock().expect("nobody panics with it") = Some(victim);
            self.bell.notify_one();
        }
    }
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
        Self { plan, cluster, address, history, running: Vec::new(), stops: Vec::new(), instances: 0, trap }
    }

    /// Does what the plan says, when it says so.
    async fn play(&mut self) {
        let (plan, start) = (self.plan.clone(), Instant::now());
        for (at, act) in &plan.acts {
            let then = start + Duration::from_millis(*at);
            loop {
                tokio::select! {
                    biased;
                    () = self.trap.bell.notified() => self.spring(),
                    () = sleep_until(then) => break,
                }
            }
            self.act(*act).await;
        }
    }

    fn spring(&mut self) {
        let sprung = self.trap.sprung.lock().expect("nobody panics with it").take();
        sprung.into_iter().for_each(|victim| self.kill(victim));
    }

    async fn act(&mut self, act: Act) {
        match act {
            Act::Write(index) => self.write(index),
            Act::Start { team, version, instances } => self.start(team, version, instances).await,
            Act::Stop(which) => self.stop(which),
            Act::Crash(which) => self.kill(which),
            Act::CrashAtNext { victim, moment } => {
                *self.trap.armed.lock().expect("nobody panics with it") = Some((moment, victim));
            }
            Act::Expel(which) => self.expel(which),
            Act::Outage(time) => {
                self.history.fault(Fault::Outage);
                self.cluster.set_reachable(false);
                tokio::time::sleep(time).await;
                self.cluster.set_reachable(true);
                self.history.add(What::Back);
            }
            Act::StepClock(millis) => {
                self.history.fault(Fault::ClockStep(millis));
                self.cluster.step_clock(millis);
            }
            Act::Grow => {
                self.history.fault(Fault::Grown);
                self.cluster.create_partitions(SOURCE, self.source_partitions() + 1).expect("one more is more");
            }
        }
    }

    fn source_partitions(&self) -> i32 {
        self.cluster.partitions(SOURCE).unwrap_or(self.plan.partitions)
    }

    fn write(&self, index: usize) {
        let draft = &self.plan.records[index];
        let (topic, headers) = match &draft.birth {
            Birth::Source | Birth::Aborted => (SOURCE.to_owned(), draft.headers.clone()),
            Birth::Retry { attempt, delay, group } => {
                let due = self.cluster.now().as_millis() + i64::try_from(*delay).unwrap_or(0);
                let copied = headers::copied(*attempt, due, group.as_deref());
                (self.plan.teams[0].retry_topic(*attempt), [draft.headers.clone(), copied].concat())
            }
        };
        // Whoever writes there has created it.
        self.cluster.create_topic(&topic, self.plan.partitions).expect("the name is good");
        let partitions = self.cluster.partitions(&topic).unwrap_or(1);
        let record = outgoing(draft, &topic, draft.partition % partitions, headers);
        let written = match draft.birth {
            Birth::Aborted => {
                self.history.fault(Fault::Aborted);
                self.cluster.produce_aborted(record)
            }
            _ => self.cluster.produce(record),
        };
        // What a narrow topic does not take is not there for anybody.
        if let Ok(written) = written {
            let at = self.history.place(&topic, written.partition, written.offset);
            self.history.add(What::Planned { at, aborted: draft.birth == Birth::Aborted });
        }
    }

    async fn start(&mut self, team: usize, version: usize, instances: usize) {
        let starting: Vec<_> = (0..instances)
            .map(|_| {
                let instance = self.instances;
                self.instances += 1;
                self.history.add(What::Started { instance, team, version });
                let is_dead = Arc::new(AtomicBool::new(false));
                let app = self.app(instance, team, version, &is_dead);
                (instance, is_dead, tokio::spawn(app.start()))
            })
            .collect();
        for (instance, is_dead, start) in starting {
            match start.await.expect("a start does not panic") {
                Ok(handle) => self.running.push(Running { instance, team, version, handle, is_dead }),
                Err(error) => self.history.add(What::Refused { instance, why: error.to_string() }),
            }
        }
    }

    fn app(&self, instance: usize, team: usize, version: usize, is_dead: &Arc<AtomicBool>) -> App {
        let (history, plan) = (self.history.clone(), self.plan.clone());
        let it = &self.plan.teams[team];
        let chain = &it.versions[version];
        let mut app = App::new()
            .property("bootstrap.servers", &self.address)
            .property("session.timeout.ms", "6000")
            .property("sim.topic", SOURCE)
            .property("sim.group", &it.group)
            .jitter_seed(instance as u64)
            .state(Script { plan, history, instance, team, is_dead: is_dead.clone() });
        if it.shape.chain {
            app = app
                .property("sim.attempts", chain.attempts.to_string())
                .property("sim.delay", chain.delay.to_string())
                .property("sim.multiplier", chain.multiplier.to_string())
                .property("sim.max_delay", chain.max_delay.to_string())
                .property("sim.jitter", chain.jitter.to_string())
                .property("sim.concurrency", it.concurrency.unwrap_or(10_000).to_string());
        }
        (it.shape.listen)(app)
    }

    fn stop(&mut self, which: usize) {
        let Some(running) = self.take(which) else { return };
        let (history, instance) = (self.history.clone(), running.instance);
        history.add(What::Stopping { instance });
        self.stops.push(tokio::spawn(async move {
            running.handle.stop().await;
            history.add(What::Stopped { instance });
        }));
    }

    fn kill(&mut self, which: usize) {
        let Some(running) = self.take(which) else { return };
        self.history.add(What::Killed { instance: running.instance });
        running.is_dead.store(true, Ordering::Relaxed);
        running.handle.crash();
    }

    fn take(&mut self, which: usize) -> Option<Running> {
        let among = self.running.len();
        (among > 0).then(|| self.running.remove(which % among))
    }

    fn expel(&self, which: usize) {
        let groups = self.plan.teams.iter().flat_map(Team::groups);
        let members = groups.flat_map(|group| {
            let members = self.cluster.members(&group).into_iter();
            members.map(move |member| (group.clone(), member.id)).collect::<Vec<_>>()
        });
        let members: Vec<_> = members.collect();
        if !members.is_empty() {
            let (group, member) = &members[which % members.len()];
            self.history.fault(Fault::Expelled);
            self.cluster.expel(group, *member);
        }
    }

    /// Ends the faults, sees to it that somebody is there of every version, and waits until nothing is left to be done.
    async fn come_to_rest(&mut self) {
        self.trap.armed.lock().expect("nobody panics with it").take();
        self.cluster.heal();
        self.history.add(What::Healed);
        self.start_whoever_is_missing().await;
        let (mut step, begin) = (Duration::from_millis(100), Instant::now());
        while begin.elapsed() < PATIENCE {
            if self.behind().is_empty() {
                return self.history.add(What::Settled);
            }
            tokio::time::sleep(step).await;
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
            for stop in self.stops.drain(..) {
                stop.await.expect("a stop does not panic");
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

    async fn start_whoever_is_missing(&mut self) {
        let plan = self.plan.clone();
        for (team, it) in plan.teams.iter().enumerate() {
            for version in 0..it.versions.len() {
                if !self.running.iter().any(|running| (running.team, running.version) == (team, version)) {
                    self.start(team, version, 1).await;
                }
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

fn outgoing(draft: &Draft, topic: &str, partition: i32, headers: Vec<HeaderBuf>) -> Outgoing {
    let body = OwnedBody { key: draft.key.clone(), value: draft.content.value(draft.id), headers };
    let topic = TopicName::new(topic).expect("the name is good");
    Outgoing { topic, partition: Wanted::Exactly(partition), body, timestamp: None }
}

impl Team {
    /// The groups of its consumers.
    pub fn groups(&self) -> [String; 3] {
        ["", "-retry", "-dlt"].map(|role| format!("{}{role}", self.group))
    }

    /// What it reads: each topic behind the group that does.
    pub fn reads(&self) -> Vec<(String, String)> {
        let [main, retry, dlt] = self.groups();
        let mut reads = vec![(main, SOURCE.to_owned())];
        reads.extend(self.retry_topics().into_iter().map(|topic| (retry.clone(), topic)));
        reads.extend(self.reads_dead_letters().then(|| (dlt, DLT.to_owned())));
        reads
    }

    /// The retry topics of all of its versions.
    pub fn retry_topics(&self) -> Vec<String> {
        let mut topics: Vec<_> = self.versions.iter().flat_map(super::chain::Chain::topics).collect();
        topics.sort();
        topics.dedup();
        topics
    }

    /// The newest version's topic for this attempt.
    fn retry_topic(&self, attempt: u32) -> String {
        let newest = self.versions.last().and_then(|chain| chain.topic(attempt));
        newest.expect("the plan drew it from this chain")
    }
}

impl Plan {
    /// All topics that its chains write to.
    pub fn chain_topics(&self) -> Vec<String> {
        let mut topics: Vec<_> = self.teams.iter().flat_map(Team::retry_topics).collect();
        topics.push(DLT.to_owned());
        topics.sort();
        topics.dedup();
        topics
    }
}
