//! Records that were written once more, and which acknowledged copy is whose.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::facts::{Answer, Facts};
use crate::simulation::history::Place;

/// The run up to some line of the history.
#[derive(Default)]
pub struct Twins {
    /// Copies whose writers were told of them, and who these are.
    answered: BTreeMap<Place, usize>,
    /// The records whose ends they count for.
    taken: BTreeMap<Place, Place>,
}

impl Twins {
    /// A writer was told of its copy.
    pub fn answered(&mut self, answer: &Answer<'_>) {
        self.answered.extend(answer.result.ok().map(|at| (at.clone(), answer.by)));
    }

    /// Whether this group wrote the record here once more, behind the others: it then has a copy that counts for no other. Where a
    /// record names no group several may do so, and what one of them wrote says nothing of the others.
    pub fn has_one(&mut self, facts: &Facts<'_>, group: &Arc<str>, at: &Place) -> bool {
        facts.moved.contains_key(at) && self.takes(facts, group, at, &mut BTreeSet::new())
    }

    /// Copies of copies are the same to the byte: whoever took one that another needs takes one of those that are left.
    fn takes(&mut self, facts: &Facts<'_>, group: &Arc<str>, at: &Place, asked: &mut BTreeSet<Place>) -> bool {
        let of = (group.clone(), at.topic.clone(), at.partition);
        for (copy, it) in facts.between(&of, at.offset + 1, i64::MAX) {
            let by = self.answered.get(copy).filter(|by| facts.groups.get(by) == Some(&&**group));
            if !by.is_some_and(|by| facts.is_again(at, it.stored, *by)) || !asked.insert(copy.clone()) {
                continue;
            }
            let before = self.taken.get(copy).cloned();
            if before.is_none_or(|before| self.takes(facts, group, &before, asked)) {
                self.taken.insert(copy.clone(), at.clone());
                return true;
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Rule, Verdict, commits};
    use super::*;
    use crate::simulation::headers::Trail;
    use crate::simulation::history::{Entry, Stored, What};
    use crate::simulation::plan::Plan;
    use crate::simulation::team::Team;
    use crate::simulation::world::EPOCH;

    /// Instance 0 is of `shop`, instance 1 of `audit`.
    fn plan() -> Plan {
        let plan = Plan::of(0);
        let team = |group: &str| Team { group: group.to_owned(), ..plan.teams[0].clone() };
        Plan { teams: vec![team("shop"), team("audit")], ..plan }
    }

    fn place(offset: i64) -> Place {
        Place { topic: "orders-retry".into(), partition: 0, offset }
    }

    /// A record that names no group.
    fn record(due: i64) -> Box<Stored> {
        let trail = Trail { due: Some(due), ..Trail::read(&[]) };
        Box::new(Stored { id: Some(0), key: None, value: None, headers: Vec::new(), trail, time: None })
    }

    fn appended(offset: i64, due: i64) -> What {
        What::Appended { at: place(offset), record: record(due) }
    }

    /// An instance writes a record once more: that it does, the copy, and the acknowledgement.
    fn moved(instance: usize, from: i64, to: i64, due: i64) -> [What; 3] {
        let answer = Ok(place(to));
        let answer = What::Answered { instance, topic: "orders-retry".into(), record: record(due), answer };
        [What::MovedBack { instance, at: place(from) }, appended(to, due), answer]
    }

    /// Who commits past a record that has not ended, if both commit up to here a second after what lay there first.
    fn wrong(upto: i64, first: impl IntoIterator<Item = What>, then: impl IntoIterator<Item = What>) -> Vec<String> {
        let start = |instance| What::Started { instance, team: instance, version: 0, ahead: 0 };
        let commit = |group: &str| What::Committed { group: group.into(), upto: place(upto) };
        let first = [start(0), start(1)].into_iter().chain(first).map(|what| Entry { ms: 0, what });
        let then = then.into_iter().chain([commit("shop-retry"), commit("audit-retry")]);
        let history: Vec<_> = first.chain(then.map(|what| Entry { ms: 1_000, what })).collect();
        let (plan, mut verdict) = (plan(), Verdict::default());
        commits::check(&Facts::of(&plan, &history), &mut verdict);
        assert!(verdict.0.iter().all(|it| it.rule == Rule::R2), "{:?}", verdict.0);
        verdict.0.iter().map(|it| format!("{} @{}", it.what, it.at.as_ref().unwrap().offset)).collect()
    }

    #[test]
    fn each_group_that_moves_a_record_needs_a_copy_of_its_own() {
        let lies = || [appended(0, EPOCH)];
        let (shop, audit) = (moved(0, 0, 1, EPOCH), moved(1, 0, 2, EPOCH));
        assert_eq!(wrong(1, lies(), [shop.clone(), audit.clone()].concat()), [""; 0]);
        let past = |group: &str| vec![format!("{group}-retry commits 1 past a record that has not ended @0")];
        assert_eq!(wrong(1, lies(), shop.clone()), past("audit"));
        assert_eq!(wrong(1, lies(), audit.clone()), past("shop"));
        let unanswered = [&shop[..], &audit[..2]].concat();
        assert_eq!(wrong(1, lies(), unanswered), past("audit"), "its copy may not be there");
    }

    #[test]
    fn copies_that_are_moved_too_need_others() {
        let moves = [(0, 0, 1), (1, 0, 2), (0, 1, 3), (0, 2, 4), (1, 1, 5), (1, 2, 6)];
        let moves = moves.map(|(instance, from, to)| moved(instance, from, to, EPOCH));
        assert_eq!(wrong(3, [appended(0, EPOCH)], moves.concat()), [""; 0]);
        for missing in 0..moves.len() {
            let mut rest = moves.to_vec();
            rest[missing][2] = What::Back;
            assert_eq!(wrong(3, [appended(0, EPOCH)], rest.concat()).len(), 1, "nobody acknowledged copy {missing}");
        }
    }

    #[test]
    fn who_took_what_another_needs_takes_what_is_left() {
        // The first one is due beyond belief, so its copy is due when it could be believed, then or now.
        let (then, now) = (EPOCH + 3_660_000, EPOCH + 3_661_000);
        let lies = || [appended(0, i64::MAX), appended(1, then)];
        let shop = [moved(0, 1, 2, then), moved(0, 0, 3, now)].concat();
        let audit = [moved(1, 1, 4, then), moved(1, 0, 5, now)].concat();
        assert_eq!(wrong(2, lies(), [shop.clone(), audit.clone()].concat()), [""; 0]);
        assert_eq!(wrong(2, lies(), [&shop[3..], &shop[..1], &audit].concat()).len(), 1, "the copy of one is missing");
    }
}
