//! R9: what will be tried again in place comes before all that is behind it in its lane.

use std::collections::BTreeMap;

use super::facts::{Delivery, Facts};
use super::order::{Lane, lane};
use super::{Rule, Verdict};
use crate::simulation::chain::is_dead;

pub fn check(facts: &Facts<'_>, verdict: &mut Verdict) {
    let mut lanes = BTreeMap::<(Lane<'_>, Stay), Held<'_>>::new();
    for delivery in &facts.deliveries {
        let Some((lane, (assignment, ..))) = lane(facts, delivery).zip(facts.assignment(delivery)) else { continue };
        let held = lanes.entry((lane, (assignment, delivery.instance))).or_default();
        let first = held.first(delivery).filter(|first| first.at != delivery.at);
        if let Some(first) = first.filter(|first| !is_given_back(facts, first, delivery)) {
            let what = format!("begins before {} of its lane is tried again in place", first.at);
            verdict.add(Rule::R9, delivery.id, Some(&delivery.at), what);
        }
        held.begins(facts, delivery);
    }
}

/// A partition's assignment, and who has it: whoever reads it next begins anew.
type Stay = (usize, usize);

/// The records of a lane of which another try in place must come, in their order.
#[derive(Default)]
struct Held<'f>(Vec<&'f Delivery>);

impl<'f> Held<'f> {
    /// Whose turn it is when `next` begins, if somebody has failed by then.
    fn first(&self, next: &Delivery) -> Option<&'f Delivery> {
        self.0.iter().copied().find(|it| it.failed().is_some_and(|failed| failed.line < next.begun.line))
    }

    /// A record that is tried again keeps its place, also among the others of its batch.
    fn begins(&mut self, facts: &Facts<'_>, delivery: &'f Delivery) {
        let place = self.0.iter().position(|before| before.at == delivery.at);
        match (place, is_tried_again(facts, delivery)) {
            (Some(place), true) => self.0[place] = delivery,
            (Some(place), false) => drop(self.0.remove(place)),
            (None, true) => self.0.push(delivery),
            (None, false) => {}
        }
    }
}

/// Whether the record is left to whoever reads the partition next: what leaves begins nothing but what is in front of records that have
/// ended, and in a retry topic the next of a lane may lie in front of the one before it.
fn is_given_back(facts: &Facts<'_>, first: &Delivery, next: &Delivery) -> bool {
    next.at.offset < first.at.offset && facts.is_on_its_way_out(next)
}

/// Whether a delivery fails, and its listener promises another try in place.
fn is_tried_again(facts: &Facts<'_>, delivery: &Delivery) -> bool {
    let Some(team) = facts.team(&delivery.group).filter(|_| delivery.failed().is_some()) else { return false };
    if is_dead(&delivery.at.topic) {
        return !team.shape.skips;
    }
    let tries = facts.draft(delivery.id).map_or(team.shape.tries, |draft| team.tries(draft.fate));
    delivery.in_place < tries && !facts.is_over(delivery)
}
