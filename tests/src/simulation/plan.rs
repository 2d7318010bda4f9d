//! What a seed decides: everything. The same seed always makes the same plan.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use fastrand::Rng;
use kafka_listen::HeaderBuf;

use super::chain::Chain;
use super::headers;
use super::listeners::{End, SHAPES, Shape};
use super::payload::Content;

/// One run.
#[derive(Clone, Debug)]
pub struct Plan {
    pub seed: u64,
    pub partitions: i32,
    pub teams: Vec<Team>,
    pub records: Vec<Draft>,
    /// What is done, and after how many milliseconds.
    pub acts: Vec<(u64, Act)>,
    pub weather: Weather,
    /// The most bytes that the chain's topics take, where they are there already with a setting of their own.
    pub narrow_topics: Option<u32>,
}

/// A consumer group: instances of one service.
#[derive(Clone, Debug)]
pub struct Team {
    pub group: String,
    pub shape: Shape,
    /// Chains side by side; the last is the newest.
    pub versions: Vec<Chain>,
    pub concurrency: Option<u32>,
}

/// A record that will be written.
#[derive(Clone, Debug)]
pub struct Draft {
    pub id: u32,
    pub birth: Birth,
    pub partition: i32,
    pub key: Option<Bytes>,
    pub content: Content,
    pub headers: Vec<HeaderBuf>,
    pub fate: Fate,
}

/// How a record comes into the world.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Birth {
    /// Written to the source topic.
    Source,
    /// Written there in a transaction that is aborted.
    Aborted,
    /// Written to the retry topic before this attempt of the first group's newest chain, by somebody else.
    Retry { attempt: u32, delay: u64, group: Option<String> },
}

/// What handlers make of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fate {
    /// Deliveries up to this number fail; in place, tries.
    pub fails_until: u32,
    pub panics: bool,
    pub pace: Pace,
    /// How many tries of the DLT handler fail.
    pub dead_fails_until: u32,
}

/// How long a handler takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    AtOnce,
    Quick,
    Slow,
}

/// Something that is done to the world.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// Writes the record with this index.
    Write(usize),
    /// Starts so many instances at once.
    Start { team: usize, version: usize, instances: usize },
    /// Stops one of those that run.
    Stop(usize),
    /// Kills one of those that run.
    Crash(usize),
    /// Kills one right behind the next answer to a commit or publish, or before it.
    CrashAtNext { victim: usize, moment: Moment },
    /// Lets the group of one give it up.
    Expel(usize),
    /// Cuts the cluster off.
    Outage(Duration),
    /// Sets the clock of all instances.
    StepClock(i64),
    /// Adds a partition to the source topic.
    Grow,
}

/// The instants at which a kill is most dangerous.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// A copy is in its log.
    Appended,
    /// Its writer was told so.
    Answered,
    /// An offset was committed.
    Committed,
}

/// How often what goes wrong while the faults last.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Weather {
    pub publish_refused: f64,
    pub publish_unanswered: f64,
    pub publish_slow: f64,
    pub commit_refused: f64,
    pub commit_unanswered: f64,
    pub commit_slow: f64,
    /// A chain topic that takes nothing at all for a while: its place among them, from and until when.
    pub away: Option<(usize, u64, u64)>,
}

/// How long things go on, in milliseconds.
const LENGTHS: [u64; 3] = [2_000, 15_000, 60_000];

