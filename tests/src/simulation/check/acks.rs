//! When the deliveries of a manual listener ended: an ack that comes after its time is up, or when its partition is somebody
//! else's, changes nothing.

use super::facts::{Delivery, Facts, Moment};
use crate::simulation::chain::is_dead;
use crate::simulation::history::Ending;

impl Facts<'_> {
    /// Sets right what handlers wrote down when they used their acks.
    pub(super) fn settle_acks(&mut self) {
        let manual = |it: &Delivery| !is_dead(&it.at.topic) && self.team(&it.group).is_some_and(|it| it.shape.acks);
        let settled: Vec<_> =
            self.deliveries.iter().map(|it| if manual(it) { self.settled(it) } else { it.ended }).collect();
        self.deliveries.iter_mut().zip(settled).for_each(|(delivery, ended)| delivery.ended = ended);
    }

    fn settled(&self, delivery: &Delivery) -> Option<(Moment, Ending)> {
        let too_late = self.time_is_up(delivery).map(|at| (at, Ending::Failed));
        let taken_away = self.taken_away(delivery).map(|at| (at, Ending::Cancelled));
        [delivery.ended, too_late, taken_away].into_iter().flatten().min_by_key(|(at, _)| at.line)
    }

    /// When the time limit of a delivery was over, if it ran for so long.
    fn time_is_up(&self, delivery: &Delivery) -> Option<Moment> {
        let ms = delivery.begun.ms + self.team(&delivery.group)?.shape.timeout?;
        let behind = self.history.partition_point(|entry| entry.ms < ms);
        let ran = delivery.ended.is_none_or(|(ended, _)| ended.ms > ms);
        ran.then_some(Moment { line: behind.saturating_sub(1).max(delivery.begun.line), ms })
    }

    /// When a delivery's partition went to somebody else, or its instance was no more.
    fn taken_away(&self, delivery: &Delivery) -> Option<Moment> {
        let of = (delivery.group.clone(), delivery.at.topic.clone(), delivery.at.partition);
        let assigned = self.reads.get(&of).into_iter().flat_map(|reading| &reading.assigned).map(|(at, _)| *at);
        let ends = [&self.killed, &self.stopped].into_iter().filter_map(|ends| ends.get(&delivery.instance).copied());
        assigned.chain(ends).filter(|at| at.line > delivery.begun.line).min()
    }
}
