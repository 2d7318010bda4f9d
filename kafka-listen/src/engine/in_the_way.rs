//! Waiting records that keep a window shut for long, while all behind them has ended.
//!
//! What may be uncommitted is bounded, finished records behind a waiting one included. So one long wait (a jitter, a
//! `RetryAfter`) would keep a busy retry topic from being read. Such records are written once more, at the end of their topic.

use std::time::Duration;

use super::flow::Limits;
use super::offsets::Offsets;
use super::timers::Timers;
use crate::clock::Timestamp;

/// A shorter wait is sat out.
const LONG: Duration = Duration::from_secs(1);

/// The records to be written again, so that at least half of a window that is full can be committed; none, if something
/// else is in the way too.
///
/// At least half of the window must have ended: so never more is written again than was handled before, and never in a
/// circle. And the wait must be longer than what lies unread in the topic is old: it takes about so long until the copy is
/// read, and it must not be late.
pub(crate) fn in_the_way(
    offsets: &Offsets,
    waiting: &Timers,
    limits: &Limits,
    newest: Timestamp,
    now: Timestamp,
) -> Vec<u64> {
    let window = offsets.window();
    if !limits.is_full(window) || offsets.unfinished() * 2 > window {
        return Vec::new();
    }
    let until = now.after(LONG).after(now.since(newest));
    let is_long = |number| waiting.movable(number).is_some_and(|due| due > until);
    let first: Option<Vec<_>> =
        offsets.unfinished_within(window.div_ceil(2)).map(|number| is_long(number).then_some(number)).collect();
    first.unwrap_or_default()
}
