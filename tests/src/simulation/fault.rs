//! What is made to go wrong, as a history has it.

/// What was made to go wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    PublishRefused,
    PublishUnanswered,
    PublishSlow,
    CommitRefused,
    CommitUnanswered,
    CommitSlow,
    Outage,
    Expelled,
    Paused,
    AskedToStop,
    Expired,
    Compacted,
    Deleted,
    ClockSet,
    Grown,
    Aborted,
}

impl Fault {
    /// Its name, without its measure.
    pub fn kind(self) -> &'static str {
        match self {
            Self::PublishRefused => "publish refused",
            Self::PublishUnanswered => "publish unanswered",
            Self::PublishSlow => "publish slow",
            Self::CommitRefused => "commit refused",
            Self::CommitUnanswered => "commit unanswered",
            Self::CommitSlow => "commit slow",
            Self::Outage => "broker away",
            Self::Expelled => "member expelled",
            Self::Paused => "listener paused",
            Self::AskedToStop => "listener stopped",
            Self::Expired => "records expired",
            Self::Compacted => "topic compacted",
            Self::Deleted => "topic deleted",
            Self::ClockSet => "clock set",
            Self::Grown => "partition added",
            Self::Aborted => "transaction aborted",
        }
    }
}
