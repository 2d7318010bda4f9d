//! A rebalance in the middle of work: nobody gets a partition before its old owner let go of it.

use std::time::Duration;

use crate::rig::{Rig, partition};

on_both_brokers! {
    a_partition_waits_for_its_release_and_goes_on_at_the_commit,
    what_was_taken_and_not_committed_is_read_by_the_new_owner,
    a_partition_that_comes_back_is_a_new_stay,
    kept_partitions_go_on_after_a_rebalance,
}

/// The time in which a wrong hand-over would have happened: all of it takes a few milliseconds.
const A_WHILE: Duration = Duration::from_millis(1500);

fn a_partition_waits_for_its_release_and_goes_on_at_the_commit(rig: &Rig) {
    let topic = rig.topic(2);
    for number in 0..2 {
        rig.write(&partition(&topic, number), (0..10).map(|n| n.to_string()));
    }
    let mut old = rig.join(&[&topic]);
    old.releasing = false;
    rig.until([&mut old], "all are taken", |[old]| old.records.len() == 20);
    let mut new = rig.join(&[&topic]);
    rig.until([&mut old, &mut new], "one partition is revoked", |[old, _]| !old.revoked.is_empty());
    assert_eq!(old.revoked.len(), 1);
    let id = *old.revoked.first().unwrap();
    let of = old.assigned[&id].partition.clone();

    rig.idle([&mut old, &mut new], A_WHILE);
    assert!(new.assigned.is_empty(), "the old owner has not let go");
    rig.write(&of, ["after the revoke"]);
    old.commit(&of, 6);
    rig.until([&mut old, &mut new], "the commit is answered", |[old, _]| !old.answers.is_empty());
    assert_eq!(old.answers[0], (vec![(id, 6)], None), "what is not released may be committed");
    assert!(new.assigned.is_empty());

    old.release();
    rig.until([&mut old, &mut new], "the new owner reads", |[_, new]| new.records.len() == 5);
    assert_eq!(new.offsets_of(&of), [6, 7, 8, 9, 10]);
    assert_eq!(new.ever_assigned[0].committed, Some(6));
    assert_eq!(old.records.len(), 20, "the old one read nothing more of it");
}

fn what_was_taken_and_not_committed_is_read_by_the_new_owner(rig: &Rig) {
    let topic = rig.topic(2);
    for number in 0..2 {
        rig.write(&partition(&topic, number), ["a", "b"]);
    }
    let mut old = rig.join(&[&topic]);
    rig.until([&mut old], "all are taken", |[old]| old.records.len() == 4);
    let mut new = rig.join(&[&topic]);
    rig.until([&mut old, &mut new], "the new owner reads them again", |[_, new]| new.values() == ["a", "b"]);
    assert_eq!(old.kept().len(), 1);
    assert_ne!(old.kept(), new.kept());
}

fn a_partition_that_comes_back_is_a_new_stay(rig: &Rig) {
    let topic = rig.topic(2);
    let mut first = rig.join(&[&topic]);
    rig.until([&mut first], "it has both", |[first]| first.kept().len() == 2);
    let mut second = rig.join(&[&topic]);
    rig.until([&mut first, &mut second], "they share", |[first, second]| {
        first.kept().len() == 1 && second.kept().len() == 1
    });
    let of = second.kept().remove(0);
    let old = first.ever_assigned.iter().find(|assigned| assigned.partition == of).unwrap().id;
    second.consumer.close();
    rig.until([&mut first, &mut second], "it has both again", |[first, second]| {
        second.closed && first.kept().len() == 2
    });
    let new = first.id(&of);
    assert_ne!(new, old);

    rig.write(&of, ["x"]);
    rig.until([&mut first], "it is read", |[first]| first.offsets_of(&of) == [0]);
    let mut records = Vec::new();
    first.consumer.take(old, first.room, &mut records);
    assert!(records.is_empty(), "the old stay is over");
    assert_eq!(first.consumer.position(old), None);
}

fn kept_partitions_go_on_after_a_rebalance(rig: &Rig) {
    let topic = rig.topic(2);
    let mut first = rig.join(&[&topic]);
    rig.until([&mut first], "it has both", |[first]| first.kept().len() == 2);
    for number in 0..2 {
        rig.write(&partition(&topic, number), ["before"]);
    }
    rig.until([&mut first], "both are read", |[first]| first.records.len() == 2);
    let mut second = rig.join(&[&topic]);
    rig.until([&mut first, &mut second], "they share", |[first, second]| {
        first.kept().len() == 1 && second.kept().len() == 1
    });
    let kept = first.kept().remove(0);
    rig.write(&kept, ["after"]);
    rig.until([&mut first, &mut second], "it goes on where it was", |[first, _]| first.offsets_of(&kept) == [0, 1]);
}
