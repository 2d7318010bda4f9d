//! Rules that can be broken on purpose, so that it is seen that the simulation notices. Without the feature `__sabotage`
//! none of them can, and nothing of this is compiled.
//!
//! Where a rule is kept, one line asks [`broken`]. Nobody else does, and no behaviour of the library depends on it.

/// A rule that can be broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// A record whose copy is being written has not ended.
    AckBeforeCommit,
    /// A copy that could not be written is written again.
    PublishAgain,
    /// An offset is committed only when everything below it has ended.
    UnbrokenRun,
    /// Gaps in the offsets stop nothing.
    Gaps,
    /// What lies behind the last record is committed, too.
    TrailingGap,
    /// A failed delivery goes to the next retry topic.
    NextTier,
    /// A record whose attempts are used up goes to the DLT.
    DeadLetter,
    /// A copy carries the number of the next delivery.
    AttemptCounts,
    /// What ended before a stop is committed in it.
    CommitAtStop,
    /// A group goes on where it committed.
    Committed,
    /// No record of a retry topic starts before it is due.
    Due,
    /// A waiting record wakes its partition when it is due.
    WakeUp,
    /// The delay of a retry counts from its failure.
    Delay,
    /// A waiting record holds up none that is due earlier.
    Overtaking,
    /// What waits takes no room in the window.
    Waits,
    /// Where waits are longer than their topic's delay more of them are held.
    LongWaits,
    /// A partition takes no more than its window holds.
    Window,
    /// Records of one lane run one after the other.
    Lanes,
    /// What is tried again in place comes before its successors.
    Blocking,
    /// Of a retry topic's records that are due the longest overdue starts first.
    DueOrder,
    /// A record that names another group is not ours.
    Groups,
    /// Values are forwarded as they are.
    RawValue,
    /// Headers of users are forwarded.
    UserHeaders,
    /// The headers of a failure replace those of the one before.
    HeaderBlock,
    /// A topic that is there already is not created again.
    CreateOnce,
    /// A chain topic has as many partitions as its source.
    PartitionCount,
    /// What has ended is committed when the commit interval is over.
    CommitSoon,
    /// A commit has all that has ended in one run.
    WholeRun,
    /// A commit that failed is sent again.
    CommitAgain,
    /// While a copy cannot be written its partition waits.
    WaitForTopic,
    /// A rejection is never tried again.
    Rejection,
    /// No retry follows a failure behind the `timeout`.
    Timeout,
    /// What is given up is not tried again.
    Fatal,
    /// A dead letter goes where its route says.
    Route,
    /// Only what is worth it is tried in place.
    InPlace,
    /// A dead letter whose handler failed is passed over, where that is asked for.
    SkipDead,
    /// A panic is a failure like another.
    Panic,
    /// Records of an aborted transaction are not read.
    #[cfg_attr(not(feature = "embedded"), allow(dead_code, reason = "the in-process broker's"))]
    Aborted,
    /// An attempt beyond the chain is its last.
    BeyondChain,
    /// Retry topics are read from their beginning.
    FromBeginning,
    /// What is late names an assignment that is gone, and changes nothing.
    Fencing,
    /// A partition is let go of only when nothing of it runs.
    Drain,
    /// On a source topic no header about the past is believed.
    SourceHeaders,
    /// Each record of a batch ends as its own result says.
    EachOfBatch,
    /// A manual listener's delivery ends with its ack, not when the function returns.
    Ack,
    /// An ack that is let go of without a word is a failure.
    Unacked,
    /// What the ack said counts, whatever the handler returns after it.
    FirstSaid,
    /// A handler is told when its partition is being taken away.
    Warn,
    /// A listener that is asked to stop keeps its record.
    Stop,
    /// A paused listener starts nothing.
    Pause,
    /// An application goes by the clock of its own machine.
    #[cfg_attr(not(feature = "embedded"), allow(dead_code, reason = "the in-process broker's"))]
    OwnClock,
    /// A clock that is set back makes no pause longer.
    StepBack,
    /// A chain topic that was deleted is created again.
    Mend,
    /// What runs of a partition that is lost is given up.
    Lost,
}

/// Whether the rule is broken on this thread.
#[cfg(not(feature = "__sabotage"))]
pub(crate) const fn broken(_: Rule) -> bool {
    false
}

#[cfg(feature = "__sabotage")]
std::thread_local! {
    static BROKEN: std::cell::Cell<Option<Rule>> = const { std::cell::Cell::new(None) };
}

/// Whether the rule is broken on this thread.
#[cfg(feature = "__sabotage")]
pub(crate) fn broken(rule: Rule) -> bool {
    BROKEN.get() == Some(rule)
}

/// Breaks a rule on this thread, or none any more.
#[cfg(feature = "__sabotage")]
pub fn break_rule(rule: Option<Rule>) {
    BROKEN.set(rule);
}
