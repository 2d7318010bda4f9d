//! R7: never before it is due, and not long after. R8: nothing waits for what waits.

use std::collections::BTreeMap;

use super::facts::{Delivery, Facts, Moment};
use super::order::lane;
use super::room::had_room;
use super::{Rule, Verdict};
use crate::simulation::chain::{SOURCE, is_dead};

/// By how many milliseconds an idle listener may be late.
const LATE: u64 = 5;

pub fn check(facts: &Facts<'_>, verdict: &mut Verdict) {
    let mut busy_until = BTreeMap::new();
    let mut ended_at = BTreeMap::new();
    for delivery in facts.deliveries.iter().filter(|it| !is_dead(&it.at.topic)) {
        early(facts, delivery, verdict);
        let before = ended_at.insert((&delivery.group, &delivery.at), delivery.ended.map(|(at, _)| at.ms));
        let before = before.flatten();
        hasty(facts, delivery, before, verdict);
        sluggish(facts, delivery, before, verdict);
        let lane = lane(facts, delivery);
        let busy: u64 = lane.and_then(|lane| busy_until.get(&lane).copied()).unwrap_or(0);
        late(facts, delivery, busy, verdict);
        if let Some(lane) = lane {
            let ended = delivery.ended.map_or(u64::MAX, |(at, _)| at.ms);
            busy_until.insert(lane, ended.max(busy));
        }
    }
}

fn early(facts: &Facts<'_>, delivery: &Delivery, verdict: &mut Verdict) {
    let Some(read) = facts.could_be_read(delivery) else { return };
    if facts.clock_was_set(delivery.instance) && facts.is_doubtful(delivery, read) {
        return;
    }
    let (due, now) = (facts.due(delivery, read), facts.latest_wall(delivery.instance, delivery.begun));
    if let Some(due) = due.filter(|due| *due > now) {
        verdict.add(Rule::R7, delivery.id, Some(&delivery.at), format!("begins {} ms too early", due - now));
    }
}

/// Between two tries in place lies a pause.
fn hasty(facts: &Facts<'_>, delivery: &Delivery, before: Option<u64>, verdict: &mut Verdict) {
    let pause = facts.team(&delivery.group).map_or(0, |team| team.shape.pause);
    let pause = if delivery.in_place > 1 && !facts.clock_was_set(delivery.instance) { pause } else { 0 };
    if before.is_some_and(|ended| delivery.begun.ms < ended + pause) {
        verdict.add(Rule::R7, delivery.id, Some(&delivery.at), "is tried again without a pause");
    }
}

/// However clocks are set, a pause in place is not prolonged, but by what of it had passed: nobody looks at a clock meanwhile.
fn sluggish(facts: &Facts<'_>, delivery: &Delivery, before: Option<u64>, verdict: &mut Verdict) {
    let Some((team, ended)) = facts.team(&delivery.group).zip(before) else { return };
    let limited = team.concurrency.or(team.limits.map(|_| 0)).is_some() || facts.was_paused(delivery.instance);
    if limited || team.shape.pause == 0 || delivery.in_place == 1 || facts.is_on_its_way_out(delivery) {
        return;
    }
    let late = delivery.begun.ms.saturating_sub(ended + team.shape.pause);
    if late > if facts.clock_was_set(delivery.instance) { team.shape.pause } else { LATE } {
        verdict.add(Rule::R7, delivery.id, Some(&delivery.at), format!("is tried again {late} ms late"));
    }
}

fn late(facts: &Facts<'_>, delivery: &Delivery, busy: u64, verdict: &mut Verdict) {
    let limited = facts.team(&delivery.group).is_none_or(|team| team.concurrency.is_some());
    let Some(readable) = facts.could_be_read(delivery) else { return };
    if limited || delivery.in_place > 1 || facts.clock_was_set(delivery.instance) || facts.was_paused(delivery.instance)
    {
        return;
    }
    let after_outages = |mut ready: u64| {
        for (from, until) in &facts.outages {
            if (*from..=*until).contains(&ready) || (ready..=delivery.begun.ms).contains(from) {
                ready = ready.max(*until);
            }
        }
        ready
    };
    // Only a source topic's records wait for others, from when they are read.
    let wait = facts.team(&delivery.group).filter(|_| &*delivery.at.topic == SOURCE).map_or(0, |team| team.shape.wait);
    let due = facts.due(delivery, Moment { ms: after_outages(readable.ms), ..readable });
    let due = due.map_or(0, |due| facts.steady(delivery.instance, due));
    let read = after_outages(readable.ms.max(due)) + wait;
    let ready = after_outages(read.max(busy));
    let late = delivery.begun.ms.saturating_sub(ready);
    // Where there was no room before, there was at the last.
    let last = delivery.begun.ms.saturating_sub(LATE + 1);
    let had_room = || [ready, last].iter().any(|it| after_outages(*it) == *it && had_room(facts, delivery, *it));
    if late > LATE && !facts.is_on_its_way_out(delivery) && had_room() {
        let rule = if due == ready { Rule::R7 } else { Rule::R8 };
        verdict.add(rule, delivery.id, Some(&delivery.at), format!("begins {late} ms late"));
    }
}
