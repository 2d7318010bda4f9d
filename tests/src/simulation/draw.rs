//! Draws a plan from a seed: the same seed always makes the same plan.

use fastrand::Rng;

use super::chain::Chain;
use super::headers;
use super::payload::Content;
use super::plan::{Act, Birth, Draft, Fate, Grip, Moment, Pace, Plan, Plea, Weather};
use super::shapes::{End, SHAPES, Shape};
use super::team::{AMPLE, Team};

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
        let skews = if chance(rng, 0.2) { (0..3).map(|_| rng.i64(-20_000..20_000)).collect() } else { Vec::new() };
        Self { seed, partitions, teams, records, acts, weather, narrow_topics, skews }
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
        let timed = shape.chain && chance(rng, 0.2);
        let timeout = timed.then(|| pick(rng, &[1, 300, 2_000, 10_000, 60_000]));
        let limits = chance(rng, 0.1).then(|| limits(rng));
        Team { group: ["shop", "audit"][number].to_owned(), shape, versions, concurrency, timeout, limits }
    });
    teams.collect()
}

/// Room for next to nothing; for few records of which any number may wait; for more bytes of long waits than of others.
fn limits(rng: &mut Rng) -> (usize, usize, usize) {
    let (window, bytes, all) = (rng.usize(1..=8), rng.usize(20..=200), rng.usize(50..=400));
    match all % 3 {
        0 => (window, bytes, all),
        1 => (window, AMPLE, AMPLE),
        _ => (8 * window, 15 * bytes, 75 * all),
    }
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
    let mut drafts: Vec<_> = drafts.collect();
    doubt(&mut drafts, if teams[0].limits.is_some() { 2_500 } else { 250 });
    drafts
}

/// Makes of a short delay one beyond belief: for ever, or longer than it can be believed yet. One at most: where little is held
/// they would wait one after the other, an hour each.
fn doubt(drafts: &mut [Draft], short: u64) {
    let mut delays = drafts.iter_mut().filter_map(|draft| match &mut draft.birth {
        Birth::Retry { delay, .. } => Some(delay),
        _ => None,
    });
    if let Some(delay) = delays.find(|delay| **delay < short) {
        *delay = if *delay % 2 == 0 { u64::MAX } else { 2 * 3_600_000 };
    }
}

fn birth(rng: &mut Rng, teams: &[Team]) -> Birth {
    let team = &teams[0];
    let newest = team.versions.last().map_or(1, |chain| chain.attempts);
    if chance(rng, 0.05) {
        return Birth::Aborted;
    }
    // Where little is held, waits are in the way of others.
    let share = if team.limits.is_some() { 0.3 } else { 0.08 };
    if newest < 2 || !chance(rng, share) {
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
        stumbles: if chance(rng, failing) { rng.u32(0..=2) } else { 0 },
        panics: chance(rng, 0.1),
        plea: match rng.u32(0..9) {
            0 => Plea::RetryAfter(rng.u64(0..40_000)),
            1 => Plea::DeadLetter,
            2 => Plea::Discard,
            3 => Plea::To,
            4 => Plea::ToNowhere,
            5 => Plea::Fraud,
            _ => Plea::Retry,
        },
        pace: pick(rng, &[Pace::AtOnce, Pace::AtOnce, Pace::Quick, Pace::Quick, Pace::Quick, Pace::Slow]),
        dead_fails_until: if chance(rng, 0.1) { rng.u32(1..=3) } else { 0 },
        stops: if chance(rng, 0.02) { rng.u32(1..=2) } else { 0 },
        grip: match rng.u32(0..6) {
            0 | 1 => Grip::AtOnce,
            2 => Grip::Later(rng.u64(0..4_000)),
            3 => Grip::ThenFails,
            4 => Grip::FailsFirst,
            _ => Grip::Forgotten,
        },
        heeds: chance(rng, 0.5),
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
    let mut troubles = Vec::new();
    for _ in 0..count {
        let (at, victim) = (rng.u64(0..length), rng.usize(0..8));
        let act = match rng.u32(0..15) {
            0..=2 => Act::Crash(victim),
            3..=5 => {
                let moment = pick(rng, &[Moment::Appended, Moment::Answered, Moment::Committed]);
                Act::CrashAtNext { victim, moment }
            }
            6 => Act::Expel(victim),
            7 => {
                troubles.push((at + rng.u64(1..20_000), Act::Back));
                Act::Away
            }
            8 | 12 => Act::StepClock { victim: chance(rng, 0.5).then_some(victim), millis: rng.i64(-20_000..20_000) },
            13 => Act::Delete(victim),
            9 => Act::Grow,
            10 => {
                troubles.push((at + rng.u64(1..20_000), Act::Resume));
                Act::Pause(victim)
            }
            11 => Act::Expire { partition: rng.i32(0..64), records: rng.i64(1..10) },
            _ => Act::Compact { partition: rng.i32(0..64) },
        };
        troubles.push((at, act));
    }
    troubles
}

fn weather(rng: &mut Rng, length: u64) -> Weather {
    let mut rate = |share: f64| if chance(rng, share) { pick(rng, &[0.05, 0.3, 0.8]) } else { 0.0 };
    let mut weather = Weather {
        queue: None,
        publish_refused: rate(0.4),
        // Each answer that is lost may double a record, at each hop.
        publish_unanswered: rate(0.3).min(0.3),
        publish_slow: rate(0.4),
        commit_refused: rate(0.3),
        commit_unanswered: rate(0.3),
        commit_slow: rate(0.3),
        away: None,
    };
    weather.queue = chance(rng, 0.2).then(|| rng.usize(1..=3));
    if chance(rng, 0.3) {
        let from = rng.u64(0..length);
        weather.away = Some((rng.usize(0..6), from, from + rng.u64(1..length)));
    }
    weather
}
