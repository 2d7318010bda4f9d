//! The rules of a group, one by one, and then any order of joins, leaves, deaths and releases.

use proptest::prelude::*;
use proptest::sample::Index;

use super::*;

const A: MemberId = MemberId(1);
const B: MemberId = MemberId(2);
const C: MemberId = MemberId(3);

fn topic() -> TopicName {
    TopicName::new("t").unwrap()
}

fn of(partitions: &[i32]) -> Vec<TopicPartition> {
    partitions.iter().map(|&partition| TopicPartition { topic: topic(), partition }).collect()
}

fn counts(partitions: i32) -> PartitionCounts {
    [(topic(), partitions)].into()
}

fn group_of(members: &[MemberId], partitions: i32) -> Group {
    let mut group = Group::default();
    for id in members {
        group.join(*id, [topic()]);
    }
    group.rebalance(&counts(partitions));
    group
}

#[test]
fn the_first_member_gets_everything_at_once() {
    let mut group = Group::default();
    group.join(A, [topic()]);
    assert_eq!(group.rebalance(&counts(3)), [Change::Assigned(A, of(&[0, 1, 2]))]);
    assert_eq!(group.rebalance(&counts(3)), [], "nothing changes where nothing happened");
}

#[test]
fn a_partition_moves_only_after_its_release() {
    let mut group = group_of(&[A], 4);
    group.join(B, [topic()]);
    assert_eq!(group.rebalance(&counts(4)), [Change::Revoked(A, of(&[2, 3]))]);
    assert_eq!(group.rebalance(&counts(4)), [], "asked once");
    group.release(A, &of(&[3]));
    assert_eq!(group.rebalance(&counts(4)), [Change::Assigned(B, of(&[3]))]);
    group.release(A, &of(&[2]));
    assert_eq!(group.rebalance(&counts(4)), [Change::Assigned(B, of(&[2]))]);
}

#[test]
fn a_partition_that_comes_back_is_released_first_too() {
    let mut group = group_of(&[A], 2);
    group.join(B, [topic()]);
    assert_eq!(group.rebalance(&counts(2)), [Change::Revoked(A, of(&[1]))]);
    group.remove(B);
    assert_eq!(group.rebalance(&counts(2)), [], "it is A's again, but A was told to let go");
    group.release(A, &of(&[1]));
    assert_eq!(group.rebalance(&counts(2)), [Change::Assigned(A, of(&[1]))]);
}

#[test]
fn who_leaves_lets_go_first_and_the_others_keep_theirs() {
    let mut group = group_of(&[A, B], 4);
    group.leave(A);
    assert_eq!(group.let_go(), [Change::Revoked(A, of(&[0, 2]))]);
    assert_eq!(group.rebalance(&counts(4)), [], "still A's");
    group.release(A, &of(&[0, 2]));
    assert_eq!(group.let_go(), [Change::Left(A)]);
    assert_eq!(group.rebalance(&counts(4)), [Change::Assigned(B, of(&[0, 2]))]);
    assert!(!group.contains(A));
}

#[test]
fn who_leaves_with_nothing_is_out_at_once() {
    let mut group = group_of(&[A, B], 1);
    group.leave(B);
    assert_eq!(group.let_go(), [Change::Left(B)]);
}

#[test]
fn a_dead_members_partitions_are_free_at_once() {
    let mut group = group_of(&[A, B], 4);
    group.remove(A);
    assert_eq!(group.rebalance(&counts(4)), [Change::Assigned(B, of(&[0, 2]))]);
}

#[test]
fn a_release_of_what_was_not_revoked_gives_nothing_away() {
    let mut group = group_of(&[A], 1);
    group.join(B, [topic()]);
    group.release(A, &of(&[0]));
    assert_eq!(group.rebalance(&counts(1)), []);
}

#[test]
fn added_partitions_are_assigned_and_deleted_ones_revoked() {
    let mut group = group_of(&[A], 1);
    assert_eq!(group.rebalance(&counts(2)), [Change::Assigned(A, of(&[1]))]);
    assert_eq!(group.rebalance(&PartitionCounts::new()), [Change::Revoked(A, of(&[0, 1]))]);
    assert_eq!(group.rebalance(&counts(2)), [], "a topic of the same name waits for the old one's release");
    group.release(A, &of(&[0, 1]));
    assert_eq!(group.rebalance(&counts(2)), [Change::Assigned(A, of(&[0, 1]))]);
}

#[test]
fn nobody_holds_anything_of_a_topic_that_is_gone() {
    let mut group = group_of(&[A], 2);
    group.join(B, [topic()]);
    assert_eq!(group.rebalance(&counts(2)), [Change::Revoked(A, of(&[1]))]);
    group.forget(&topic());
    assert!(group.members().all(|(_, held)| held.is_empty()));
    let anew = [Change::Assigned(A, of(&[0])), Change::Assigned(B, of(&[1]))];
    assert_eq!(group.rebalance(&counts(2)), anew, "a new one of its name waits for nobody");
}

