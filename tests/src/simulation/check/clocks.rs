//! What clocks said when, and who was on the way out: questions about time that several checks ask.

use super::facts::{Delivery, Facts, Moment, Read};
use crate::simulation::chain::SOURCE;
use crate::simulation::history::{Ending, Fault, What};
use crate::simulation::world::EPOCH;

impl Facts<'_> {
    /// What instances' clocks said at this moment.
    pub fn wall(&self, at: Moment) -> i64 {
        let stepped: i64 = self.steps.iter().filter(|(line, ..)| *line < at.line).map(|(.., millis)| millis).sum();
        EPOCH + i64::try_from(at.ms).unwrap_or(i64::MAX) + stepped
    }

    /// The latest that instances' clocks said up to this moment: a clock that is set back does not undo what was due.
    pub fn latest_wall(&self, at: Moment) -> i64 {
        let mut stepped = 0;
        let mut latest = self.wall(at);
        for (_, ms, millis) in self.steps.iter().filter(|(line, ..)| *line < at.line) {
            latest = latest.max(EPOCH + i64::try_from(*ms).unwrap_or(i64::MAX) + stepped);
            stepped += millis;
        }
        latest
    }

    /// The time of the run at which an unset clock says this.
    pub fn steady(&self, wall: i64) -> u64 {
        u64::try_from(wall - EPOCH).unwrap_or(0)
    }

    /// Whether no more retry may follow this delivery's failure: the `timeout` of its listener had passed since the first
    /// timestamp of its record.
    pub fn is_over(&self, delivery: &Delivery) -> bool {
        let timeout = self.team(&delivery.group).and_then(|team| team.timeout);
        let first = self.records.get(&delivery.at).and_then(|lying| {
            let told = lying.stored.trail.first.filter(|_| &*delivery.at.topic != SOURCE);
            told.or(lying.stored.time)
        });
        let (Some(timeout), Some(first), Some(failed)) = (timeout, first, delivery.failed()) else { return false };
        self.wall(failed) - first >= i64::try_from(timeout).unwrap_or(i64::MAX)
    }

    /// Whether somebody set the clock.
    pub fn clock_was_set(&self) -> bool {
        !self.steps.is_empty()
    }

    /// Whether this delivery's partition was about to leave its instance: then only what is in the way of others still begins.
    pub fn is_on_its_way_out(&self, delivery: &Delivery) -> bool {
        const REVOKED: u64 = 2_500;
        let of = (delivery.group.clone(), delivery.at.topic.clone(), delivery.at.partition);
        let later = self.reads.get(&of).into_iter().flat_map(|reading| &reading.assigned);
        let mut later = later.filter(|(at, _)| at.line > delivery.begun.line);
        let stops = self.stopping.get(&delivery.instance).is_some_and(|at| at.line < delivery.begun.line);
        stops || later.any(|(at, _)| at.ms <= delivery.begun.ms + REVOKED)
    }

    /// Whether somebody came, went, or let go of something at about this time, so that partitions began to leave.
    pub fn somebody_came_or_went(&self, ms: u64) -> bool {
        let begin = self.history.partition_point(|entry| entry.ms + 5 < ms);
        let then = self.history[begin..].iter().take_while(|entry| entry.ms <= ms + 5);
        let mut moves = then.map(|entry| &entry.what);
        moves.any(|what| {
            matches!(
                what,
                What::Started { .. }
                    | What::Stopping { .. }
                    | What::Stopped { .. }
                    | What::Assigned { .. }
                    | What::Fault(Fault::Grown)
            )
        })
    }

    /// Whether a delivery of this partition was cut off.
    pub fn was_cut_off(&self, of: &Read) -> bool {
        let is_there = |it: &&Delivery| it.group == of.0 && it.at.partition() == (of.1.clone(), of.2);
        let mut there = self.deliveries.iter().filter(is_there);
        there.any(|it| it.ended.is_some_and(|(_, ending)| ending == Ending::Cancelled))
    }
}
