//! What a partition asks of its consumer: records while it has room for them, and the position once nothing is left.

use crate::clock::Timestamp;
use crate::sabotage::{Rule, broken};

/// What was asked for, and what is known of the answers.
#[derive(Debug)]
pub(crate) struct Reading {
    /// The timestamp of the record that was read last.
    newest: Timestamp,
    readable: bool,
    /// Records were asked for and have not come: they lie before the consumer's position.
    taking: bool,
    position: Position,
}

/// Whether the consumer's position has to be asked for: once after each fetch, when everything has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Position {
    Unasked,
    Asked,
}

impl Reading {
    /// Nothing was read yet, and there may be something.
    pub(crate) fn begin() -> Self {
        Self { newest: Timestamp::from_millis(i64::MIN), readable: true, taking: false, position: Position::Unasked }
    }

    /// There is something to take.
    pub(crate) fn readable(&mut self) {
        self.readable = true;
        self.position = Position::Unasked;
    }

    /// Records have come that were asked for; `drained` if nothing is left behind them.
    pub(crate) fn came(&mut self, drained: bool) {
        self.readable = !drained;
        self.taking = false;
        self.position = Position::Unasked;
    }

    /// A record was read that was written then.
    pub(crate) fn saw(&mut self, time: Timestamp) {
        self.newest = time;
    }

    /// Whether records are to be asked for.
    pub(crate) fn wants_records(&self) -> bool {
        self.readable && !self.taking
    }

    /// They are asked for. Once: the answer says whether there is more.
    pub(crate) fn takes(&mut self) {
        self.readable = false;
        self.taking = true;
    }

    /// Whether the position is to be asked for, now that nothing is held; it then is.
    pub(crate) fn asks_position(&mut self) -> bool {
        let asks = !self.readable && !self.taking && self.position == Position::Unasked;
        if asks {
            self.position = Position::Asked;
        }
        asks && !broken(Rule::TrailingGap)
    }

    /// Whether all that lies before the consumer's position has come.
    pub(crate) fn is_complete(&self) -> bool {
        !self.taking
    }

    /// Whether it is known that there is something to take.
    pub(crate) fn is_readable(&self) -> bool {
        self.readable
    }

    /// The timestamp of the record that was read last, if others lie unread behind it.
    pub(crate) fn newest_before_unread(&self) -> Option<Timestamp> {
        (self.readable || self.taking).then_some(self.newest)
    }
}
