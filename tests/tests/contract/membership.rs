//! Joining, leaving, dying: who reads what.

use kafka_listen::__internals::broker::OffsetReset;
use kafka_listen::__internals::record::TopicPartition;

use crate::member::Member;
use crate::rig::{Rig, partition};

on_both_brokers! {
    a_single_member_has_everything,
    two_members_share_and_what_is_kept_is_not_disturbed,
    whoever_is_left_takes_over_from_one_that_leaves,
    whoever_is_left_takes_over_from_one_that_died,
    a_third_member_finds_nothing_to_do_with_two_partitions,
    a_member_of_two_topics_reads_both,
    a_member_can_leave_before_it_was_assigned_anything,
    a_topic_that_comes_later_is_read_then,
}

fn all(topic: &kafka_listen::__internals::record::TopicName, count: i32) -> Vec<TopicPartition> {
    (0..count).map(|number| partition(topic, number)).collect()
}

fn a_single_member_has_everything(rig: &Rig) {
    let topic = rig.topic(4);
    let mut member = rig.join(&[&topic]);
    rig.until([&mut member], "it has all", |[member]| member.kept() == all(&topic, 4));
    assert!(member.ever_assigned.iter().all(|assigned| assigned.start == 0 && assigned.committed.is_none()));
    member.consumer.close();
    rig.until([&mut member], "it is closed", |[member]| member.closed);
    assert_eq!(member.ever_revoked.len(), 4, "what is closed is revoked first");
    assert!(member.ever_revoked.iter().all(|(_, lost)| !lost));
}

fn two_members_share_and_what_is_kept_is_not_disturbed(rig: &Rig) {
    let topic = rig.topic(4);
    let mut first = rig.join(&[&topic]);
    rig.until([&mut first], "the first one has all", |[first]| first.kept().len() == 4);
    let ids = first.assigned.clone();

    let mut second = rig.join(&[&topic]);
    rig.until([&mut first, &mut second], "they share", |[first, second]| {
        first.kept().len() == 2 && second.kept().len() == 2
    });
    let mut together = [first.kept(), second.kept()].concat();
    together.sort();
    assert_eq!(together, all(&topic, 4));
    assert_eq!(first.ever_revoked.len(), 2, "only what moves is revoked");
    assert_eq!(first.ever_assigned.len(), 4, "and nothing is assigned anew");
    assert!(first.assigned.keys().all(|id| ids.contains_key(id)));

    for of in all(&topic, 4) {
        rig.write(&of, ["x"]);
    }
    rig.until([&mut first, &mut second], "each reads its own", |[first, second]| {
        first.records.len() == 2 && second.records.len() == 2
    });
    let read_by = |member: &Member| {
        let mut read: Vec<_> = member.records.iter().map(|(of, _)| of.clone()).collect();
        read.sort();
        read
    };
    assert_eq!(read_by(&first), first.kept());
    assert_eq!(read_by(&second), second.kept());
}

fn share(rig: &Rig, partitions: i32) -> (Member, Member) {
    let topic = rig.topic(partitions);
    let mut first = rig.join(&[&topic]);
    rig.until([&mut first], "the first one has all", |[first]| first.kept().len() == partitions as usize);
    let mut second = rig.join(&[&topic]);
    rig.until([&mut first, &mut second], "they share", |[first, second]| {
        first.kept().len() == second.kept().len() && second.kept().len() * 2 == partitions as usize
    });
    (first, second)
}

fn whoever_is_left_takes_over_from_one_that_leaves(rig: &Rig) {
    let (mut first, mut second) = share(rig, 4);
    let topic = rig.topic_name("");
    let kept = second.assigned.clone();
    first.consumer.close();
    rig.until([&mut first, &mut second], "the second one has all", |[first, second]| {
        first.closed && second.kept() == all(&topic, 4)
    });
    assert!(kept.keys().all(|id| second.assigned.contains_key(id)), "what it had stayed");
    assert_eq!(second.ever_revoked, []);
}

fn whoever_is_left_takes_over_from_one_that_died(rig: &Rig) {
    let topic = rig.topic(4);
    for of in all(&topic, 4) {
        rig.write(&of, ["a", "b"]);
    }
    let victim = rig.beside.doomed(rig, &topic);
    let mut second = rig.join(&[&topic]);
    rig.until([&mut second], "they share", |[second]| second.kept().len() == 2);
    let kept = second.assigned.clone();
    victim.die();
    rig.until([&mut second], "it has all", |[second]| second.kept() == all(&topic, 4) && second.records.len() == 8);
    assert!(kept.keys().all(|id| second.assigned.contains_key(id)), "what it had stayed");
}

fn a_third_member_finds_nothing_to_do_with_two_partitions(rig: &Rig) {
    let (mut first, mut second) = share(rig, 2);
    let topic = rig.topic_name("");
    let mut third = rig.join(&[&topic]);
    rig.until([&mut first, &mut second, &mut third], "the third one knows that it gets nothing", |[.., third]| {
        third.informed && third.kept().is_empty()
    });
    first.consumer.close();
    rig.until([&mut first, &mut second, &mut third], "the third one steps in", |[first, second, third]| {
        first.closed && second.kept().len() == 1 && third.kept().len() == 1
    });
    assert_eq!(second.ever_revoked, [], "the second one was not disturbed by any of it");
}

fn a_member_of_two_topics_reads_both(rig: &Rig) {
    let (one, two) = (rig.topic_with("-one", 1, &[]), rig.topic_with("-two", 2, &[]));
    rig.write(&partition(&one, 0), ["a"]);
    rig.write(&partition(&two, 1), ["b"]);
    let mut member = rig.join(&[&one, &two]);
    rig.until([&mut member], "both are read", |[member]| member.records.len() == 2);
    assert_eq!(member.kept(), [partition(&one, 0), partition(&two, 0), partition(&two, 1)]);
}

fn a_member_can_leave_before_it_was_assigned_anything(rig: &Rig) {
    let topic = rig.topic(1);
    let mut member = Member::new(rig.consumer(&rig.group(), &[&topic], OffsetReset::Earliest));
    member.consumer.close();
    rig.until([&mut member], "it is closed", |[member]| member.closed);
}

fn a_topic_that_comes_later_is_read_then(rig: &Rig) {
    let there = rig.topic_with("-there", 1, &[]);
    let later = rig.topic_name("-later");
    let mut member = rig.join(&[&there, &later]);
    rig.until([&mut member], "it says what is missing", |[member]| {
        member.failures.iter().any(|failure| failure.message.contains(later.as_str()))
    });
    assert!(member.failures.iter().all(|failure| !failure.fatal), "{:?}", member.failures);
    rig.until([&mut member], "the other one is assigned", |[member]| member.has(&partition(&there, 0)).is_some());
    rig.topic_with("-later", 1, &[]);
    rig.write(&partition(&later, 0), ["late"]);
    rig.until([&mut member], "it is read", |[member]| member.values() == ["late"]);
}
