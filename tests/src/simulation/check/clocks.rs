//! What clocks said when, and who was on the way out: questions about time that several checks ask.

use std::ops::RangeInclusive;

use super::facts::{Delivery, Facts, Moment, Read};
use crate::simulation::chain::SOURCE;
use crate::simulation::fault::Fault;
use crate::simulation::history::{Ending, What};
use crate::simulation::world::EPOCH;

impl Facts<'_> {
    /// What an instance's clock said at this moment.
    pub fn wall(&self, instance: usize, at: Moment) -> i64 {
        let stepped: i64 = self.steps_of(instance, at).map(|(_, millis)| millis).sum();
        self.unset(instance, at) + stepped
    }

    /// The latest that an instance's clock said up to this moment: that it is set back does not undo what was due.
    pub fn latest_wall(&self, instance: usize, at: Moment) -> i64 {
        let mut stepped = 0;
        let mut latest = self.wall(instance, at);
        for (set, millis) in self.steps_of(instance, at) {
            latest = latest.max(self.unset(instance, set) + stepped);
            stepped += millis;
        }
        latest
    }

    /// The time of the run at which an instance's clock says this that nobody set.
    pub fn steady(&self, instance: usize, wall: i64) -> u64 {
        u64::try_from(wall - EPOCH - self.ahead_of(instance)).unwrap_or(0)
    }

    /// The latest due time that an instance believes at this moment: an hour ahead, longer than any delay here, and a minute for
    /// clocks that differ.
    pub fn believable(&self, instance: usize, at: Moment) -> i64 {
        self.wall(instance, at).saturating_add(61 * 60 * 1000)
    }

    /// When a delivery of a retry topic is due whose record was read then: when its header says, as far as that is believed.
    pub fn due(&self, delivery: &Delivery, read: Moment) -> Option<i64> {
        Some(self.told_due(delivery)?.min(self.believable(delivery.instance, read)))
    }

    /// Whether it depends on the clock if a delivery's header is believed, whose record was read then: what is half an hour ahead no
    /// chain here has written, and no clock is set by so much.
    pub fn is_doubtful(&self, delivery: &Delivery, read: Moment) -> bool {
        self.told_due(delivery)
            .is_some_and(|told| told > self.wall(delivery.instance, read).saturating_add(30 * 60 * 1000))
    }

    fn told_due(&self, delivery: &Delivery) -> Option<i64> {
        self.records.get(&delivery.at).filter(|_| &*delivery.at.topic != SOURCE)?.stored.trail.due
    }

    /// When a delivery's record could be read at the earliest.
    pub fn could_be_read(&self, delivery: &Delivery) -> Option<Moment> {
        Some(self.records.get(&delivery.at)?.appended.max(self.assignment(delivery)?.1))
    }

    fn unset(&self, instance: usize, at: Moment) -> i64 {
        EPOCH + self.ahead_of(instance) + i64::try_from(at.ms).unwrap_or(i64::MAX)
    }

    fn ahead_of(&self, instance: usize) -> i64 {
        self.ahead.get(&instance).copied().unwrap_or(0)
    }

    fn steps_of(&self, instance: usize, until: Moment) -> impl Iterator<Item = (Moment, i64)> {
        let steps = self.steps.iter().filter(move |(of, at, _)| *of == instance && at.line <= until.line);
        steps.map(|(_, at, millis)| (*at, *millis))
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
        self.wall(delivery.instance, failed) - first >= i64::try_from(timeout).unwrap_or(i64::MAX)
    }

    /// Whether somebody set the clock of an instance.
    pub fn clock_was_set(&self, instance: usize) -> bool {
        self.steps.iter().any(|(of, ..)| *of == instance)
    }

    /// Whether an instance's listener was paused at any time.
    pub fn was_paused(&self, instance: usize) -> bool {
        self.pauses.iter().any(|(of, ..)| *of == instance)
    }

    /// Whether this delivery's partition was about to leave its instance: then only what is in the way of others still begins.
    pub fn is_on_its_way_out(&self, delivery: &Delivery) -> bool {
        const REVOKED: u64 = 4_000;
        let of = (delivery.group.clone(), delivery.at.topic.clone(), delivery.at.partition);
        let later = self.reads.get(&of).into_iter().flat_map(|reading| &reading.assigned);
        let mut later = later.filter(|(at, _)| at.line > delivery.begun.line);
        let stops = self.stopping.get(&delivery.instance).is_some_and(|at| at.line < delivery.begun.line);
        // Who dies on the way out lets go of nothing: the next one gets it when the group has noticed.
        let begun = delivery.begun.ms;
        let dies = self.killed.get(&delivery.instance).is_some_and(|at| at.ms <= begun + REVOKED)
            && self.somebody_came_or_went(begun.saturating_sub(REVOKED)..=begun);
        stops || dies || later.any(|(at, _)| at.ms <= begun + REVOKED)
    }

    /// Whether somebody came, went, or let go of something at about these times, so that partitions began to leave.
    pub fn somebody_came_or_went(&self, then: RangeInclusive<u64>) -> bool {
        let begin = self.history.partition_point(|entry| entry.ms + 5 < *then.start());
        let then = self.history[begin..].iter().take_while(|entry| entry.ms <= *then.end() + 5);
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
