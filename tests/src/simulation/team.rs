//! A team: the instances of one service, and what its listener makes of records.

use std::fmt;

use super::chain::{Chain, DLT, ROUTE, SOURCE};
use super::payload::Content;
use super::plan::{Fate, Grip, Plea};
use super::shapes::{End, Judged, Shape};

/// A consumer group: instances of one service.
#[derive(Clone, Debug)]
pub struct Team {
    pub group: String,
    pub shape: Shape,
    /// Chains side by side; the last is the newest.
    pub versions: Vec<Chain>,
    pub concurrency: Option<u32>,
    /// How long after its first timestamp a record is still tried again, in milliseconds.
    pub timeout: Option<u64>,
    /// What a consumer may hold: records and bytes of a partition, bytes of all.
    pub limits: Option<(usize, usize, usize)>,
}

/// More bytes than all records of a plan have.
pub const AMPLE: usize = 1 << 30;

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
        let dead = self.dead_letter_topics().filter(|_| self.reads_dead_letters());
        reads.extend(dead.map(|topic| (dlt.clone(), topic.to_owned())));
        reads
    }

    /// Its topics of dead letters.
    pub(super) fn dead_letter_topics(&self) -> impl Iterator<Item = &'static str> {
        [DLT].into_iter().chain((self.shape.judged != Judged::No).then_some(ROUTE))
    }

    /// Where a record goes whose failures ask for this.
    pub fn dead_letters_of(&self, plea: Plea) -> &'static str {
        if matches!(plea, Plea::To | Plea::Fraud) { ROUTE } else { DLT }
    }

    /// The retry topics of all of its versions.
    pub fn retry_topics(&self) -> Vec<String> {
        let mut topics: Vec<_> = self.versions.iter().flat_map(Chain::topics).collect();
        topics.sort();
        topics.dedup();
        topics
    }

    /// The newest version's topic for this attempt.
    pub fn retry_topic(&self, attempt: u32) -> String {
        let newest = self.versions.last().and_then(|chain| chain.topic(attempt));
        newest.expect("the plan drew it from this chain")
    }

    /// Whether a record with this content never reaches the handler.
    pub fn rejects(&self, content: Content) -> bool {
        self.shape.typed && !content.is_readable()
    }

    /// What the failures of a record ask of this listener.
    pub fn plea(&self, fate: Fate) -> Plea {
        match (self.shape.judged, fate.plea) {
            (Judged::Classify, plea) if !fate.panics => plea,
            // What it returns is not an error, for which the route is.
            (Judged::Outcome, plea) if !fate.panics && plea != Plea::Fraud => plea,
            (Judged::Ack, plea) if !fate.panics && fate.grip != Grip::FailsFirst && plea.has_ack() => plea,
            // Whatever else an error says, no pattern matches it.
            (Judged::Patterns, plea @ (Plea::DeadLetter | Plea::Fraud)) if !fate.panics => plea,
            _ => Plea::Retry,
        }
    }

    /// How often a record's handler asks this listener to stop.
    pub fn stops(&self, fate: Fate) -> u32 {
        if matches!(self.shape.judged, Judged::Classify | Judged::Outcome) { fate.stops } else { 0 }
    }

    /// How often each of its deliveries is tried in place at most.
    pub fn tries(&self, fate: Fate) -> u32 {
        let matches = self.shape.judged != Judged::Patterns || fate.panics || fate.plea == Plea::Retry;
        if matches { self.shape.tries } else { 1 }
    }

    /// The attempts of the version that has the fewest.
    pub fn shortest(&self) -> u32 {
        self.versions.iter().map(|chain| chain.attempts).min().unwrap_or(1)
    }

    /// Whether dead letters are handled.
    pub fn reads_dead_letters(&self) -> bool {
        self.shape.end == End::Handled
    }
}

/// As a failing seed prints it.
impl fmt::Display for Team {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { group, shape, versions, concurrency, timeout, limits } = self;
        write!(f, "group {group}, listener `{}`, order {:?}, end {:?}", shape.name, shape.order, shape.end)?;
        concurrency.iter().try_for_each(|limit| write!(f, ", concurrency {limit}"))?;
        timeout.iter().try_for_each(|timeout| write!(f, ", timeout {timeout}"))?;
        limits.iter().try_for_each(|limits| write!(f, ", limits {limits:?}"))?;
        versions.iter().filter(|_| shape.chain).try_for_each(|chain| write!(f, ", {chain:?}"))
    }
}
