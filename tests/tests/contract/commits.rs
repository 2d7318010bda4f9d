//! Commits: what the next member begins with.

use kafka_listen::__internals::broker::OffsetReset;

use crate::member::Member;
use crate::rig::{Rig, partition};

on_both_brokers! {
    the_next_member_begins_at_the_commit,
    several_partitions_are_committed_at_once,
    what_is_not_committed_is_read_again,
    a_group_of_another_name_reads_for_itself,
    an_offset_without_a_record_can_be_committed,
    a_commit_after_the_release_changes_nothing,
}

fn close(rig: &Rig, mut member: Member) {
    member.consumer.close();
    rig.until([&mut member], "it is closed", |[member]| member.closed);
}

fn the_next_member_begins_at_the_commit(rig: &Rig) {
    let topic = rig.topic(1);
    let of = partition(&topic, 0);
    rig.write(&of, (0..10).map(|n| n.to_string()));
    let mut first = rig.join(&[&topic]);
    rig.until([&mut first], "all are read", |[first]| first.records.len() == 10);
    let assigned = &first.ever_assigned[0];
    assert_eq!((assigned.start, assigned.committed), (0, None), "nobody has committed yet");
    assert_eq!(rig.offsets(&rig.group(), &of).committed, None);

    first.commit(&of, 7);
    rig.until([&mut first], "the commit is answered", |[first]| first.answers.len() == 1);
    assert_eq!(first.answers[0], (vec![(first.id(&of), 7)], None));
    assert_eq!(rig.offsets(&rig.group(), &of).committed, Some(7));
    close(rig, first);

    let mut second = rig.join_as(&rig.group(), &[&topic], OffsetReset::Latest);
    rig.until([&mut second], "the rest is read", |[second]| second.records.len() == 3);
    let assigned = &second.ever_assigned[0];
    assert_eq!((assigned.start, assigned.committed), (7, Some(7)), "the commit counts, not the setting");
    assert_eq!(second.offsets_of(&of), [7, 8, 9]);
}

fn several_partitions_are_committed_at_once(rig: &Rig) {
    let topic = rig.topic(3);
    let mut member = rig.join(&[&topic]);
    for number in 0..3 {
        rig.write(&partition(&topic, number), ["a", "b", "c"]);
    }
    rig.until([&mut member], "all are read", |[member]| member.records.len() == 9);
    let offsets: Vec<_> = (0..3).map(|number| (member.id(&partition(&topic, number)), i64::from(number) + 1)).collect();
    member.consumer.commit(&offsets);
    rig.until([&mut member], "all are answered", |[member]| {
        member.answers.iter().map(|(offsets, _)| offsets.len()).sum::<usize>() == 3
    });
    assert!(member.answers.iter().all(|(_, error)| error.is_none()), "{:?}", member.answers);
    for number in 0..3 {
        let committed = rig.offsets(&rig.group(), &partition(&topic, number)).committed;
        assert_eq!(committed, Some(i64::from(number) + 1));
    }
}

fn what_is_not_committed_is_read_again(rig: &Rig) {
    let topic = rig.topic(1);
    rig.write(&partition(&topic, 0), ["a", "b"]);
    for _ in 0..2 {
        let mut member = rig.join(&[&topic]);
        rig.until([&mut member], "both are read", |[member]| member.values() == ["a", "b"]);
        close(rig, member);
    }
}

fn a_group_of_another_name_reads_for_itself(rig: &Rig) {
    let topic = rig.topic(1);
    let of = partition(&topic, 0);
    rig.write(&of, ["a", "b"]);
    let mut one = rig.join(&[&topic]);
    rig.until([&mut one], "both are read", |[one]| one.records.len() == 2);
    one.commit(&of, 2);
    rig.until([&mut one], "it is committed", |[one]| one.answers.len() == 1);
    let other_group = format!("{}-other", rig.group());
    let mut other = rig.join_as(&other_group, &[&topic], OffsetReset::Earliest);
    rig.until([&mut other], "both are read again", |[other]| other.values() == ["a", "b"]);
    assert_eq!(rig.offsets(&other_group, &of).committed, None);
}

/// The first assignment commits where it began, be the partition empty or not.
fn an_offset_without_a_record_can_be_committed(rig: &Rig) {
    let topic = rig.topic(1);
    let of = partition(&topic, 0);
    let mut member = rig.join(&[&topic]);
    rig.until([&mut member], "it is assigned", |[member]| member.has(&of).is_some());
    assert_eq!(member.ever_assigned[0].start, 0);
    member.commit(&of, 0);
    rig.until([&mut member], "it is committed", |[member]| member.answers.len() == 1);
    assert_eq!(member.answers[0].1, None);
    let offsets = rig.offsets(&rig.group(), &of);
    assert_eq!((offsets.committed, offsets.low, offsets.high), (Some(0), 0, 0));
}

fn a_commit_after_the_release_changes_nothing(rig: &Rig) {
    let topic = rig.topic(2);
    for number in 0..2 {
        rig.write(&partition(&topic, number), ["a", "b", "c"]);
    }
    let mut old = rig.join(&[&topic]);
    rig.until([&mut old], "all are read", |[old]| old.records.len() == 6);
    let mut new = rig.join(&[&topic]);
    rig.until([&mut old, &mut new], "one has moved", |[_, new]| new.records.len() == 3);
    let of = new.kept().remove(0);
    new.commit(&of, 3);
    rig.until([&mut old, &mut new], "the new owner's commit is answered", |[_, new]| !new.answers.is_empty());

    let (late, _) = old.ever_revoked[0];
    let kept = old.kept().remove(0);
    old.consumer.commit(&[(late, 1), (old.id(&kept), 2)]);
    rig.until([&mut old, &mut new], "both halves are answered", |[old, _]| {
        old.answers.iter().map(|(offsets, _)| offsets.len()).sum::<usize>() == 2
    });
    for (offsets, error) in &old.answers {
        assert_eq!(error.is_some(), *offsets == [(late, 1)], "{:?}", old.answers);
    }
    assert_eq!(rig.offsets(&rig.group(), &of).committed, Some(3), "not turned back");
    assert_eq!(rig.offsets(&rig.group(), &kept).committed, Some(2), "what is still its own is committed");
}