impl Plan {
    /// What this seed decides.
    pub fn of(seed: u64) -> Self {
        let mut rng = Rng::with_seed(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let rng = &mut rng;
        let length = pick(rng, &LENGTHS);
        let partitions = rng.i32(1..=4);
        let teams = teams(rng);
        // What does not fit and has no DLT waits for ever, which is no promise.
        let all_have_dlts = teams.iter().all(|team| team.shape.end != End::Discarded);
        let narrow_topics = (chance(rng, 0.05) && all_have_dlts).then(|| rng.u32(900..1_500));
        let records = records(rng, &teams);
        let mut acts = writes(rng, &records, length);
        let weather = if chance(rng, 0.5) { weather(rng, length) } else { Weather::default() };
        acts.extend(lives(rng, &teams, length));
        if chance(rng, 0.6) {
            acts.extend(troubles(rng, length));
        }
        acts.sort_by_key(|(at, _)| *at);
        Self { seed, partitions, teams, records, acts, weather, narrow_topics }
    }
}

fn chance(rng: &mut Rng, probability: f64) -> bool {
    rng.f64() < probability
}

fn pick<T: Copy>(rng: &mut Rng, choices: &[T]) -> T {
    choices[rng.usize(0..choices.len())]
}

fn teams(rng: &mut Rng) -> Vec<Team> {
    let count = if chance(rng, 0.2) { 2 } else { 1 };
    let teams = (0..count).map(|number| {
        let shape = pick(rng, &SHAPES);
        let chain = chain(rng, shape);
        let mut versions = vec![chain.clone()];
        if shape.chain && chance(rng, 0.2) {
            // A rolling deploy; the attempts alone, or all of it.
            let other = if chance(rng, 0.7) { chain } else { self::chain(rng, shape) };
            versions.push(Chain { attempts: rng.u32(1..=5), ..other });
        }
        let concurrency = chance(rng, 0.15).then(|| rng.u32(1..=4));
        Team { group: ["shop", "audit"][number].to_owned(), shape, versions, concurrency }
    });
    teams.collect()
}

fn chain(rng: &mut Rng, shape: Shape) -> Chain {
    let attempts = if shape.chain { rng.u32(1..=5) } else { 1 };
    let delay = pick(rng, &[50, 200, 1_000, 5_000, 30_000]);
    let multiplier = pick(rng, &[1.0, 1.5, 2.0, 3.0]);
    let max_delay = if chance(rng, 0.3) { delay * 2 } else { 600_000 };
    let jitter = if chance(rng, 0.3) { rng.f64() } else { 0.0 };
    Chain { attempts, delay, multiplier, max_delay, jitter, index: shape.index }
}

fn records(rng: &mut Rng, teams: &[Team]) -> Vec<Draft> {
    let count = rng.u32(1..=30);
    let keys = rng.u32(1..=5);
    let (failing, odd) = (pick(rng, &[0.0, 0.1, 0.5, 1.0]), pick(rng, &[0.0, 0.1, 0.5]));
    let drafts = (0..count).map(|id| {
        let content = if chance(rng, odd) {
            pick(rng, &[Content::Garbage, Content::Null, Content::Large(400), Content::Large(2_000)])
        } else {
            Content::Good
        };
        let birth = birth(rng, teams);
        let written = headers::of_users(rng, id, content == Content::Null, odd);
        let forged = if birth == Birth::Source && chance(rng, odd) { headers::forged(rng) } else { Vec::new() };
        Draft {
            id,
            birth,
            partition: rng.i32(0..64),
            key: chance(rng, 0.8).then(|| format!("k{}", rng.u32(0..keys)).into()),
            content,
            headers: [written, forged].concat(),
            fate: fate(rng, failing),
        }
    });
    drafts.collect()
}

fn birth(rng: &mut Rng, teams: &[Team]) -> Birth {
    let team = &teams[0];
    let newest = team.versions.last().map_or(1, |chain| chain.attempts);
    if chance(rng, 0.05) {
        return Birth::Aborted;
    }
    if newest < 2 || !chance(rng, 0.08) {
        return Birth::Source;
    }
    let group = match rng.u32(0..3) {
        0 => None,
        1 => Some(team.group.clone()),
        _ => Some("stranger".to_owned()),
    };
    Birth::Retry { attempt: rng.u32(2..=newest), delay: rng.u64(0..5_000), group }
}

fn fate(rng: &mut Rng, failing: f64) -> Fate {
    let fails_until = match chance(rng, failing) {
        false => 0,
        true => pick(rng, &[1, 1, 2, 3, u32::MAX]),
    };
    Fate {
        fails_until,
        panics: chance(rng, 0.1),
        pace: pick(rng, &[Pace::AtOnce, Pace::AtOnce, Pace::Quick, Pace::Quick, Pace::Quick, Pace::Slow]),
        dead_fails_until: if chance(rng, 0.1) { rng.u32(1..=3) } else { 0 },
    }
}

fn writes(rng: &mut Rng, records: &[Draft], length: u64) -> Vec<(u64, Act)> {
    let burst = chance(rng, 0.3);
    let acts = records.iter().enumerate().map(|(index, _)| {
        let at = if burst { rng.u64(0..length) / 1_000 * 1_000 } else { rng.u64(0..length) };
        (at, Act::Write(index))
    });
    acts.collect()
}

/// Instances that come and go.
fn lives(rng: &mut Rng, teams: &[Team], length: u64) -> Vec<(u64, Act)> {
    let mut acts = Vec::new();
    for (team, it) in teams.iter().enumerate() {
        let first = if chance(rng, 0.3) { rng.u64(0..length) } else { 0 };
        acts.push((first, Act::Start { team, version: 0, instances: rng.usize(1..=3) }));
        for version in 1..it.versions.len() {
            acts.push((rng.u64(0..length), Act::Start { team, version, instances: rng.usize(1..=2) }));
        }
    }
    for _ in 0..pick(rng, &[0, 0, 1, 2, 4]) {
        let team = rng.usize(0..teams.len());
        let version = rng.usize(0..teams[team].versions.len());
        let act =
            if chance(rng, 0.5) { Act::Start { team, version, instances: 1 } } else { Act::Stop(rng.usize(0..8)) };
        acts.push((rng.u64(0..length), act));
    }
    acts
}

fn troubles(rng: &mut Rng, length: u64) -> Vec<(u64, Act)> {
    let count = rng.usize(1..=4);
    let troubles = (0..count).map(|_| {
        let victim = rng.usize(0..8);
        let act = match rng.u32(0..10) {
            0..=2 => Act::Crash(victim),
            3..=5 => {
                let moment = pick(rng, &[Moment::Appended, Moment::Answered, Moment::Committed]);
                Act::CrashAtNext { victim, moment }
            }
            6 => Act::Expel(victim),
            7 => Act::Outage(Duration::from_millis(rng.u64(1..20_000))),
            8 => Act::StepClock(rng.i64(-20_000..20_000)),
            _ => Act::Grow,
        };
        (rng.u64(0..length), act)
    });
    troubles.collect()
}

fn weather(rng: &mut Rng, length: u64) -> Weather {
    let mut rate = |share: f64| if chance(rng, share) { pick(rng, &[0.05, 0.3, 0.8]) } else { 0.0 };
    let mut weather = Weather {
        publish_refused: rate(0.4),
        publish_unanswered: rate(0.3),
        publish_slow: rate(0.4),
        commit_refused: rate(0.3),
        commit_unanswered: rate(0.3),
        commit_slow: rate(0.3),
        away: None,
    };
    if chance(rng, 0.3) {
        let from = rng.u64(0..length);
        weather.away = Some((rng.usize(0..6), from, from + rng.u64(1..length)));
    }
    weather
}

impl Team {
    /// Whether a record with this content never reaches the handler.
    pub fn rejects(&self, content: Content) -> bool {
        self.shape.typed && !content.is_readable()
    }

    /// Whether dead letters are handled.
    pub fn reads_dead_letters(&self) -> bool {
        self.shape.end == End::Handled
    }
}

/// As a failing seed prints it.
impl fmt::Display for Team {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { group, shape, versions, concurrency } = self;
        write!(f, "group {group}, listener `{}`, order {:?}, end {:?}", shape.name, shape.order, shape.end)?;
        concurrency.iter().try_for_each(|limit| write!(f, ", concurrency {limit}"))?;
        versions.iter().filter(|_| shape.chain).try_for_each(|chain| write!(f, ", {chain:?}"))
    }
}
