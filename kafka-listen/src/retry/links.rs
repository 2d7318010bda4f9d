//! What a chain is made of behind its source topic: the ways to further deliveries, and where they end.

use std::time::Duration;

use crate::record::TopicName;

/// A dead-letter topic for some errors, beside the one for all others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// As it is declared, and as a handler names it.
    pub name: String,
    /// The topic.
    pub topic: TopicName,
}

/// The way to one further delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The retry topic.
    pub topic: TopicName,
    /// How long the record waits there, counted from its failure, without jitter.
    pub delay: Duration,
}

/// Where a record goes that was delivered as often as it may be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// To the dead-letter topic.
    Dlt(TopicName),
    /// Nowhere: `dlt = false`.
    Discard,
    /// Nowhere else: it is tried again in place, ever more slowly. So ends a listener that itself reads a DLT.
    TryAgain,
    /// Nowhere: it stays where it is. So ends a DLT whose handler is asked once.
    PassOver,
}

/// An [`End`] whose topic has no name yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndKind {
    /// To the dead-letter topic.
    Dlt,
    /// Nowhere: `dlt = false`.
    Discard,
    /// It is tried again in place, ever more slowly.
    TryAgain,
    /// It stays where it is.
    PassOver,
}

/// A retry topic and how long records wait in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RetryTopic {
    /// The topic.
    pub topic: TopicName,
    /// The delay without jitter.
    pub shortest: Duration,
    /// The delay with all of its jitter.
    pub longest: Duration,
}