#[test]
fn a_third_member_takes_one_of_each() {
    let mut group = group_of(&[A, B], 6);
    group.join(C, [topic()]);
    assert_eq!(group.rebalance(&counts(6)), [Change::Revoked(A, of(&[4])), Change::Revoked(B, of(&[5]))]);
}

#[derive(Clone, Debug)]
enum Step {
    Join,
    Leave(Index),
    Die(Index),
    Release(Index, usize),
    Grow,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => Just(Step::Join),
        2 => any::<Index>().prop_map(Step::Leave),
        2 => any::<Index>().prop_map(Step::Die),
        6 => (any::<Index>(), 1..5_usize).prop_map(|(who, many)| Step::Release(who, many)),
        1 => Just(Step::Grow),
    ]
}

/// What the members themselves believe, by nothing but the changes they were told.
#[derive(Default)]
struct Believed {
    owned: BTreeMap<MemberId, BTreeSet<TopicPartition>>,
    revoking: BTreeMap<MemberId, BTreeSet<TopicPartition>>,
}

impl Believed {
    fn hold(&self, of: &TopicPartition) -> usize {
        self.owned.values().chain(self.revoking.values()).filter(|held| held.contains(of)).count()
    }

    fn told(&mut self, changes: Vec<Change>) {
        for change in changes {
            match change {
                Change::Assigned(id, partitions) => {
                    for partition in partitions {
                        assert_eq!(self.hold(&partition), 0, "{partition} was given to {id} while somebody held it");
                        self.owned.entry(id).or_default().insert(partition);
                    }
                }
                Change::Revoked(id, partitions) => {
                    for partition in partitions {
                        assert!(self.owned.entry(id).or_default().remove(&partition), "{partition} was not {id}'s");
                        self.revoking.entry(id).or_default().insert(partition);
                    }
                }
                Change::Left(id) => {
                    assert!(self.owned.remove(&id).unwrap_or_default().is_empty());
                    assert!(self.revoking.remove(&id).unwrap_or_default().is_empty());
                }
            }
        }
    }

    fn loads(&self) -> BTreeMap<MemberId, usize> {
        self.owned.iter().map(|(id, owned)| (*id, owned.len())).collect()
    }
}

struct Run {
    group: Group,
    believed: Believed,
    partitions: i32,
    joined: u64,
}

impl Run {
    fn pick(&self, index: Index) -> Option<MemberId> {
        let ids: Vec<MemberId> = self.group.members.keys().copied().collect();
        (!ids.is_empty()).then(|| *index.get(&ids))
    }

    fn release(&mut self, id: MemberId, many: usize) {
        let revoking = self.believed.revoking.entry(id).or_default();
        let let_go: Vec<TopicPartition> = revoking.iter().take(many).cloned().collect();
        revoking.retain(|partition| !let_go.contains(partition));
        self.group.release(id, &let_go);
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::Join => {
                self.joined += 1;
                self.group.join(MemberId(self.joined), [topic()]);
                self.believed.owned.insert(MemberId(self.joined), BTreeSet::new());
            }
            Step::Leave(who) => self.pick(who).into_iter().for_each(|id| self.group.leave(id)),
            Step::Die(who) => {
                if let Some(id) = self.pick(who) {
                    self.group.remove(id);
                    self.believed.owned.remove(&id);
                    self.believed.revoking.remove(&id);
                }
            }
            Step::Release(who, many) => self.pick(who).into_iter().for_each(|id| self.release(id, many)),
            Step::Grow => self.partitions += 1,
        }
        self.settle();
    }

    /// Rebalances, and checks that whoever gave something up had more than its share.
    fn settle(&mut self) {
        let changes = self.group.let_go();
        self.believed.told(changes);
        let before = self.believed.loads();
        let changes = self.group.rebalance(&counts(self.partitions));
        let staying = self.group.members.values().filter(|member| !member.leaving).count().max(1);
        let fair = usize::try_from(self.partitions).unwrap() / staying;
        for change in &changes {
            if let Change::Revoked(id, partitions) = change {
                assert!(before[id] - partitions.len() >= fair, "{id} had to give up a part of its fair share");
            }
        }
        self.believed.told(changes);
    }

    fn release_all(&mut self) {
        while self.believed.revoking.values().any(|revoking| !revoking.is_empty()) {
            let ids: Vec<MemberId> = self.believed.revoking.keys().copied().collect();
            ids.into_iter().for_each(|id| self.release(id, usize::MAX));
            self.settle();
        }
    }
}

proptest! {
    #[test]
    fn any_order_of_events_ends_with_every_partition_owned_once_and_evenly(steps in prop::collection::vec(step(), 1..60)) {
        let mut run = Run { group: Group::default(), believed: Believed::default(), partitions: 5, joined: 0 };
        for step in steps {
            run.step(step);
        }
        run.release_all();
        let members = run.group.members.len();
        if members > 0 {
            let owned = run.believed.owned.values().flatten().count();
            prop_assert_eq!(owned, usize::try_from(run.partitions).unwrap(), "every partition has an owner");
            let loads = run.believed.loads();
            let (least, most) = (loads.values().min().unwrap(), loads.values().max().unwrap());
            prop_assert!(most - least <= 1, "loads are even: {:?}", loads);
        }
    }
}
