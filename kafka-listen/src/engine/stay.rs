//! Whether a partition stays: it serves or is paused, and goes in steps. What runs may end, what is in front of that follows,
//! and in the end what still runs is given up.

use crate::clock::Timestamp;

/// How far a partition is on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stay {
    Serving,
    /// Nothing starts and nothing is read, until it goes on.
    Paused,
    /// Nothing starts before all that runs has ended, until then at most; and if it was paused, nothing after it.
    Halting {
        until: Timestamp,
        paused: bool,
    },
    /// What stands in front of what has ended starts, and nothing else.
    Ending(Timestamp),
    /// What still ran, if anything did, was given up.
    Cancelled {
        running: bool,
    },
}

impl Stay {
    /// Pauses; who is leaving starts nothing more at all. Whether what runs is to halt for it.
    pub(crate) fn pause(&mut self) -> bool {
        *self = match *self {
            Self::Serving => Self::Paused,
            Self::Halting { until, .. } | Self::Ending(until) => Self::Halting { until, paused: true },
            Self::Paused | Self::Cancelled { .. } => return false,
        };
        true
    }

    /// Is paused no longer; whether it was.
    pub(crate) fn go_on(&mut self) -> bool {
        let was_paused = *self == Self::Paused;
        if was_paused {
            *self = Self::Serving;
        }
        was_paused
    }

    /// Leaves, until then at most. Who is leaving already has until the earlier time, and then halts anew: whether what runs is
    /// to halt.
    pub(crate) fn leave(&mut self, until: Timestamp) -> bool {
        let (before, paused) = match *self {
            Self::Serving => (None, false),
            Self::Paused => (None, true),
            Self::Halting { until, paused } => (Some(until), paused),
            Self::Ending(until) => (Some(until), false),
            Self::Cancelled { .. } => return false,
        };
        let halts = before.is_none_or(|before| until < before);
        if halts {
            *self = Self::Halting { until, paused };
        }
        halts
    }

    /// Gives up what is `running`; whether that is news.
    pub(crate) fn cancel(&mut self, running: bool) -> bool {
        let is_news = !self.is_cancelled();
        if is_news {
            *self = Self::Cancelled { running };
        }
        is_news
    }

    /// Whether it is not on its way out.
    pub(crate) fn is_staying(self) -> bool {
        matches!(self, Self::Serving | Self::Paused)
    }

    /// Whether something may start.
    pub(crate) fn starts(self) -> bool {
        matches!(self, Self::Serving | Self::Ending(_))
    }

    pub(crate) fn is_cancelled(self) -> bool {
        matches!(self, Self::Cancelled { .. })
    }

    /// Whether something that ran was given up.
    pub(crate) fn gave_up(self) -> bool {
        self == Self::Cancelled { running: true }
    }
}
