//! What the runtime calls things where a handler takes one record, and where it takes batches.

/// The names of one of the two.
pub(crate) struct Words {
    /// What parameters are built from.
    pub(crate) from: &'static str,
    /// The future that an `async fn` is made.
    pub(crate) future: &'static str,
    /// What comes of it.
    pub(crate) outcome: &'static str,
    /// The call of an `async fn`, and of a plain `fn`.
    pub(crate) calls: (&'static str, &'static str),
    /// What it may return, and what if its errors are judged.
    pub(crate) returns: (&'static str, &'static str),
}

pub(crate) const RECORD: Words = Words {
    from: "Delivery",
    future: "HandlerFuture",
    outcome: "Outcome",
    calls: ("Async", "Blocking"),
    returns: ("HandlerReturn", "Fallible"),
};

pub(crate) const BATCH: Words = Words {
    from: "Batch",
    future: "BatchFuture",
    outcome: "BatchOutcome",
    calls: ("AsyncBatch", "BlockingBatch"),
    returns: ("BatchReturn", "FallibleBatch"),
};
