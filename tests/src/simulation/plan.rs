//! What a seed decides: everything that happens in a run.

use std::fmt;

use bytes::Bytes;
use kafka_listen::HeaderBuf;

use super::chain::{Chain, DLT, ROUTE, SOURCE};
use super::listeners::{End, Judged, Shape};
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
    /// How long after its first timestamp a record is still tried again, in milliseconds.
    pub timeout: Option<u64>,
    /// What a consumer may hold: records and bytes of a partition, bytes of all.
    pub limits: Option<(usize, usize, usize)>,
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
    /// Where there are several tries in place, so many of a delivery that succeeds fail before.
    pub stumbles: u32,
    pub panics: bool,
    /// What its errors ask for, where somebody listens.
    pub plea: Plea,
    pub pace: Pace,
    /// How many tries of the DLT handler fail.
    pub dead_fails_until: u32,
}

/// What an error asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plea {
    Retry,
    /// After so many milliseconds.
    RetryAfter(u64),
    DeadLetter,
    Discard,
    /// The other topic of dead letters, at once.
    To,
    /// A topic of dead letters that there is not.
    ToNowhere,
    /// Another delivery, and in the end the other topic of dead letters.
    Fraud,
}

impl Plea {
    /// The error's text.
    pub fn text(self) -> String {
        match self {
            Self::Retry => "retry".to_owned(),
            Self::RetryAfter(millis) => format!("after {millis}"),
            Self::DeadLetter => "dead letter".to_owned(),
            Self::Discard => "discard".to_owned(),
            Self::To => "to fraud".to_owned(),
            Self::ToNowhere => "to nowhere".to_owned(),
            Self::Fraud => "fraud".to_owned(),
        }
    }

    /// Reads it from that.
    pub fn read(text: &str) -> Option<Self> {
        match text {
            "retry" => Some(Self::Retry),
            "dead letter" => Some(Self::DeadLetter),
            "discard" => Some(Self::Discard),
            "to fraud" => Some(Self::To),
            "to nowhere" => Some(Self::ToNowhere),
            "fraud" => Some(Self::Fraud),
            text => Some(Self::RetryAfter(text.strip_prefix("after ")?.parse().ok()?)),
        }
    }

    /// Whether its record is dead at once.
    pub fn is_fatal(self) -> bool {
        matches!(self, Self::DeadLetter | Self::To | Self::ToNowhere)
    }
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
    Start {
        team: usize,
        version: usize,
        instances: usize,
    },
    /// Stops one of those that run.
    Stop(usize),
    /// Kills one of those that run.
    Crash(usize),
    /// Kills one right behind the next answer to a commit or publish, or before it.
    CrashAtNext {
        victim: usize,
        moment: Moment,
    },
    /// Lets the group of one give it up.
    Expel(usize),
    /// Lets one of those that run read nothing, or read on.
    Pause(usize),
    Resume,
    /// Cuts the cluster off, or connects it again.
    Away,
    Back,
    /// Removes the oldest records of a source partition, as retention does.
    Expire {
        partition: i32,
        records: i64,
    },
    /// Removes records of a source partition behind which there is one of their key.
    Compact {
        partition: i32,
    },
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
    /// Unanswered records that a producer takes before it is full.
    pub queue: Option<usize>,
    pub publish_refused: f64,
    pub publish_unanswered: f64,
    pub publish_slow: f64,
    pub commit_refused: f64,
    pub commit_unanswered: f64,
    pub commit_slow: f64,
    /// A chain topic that takes nothing at all for a while: its place among them, from and until when.
    pub away: Option<(usize, u64, u64)>,
}

impl Plan {
    /// All topics that its chains write to.
    pub fn chain_topics(&self) -> Vec<String> {
        let mut topics: Vec<_> = self.teams.iter().flat_map(Team::retry_topics).collect();
        topics.extend(self.teams.iter().flat_map(Team::dead_letter_topics).map(str::to_owned));
        topics.sort();
        topics.dedup();
        topics
    }
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
        let dead = self.dead_letter_topics().filter(|_| self.reads_dead_letters());
        reads.extend(dead.map(|topic| (dlt.clone(), topic.to_owned())));
        reads
    }

    /// Its topics of dead letters.
    fn dead_letter_topics(&self) -> impl Iterator<Item = &'static str> {
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
            // Whatever else an error says, no pattern matches it.
            (Judged::Patterns, plea @ (Plea::DeadLetter | Plea::Fraud)) if !fate.panics => plea,
            _ => Plea::Retry,
        }
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
