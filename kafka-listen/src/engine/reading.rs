//! What a partition asks of its consumer: records while it has room for them, and the position once nothing is left.

use std::collections::VecDeque;

use crate::clock::Timestamp;
use crate::sabotage::{Rule, broken};

/// What was asked for, and what is known of the answers.
#[derive(Debug)]
pub(crate) struct Reading {
    /// The timestamps of the records of a retry topic that were read last.
    last: VecDeque<Timestamp>,
    readable: bool,
    /// Records were asked for and have not come: they lie before the consumer's position.
    taking: bool,
    /// It was told that nothing is asked for for a while.
    rests: bool,
    position: Position,
}

/// Whether the consumer's position has to be asked for: once after each fetch, when everything has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Position {
    Unasked,
    Asked,
}

impl Reading {
    /// So many records are asked when they were written: to mislead, half of them would have to lie.
    const LAST: usize = 15;

    /// Nothing was read yet, and there may be something.
    pub(crate) fn begin() -> Self {
        Self { last: VecDeque::new(), readable: true, taking: false, rests: false, position: Position::Unasked }
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

    /// A record of a retry topic was read that says that it was written then.
    pub(crate) fn saw(&mut self, time: Timestamp) {
        if self.last.len() == Self::LAST {
            self.last.pop_front();
        }
        self.last.push_back(time);
    }

    /// Whether records are to be asked for.
    pub(crate) fn wants_records(&self) -> bool {
        self.readable && !self.taking
    }

    /// They are asked for. Once: the answer says whether there is more.
    pub(crate) fn takes(&mut self) {
        self.readable = false;
        self.taking = true;
        self.rests = false;
    }

    /// Nothing is asked for for a while; whether that is to be told.
    pub(crate) fn rests(&mut self) -> bool {
        !std::mem::replace(&mut self.rests, true)
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

    /// Since when others were written that lie unread, if any do. That is what most of those say that were read last: a timestamp is
    /// its writer's, and may be forged or a wrong clock's.
    pub(crate) fn unread_since(&self) -> Option<Timestamp> {
        let mut last: Vec<_> = self.last.iter().copied().filter(|_| self.readable || self.taking).collect();
        last.sort_unstable();
        last.get(last.len() / 2).copied()
    }
}
