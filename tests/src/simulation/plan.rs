//! What a seed decides: everything that happens in a run.

use bytes::Bytes;
use kafka_listen::HeaderBuf;

use super::payload::Content;
use super::team::Team;

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
    /// By how many milliseconds the clocks of machines are ahead of the broker's, one after the other; all agree if there are none.
    pub skews: Vec<i64>,
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
    /// How often its handler asks its listener to stop, where somebody listens.
    pub stops: u32,
    /// What is done with its `Ack`, where there is one.
    pub grip: Grip,
    /// Whether its handler gives up when it is told to.
    pub heeds: bool,
}

/// What a handler does with its `Ack`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grip {
    /// Says with it what came of the record, then returns.
    AtOnce,
    /// Returns first, and says it so many milliseconds later.
    Later(u64),
    /// Says it, then fails, which does not count any more.
    ThenFails,
    /// Where it is to fail, does so, and says the contrary afterwards, which does not count any more.
    FailsFirst,
    /// Where it is to fail, and there is a time limit, keeps it for ever.
    Forgotten,
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
    /// That the listener stops: how often says its fate.
    Stop,
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
            Self::Stop => "stop".to_owned(),
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
            "stop" => Some(Self::Stop),
            text => Some(Self::RetryAfter(text.strip_prefix("after ")?.parse().ok()?)),
        }
    }

    /// Whether an `Ack` can ask for it.
    pub fn has_ack(self) -> bool {
        matches!(self, Self::Retry | Self::RetryAfter(_) | Self::DeadLetter | Self::To | Self::ToNowhere)
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
    /// Sets the clock of all machines, or of one.
    StepClock {
        victim: Option<usize>,
        millis: i64,
    },
    /// Deletes one of the chains' topics.
    Delete(usize),
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
