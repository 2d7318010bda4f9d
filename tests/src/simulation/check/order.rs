//! R9: of one lane one at a time, or one batch, in the order of offsets; in a retry topic by due time.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;

use super::facts::{Delivery, Facts, Moment};
use super::{Rule, Verdict};
use crate::simulation::chain::{SOURCE, is_dead};
use crate::simulation::history::Ending;
use crate::simulation::shapes::Order;

/// A group's partition, and its part that runs in order.
pub type Lane<'f> = (&'f Arc<str>, &'f Arc<str>, i32, Option<&'f Bytes>);

/// The lane of a delivery; `None` where it has none to share.
pub fn lane<'f>(facts: &'f Facts<'_>, delivery: &'f Delivery) -> Option<Lane<'f>> {
    let (group, topic, partition) = (&delivery.group, &delivery.at.topic, delivery.at.partition);
    match facts.team(group)?.shape.order {
        Order::None => None,
        Order::Partition => Some((group, topic, partition, None)),
        Order::Key => Some((group, topic, partition, Some(facts.records.get(&delivery.at)?.stored.key.as_ref()?))),
    }
}

pub fn check(facts: &Facts<'_>, verdict: &mut Verdict) {
    let mut last = BTreeMap::<Lane<'_>, &Delivery>::new();
    for delivery in &facts.deliveries {
        let Some(lane) = lane(facts, delivery) else { continue };
        let Some(before) = last.insert(lane, delivery) else { continue };
        if before.batch != delivery.batch && !is_over(facts, before, delivery.begun) {
            verdict.add(
                Rule::R9,
                delivery.id,
                Some(&delivery.at),
                format!("begins while {} of its lane runs", before.at),
            );
        }
        if delivery.in_place == 1 && overtakes(facts, before, delivery) {
            verdict.add(Rule::R9, delivery.id, Some(&delivery.at), format!("begins behind {} of its lane", before.at));
        }
    }
}

/// Whether a delivery had ended by then. What was taken away by force ends when its instance hears of it, at the same time.
fn is_over(facts: &Facts<'_>, delivery: &Delivery, by: Moment) -> bool {
    let killed = facts.killed.get(&delivery.instance).is_some_and(|killed| killed.line < by.line);
    killed
        || delivery
            .ended
            .is_some_and(|(ended, ending)| ended.line < by.line || ending == Ending::Cancelled && ended.ms == by.ms)
}

/// Whether `late` should have begun before `early` did.
fn overtakes(facts: &Facts<'_>, early: &Delivery, late: &Delivery) -> bool {
    let same_stay = || Some(facts.assignment(early)?.0 == facts.assignment(late)?.0);
    if early.at == late.at || early.instance != late.instance || same_stay() != Some(true) {
        return false;
    }
    if &*early.at.topic == SOURCE || is_dead(&early.at.topic) {
        return late.at.offset < early.at.offset;
    }
    let is_bounded = facts.team(&early.group).is_some_and(|team| team.limits.is_some());
    if facts.clock_was_set(early.instance)
        || !facts.outages.is_empty()
        || facts.was_paused(early.instance)
        || is_bounded
    {
        // What was due, and read, when is another question then.
        return false;
    }
    let (Some(first), Some(second)) = (facts.records.get(&early.at), facts.records.get(&late.at)) else { return false };
    let due = |delivery| facts.due(delivery, facts.could_be_read(delivery)?);
    let [due_first, due_second] = [early, late].map(|delivery| due(delivery).unwrap_or(0));
    let queued = facts.steady(early.instance, due_first).max(first.appended.ms);
    let was_there = second.appended.ms < queued;
    was_there && (due_second, late.at.offset) < (due_first, early.at.offset)
}
