//! Rebalances that wait for an answer, in the order in which they came. Pure: who answers is the consumer.
//!
//! The group goes on only when each is answered, and librdkafka may send the next before the first is: a revoke while
//! an assignment still looks for where to begin.

use std::collections::VecDeque;

use crate::clock::Timestamp;
use crate::record::TopicPartition;

/// One rebalance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Rebalance {
    /// These come to us, when it is known where they begin; not before the time given.
    Assign { places: Vec<TopicPartition>, not_before: Option<Timestamp> },
    /// These leave us, when all of them were let go of.
    Revoke { places: Vec<TopicPartition> },
}

/// Those that wait.
#[derive(Debug, Default)]
pub(super) struct Rebalances(VecDeque<Rebalance>);

impl Rebalances {
    /// Partitions are to be assigned.
    pub(super) fn assign(&mut self, places: Vec<TopicPartition>) {
        self.0.push_back(Rebalance::Assign { places, not_before: None });
    }

    /// Partitions are to be taken away. What was never assigned after all disappears from both.
    pub(super) fn revoke(&mut self, mut places: Vec<TopicPartition>) {
        for waiting in &mut self.0 {
            if let Rebalance::Assign { places: coming, .. } = waiting {
                let (both, rest) = std::mem::take(coming).into_iter().partition(|place| places.contains(place));
                *coming = rest;
                let both: Vec<TopicPartition> = both;
                places.retain(|place| !both.contains(place));
            }
        }
        self.0.push_back(Rebalance::Revoke { places });
    }

    /// Nothing is wanted any more: assignments are answered with nothing.
    pub(super) fn want_nothing(&mut self) {
        for waiting in &mut self.0 {
            if let Rebalance::Assign { places, not_before } = waiting {
                places.clear();
                *not_before = None;
            }
        }
    }

    /// The one to be answered next.
    pub(super) fn first(&self) -> Option<&Rebalance> {
        self.0.front()
    }

    /// It was answered.
    pub(super) fn answered(&mut self) {
        self.0.pop_front();
    }

    /// It cannot be answered before `time`.
    pub(super) fn postpone(&mut self, time: Timestamp) {
        if let Some(Rebalance::Assign { not_before, .. }) = self.0.front_mut() {
            *not_before = Some(time);
        }
    }

    /// When the first wants to be tried again.
    pub(super) fn wake_at(&self) -> Option<Timestamp> {
        match self.0.front()? {
            Rebalance::Assign { not_before, .. } => *not_before,
            Rebalance::Revoke { .. } => None,
        }
    }

    /// Whether none waits.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::TopicName;

    fn places(partitions: &[i32]) -> Vec<TopicPartition> {
        let topic = TopicName::new("t").unwrap();
        partitions.iter().map(|&partition| TopicPartition { topic: topic.clone(), partition }).collect()
    }

    #[test]
    fn they_are_answered_in_order() {
        let mut rebalances = Rebalances::default();
        rebalances.revoke(places(&[1]));
        rebalances.assign(places(&[2]));
        assert_eq!(rebalances.first(), Some(&Rebalance::Revoke { places: places(&[1]) }));
        rebalances.answered();
        assert_eq!(rebalances.first(), Some(&Rebalance::Assign { places: places(&[2]), not_before: None }));
        rebalances.answered();
        assert!(rebalances.is_empty());
    }

    #[test]
    fn what_is_revoked_before_it_was_assigned_disappears_from_both() {
        let mut rebalances = Rebalances::default();
        rebalances.assign(places(&[1, 2]));
        rebalances.revoke(places(&[2, 3]));
        assert_eq!(rebalances.first(), Some(&Rebalance::Assign { places: places(&[1]), not_before: None }));
        rebalances.answered();
        assert_eq!(rebalances.first(), Some(&Rebalance::Revoke { places: places(&[3]) }));
    }

    #[test]
    fn who_leaves_waits_for_no_beginning() {
        let mut rebalances = Rebalances::default();
        rebalances.assign(places(&[1]));
        rebalances.postpone(Timestamp::from_millis(5));
        assert_eq!(rebalances.wake_at(), Some(Timestamp::from_millis(5)));
        rebalances.want_nothing();
        assert_eq!(rebalances.first(), Some(&Rebalance::Assign { places: Vec::new(), not_before: None }));
    }
}
