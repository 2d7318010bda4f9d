//! What goes into the engine and what comes out: its whole connection with the world.

use std::collections::VecDeque;
use std::sync::Arc;

use super::numbers::Numbers;
use super::run::{Queued, Run, RunId};
use super::source::{ListenerIndex, Source};
use crate::broker::{OffsetReset, Room};
use crate::clock::Timestamp;
use crate::observe;
use crate::outcome::Failure;
use crate::record::{Assigned, AssignmentId, Outgoing, PublishError, Record, TopicName};

/// Something that happened.
#[derive(Debug)]
pub(crate) enum Event {
    /// Partitions have come.
    Assigned(Vec<Assigned>),
    /// Partitions are to be let go of; `lost` ones are gone already.
    Revoked { ids: Vec<AssignmentId>, lost: bool },
    /// There is something to take.
    Readable(AssignmentId),
    /// Records were taken; `drained` if nothing is left behind them.
    Fetched { id: AssignmentId, records: Vec<Record>, drained: bool },
    /// The answer to [`Action::AskPosition`].
    Position { id: AssignmentId, offset: i64 },
    /// A run got on.
    Progress(Progress),
    /// Records were written on behalf of those with these numbers.
    Written { id: AssignmentId, numbers: Numbers },
    /// A record was not written.
    NotWritten { ticket: Ticket, error: Box<PublishError> },
    /// A commit was answered.
    Committed { offsets: Vec<(AssignmentId, i64)>, error: Option<String> },
    /// Start nothing more of this listener, whatever partitions it has and will get; what runs may end.
    Pause(ListenerIndex),
    /// Go on with this listener.
    Resume(ListenerIndex),
    /// Read these topics from now on and no others, each with where a group without a committed offset begins.
    Sources(Vec<(Arc<Source>, OffsetReset)>),
    /// Time has passed.
    Tick,
    /// Finish what runs, commit, leave.
    Stop { within: std::time::Duration },
    /// The group was left.
    Closed,
}

/// What is to be done.
#[derive(Debug)]
pub(crate) enum Action {
    /// Take records of a partition.
    Take { id: AssignmentId, room: Room },
    /// Tell where the consumer stands in a partition that has nothing unfinished.
    AskPosition(AssignmentId),
    /// Of this partition nothing will be taken for a while, though there is more.
    Rest(AssignmentId),
    /// Handle records: lanes side by side, runs of one lane and the records of each in order.
    Start { id: AssignmentId, runs: Vec<Run>, stop_at_failure: bool },
    /// Start nothing more of this partition; what runs may end.
    Halt(AssignmentId),
    /// It may start again.
    GoOn(AssignmentId),
    /// Tell what runs of this partition that it is being taken away.
    Warn(AssignmentId),
    /// Give up what still runs of this partition.
    Cancel(AssignmentId),
    /// Write a record.
    Publish { ticket: Ticket, record: Outgoing },
    /// Read these topics and no others.
    Subscribe(Vec<(TopicName, OffsetReset)>),
    /// Commit.
    Commit(Vec<(AssignmentId, i64)>),
    /// Let partitions go.
    Release(Vec<AssignmentId>),
    /// Leave the group.
    Close,
    /// Stop a listener everywhere in this process, as the handler of this record asks.
    StopListener { listener: ListenerIndex, record: observe::RecordPlace, failure: Arc<Failure> },
    /// Say what happened.
    Tell(observe::Event),
    /// Everything is over.
    Stopped,
}

/// A record that is being written on behalf of a record that was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ticket {
    /// Where that was read.
    pub(crate) id: AssignmentId,
    /// Its number within the assignment.
    pub(crate) number: u64,
}

/// A delivery that failed.
#[derive(Debug)]
pub(crate) struct FailedDelivery {
    /// The record and its attempt.
    pub(crate) queued: Queued,
    /// Why.
    pub(crate) failure: Box<Failure>,
    /// When: delays count from here, however late it is reported.
    pub(crate) at: Timestamp,
}

/// How far a run got since it last said so.
#[derive(Debug)]
pub(crate) struct Progress {
    /// The partition.
    pub(crate) id: AssignmentId,
    /// The run.
    pub(crate) run: RunId,
    /// The numbers of records that were handled.
    pub(crate) done: Numbers,
    /// Those that failed.
    pub(crate) failed: Vec<FailedDelivery>,
    /// If the run is over, what of it did not start.
    pub(crate) over: Option<VecDeque<Queued>>,
}
