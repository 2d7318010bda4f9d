//! Members that take up more topics, and give some up, while they read others.

use kafka_listen::__internals::broker::OffsetReset;
use kafka_listen::__internals::record::TopicName;

use crate::member::Member;
use crate::rig::{Rig, partition};

on_both_brokers! {
    a_topic_that_is_taken_up_is_read_from_its_beginning_and_the_others_are_not_disturbed,
    a_topic_that_is_given_up_is_revoked_and_nothing_else,
    a_member_without_topics_has_nothing_until_it_gets_some,
    a_member_without_topics_can_leave,
    a_topic_that_one_member_takes_up_is_its_own_until_the_other_one_does,
    topics_are_taken_up_however_early_and_often_that_is_asked,
}

fn earliest(topics: &[&TopicName]) -> Vec<(TopicName, OffsetReset)> {
    topics.iter().map(|topic| ((*topic).clone(), OffsetReset::Earliest)).collect()
}

fn a_topic_that_is_taken_up_is_read_from_its_beginning_and_the_others_are_not_disturbed(rig: &Rig) {
    let old = rig.topic_with("-old", 2, &[]);
    rig.write(&partition(&old, 0), ["a"]);
    let mut member = rig.join(&[&old]);
    rig.until([&mut member], "it is read", |[member]| member.values() == ["a"] && member.kept().len() == 2);
    let kept = member.assigned.clone();
    let new = rig.topic_with("-new", 2, &[]);
    rig.write(&partition(&new, 1), ["b", "c"]);
    member.consumer.subscribe(&earliest(&[&old, &new]));
    rig.until([&mut member], "the new one is read", |[member]| member.values() == ["a", "b", "c"]);
    assert!(kept.keys().all(|id| member.assigned.contains_key(id)), "what it had stayed");
    assert_eq!((member.kept().len(), member.ever_revoked.len()), (4, 0));
    rig.write(&partition(&old, 0), ["d"]);
    rig.until([&mut member], "the old one goes on", |[member]| member.offsets_of(&partition(&old, 0)) == [0, 1]);
}

fn a_topic_that_is_given_up_is_revoked_and_nothing_else(rig: &Rig) {
    let (stays, goes) = (rig.topic_with("-stays", 2, &[]), rig.topic_with("-goes", 1, &[]));
    let mut member = rig.join(&[&stays, &goes]);
    rig.until([&mut member], "it has all", |[member]| member.kept().len() == 3);
    let given_up = member.id(&partition(&goes, 0));
    member.consumer.subscribe(&earliest(&[&stays]));
    rig.until([&mut member], "it is let go of", |[member]| member.kept().len() == 2);
    assert_eq!(member.ever_revoked, [(given_up, false)]);
    rig.write(&partition(&stays, 1), ["x"]);
    rig.until([&mut member], "the other one goes on", |[member]| member.values() == ["x"]);
    member.consumer.subscribe(&earliest(&[&stays, &goes]));
    rig.write(&partition(&goes, 0), ["y"]);
    rig.until([&mut member], "it is taken up again", |[member]| member.values() == ["x", "y"]);
}

fn a_member_without_topics_has_nothing_until_it_gets_some(rig: &Rig) {
    let topic = rig.topic(1);
    rig.write(&partition(&topic, 0), ["a"]);
    let mut member = rig.join(&[]);
    rig.until([&mut member], "it knows that it has nothing", |[member]| member.informed);
    member.consumer.subscribe(&earliest(&[&topic]));
    rig.until([&mut member], "it is read", |[member]| member.values() == ["a"]);
    member.consumer.subscribe(&[]);
    rig.until([&mut member], "it has nothing again", |[member]| member.kept().is_empty());
    member.consumer.subscribe(&earliest(&[&topic]));
    rig.until([&mut member], "it has it again", |[member]| member.kept() == [partition(&topic, 0)]);
    member.consumer.close();
    rig.until([&mut member], "it is closed", |[member]| member.closed);
}

fn a_member_without_topics_can_leave(rig: &Rig) {
    let mut member = rig.join(&[]);
    rig.until([&mut member], "it knows that it has nothing", |[member]| member.informed);
    member.consumer.close();
    rig.until([&mut member], "it is closed", |[member]| member.closed);
}

fn a_topic_that_one_member_takes_up_is_its_own_until_the_other_one_does(rig: &Rig) {
    let (old, new) = (rig.topic_with("-old", 2, &[]), rig.topic_with("-new", 2, &[]));
    let (mut first, mut second) = (rig.join(&[&old]), rig.join(&[&old]));
    rig.until([&mut first, &mut second], "they share", |[first, second]| {
        first.kept().len() == 1 && second.kept().len() == 1
    });
    first.consumer.subscribe(&earliest(&[&old, &new]));
    let new_ones = |member: &Member| member.kept().iter().filter(|of| of.topic == new).count();
    rig.until([&mut first, &mut second], "the first one has the new topic", |[first, _]| new_ones(first) == 2);
    second.consumer.subscribe(&earliest(&[&old, &new]));
    rig.until([&mut first, &mut second], "they share it", |[first, second]| {
        first.kept().len() == 2 && second.kept().len() == 2
    });
    for of in [partition(&new, 0), partition(&new, 1)] {
        rig.write(&of, ["x"]);
    }
    rig.until([&mut first, &mut second], "both are read", |[first, second]| {
        first.records.len() + second.records.len() == 2
    });
}

fn topics_are_taken_up_however_early_and_often_that_is_asked(rig: &Rig) {
    let topics: Vec<_> = (0..5).map(|number| rig.topic_with(&format!("-{number}"), 1, &[])).collect();
    for topic in &topics {
        rig.write(&partition(topic, 0), ["x"]);
    }
    let mut member = rig.join(&[&topics[0]]);
    for count in 2..=topics.len() {
        // Joining is under way, or the rebalance before it.
        member.step();
        member.consumer.subscribe(&earliest(&topics[..count].iter().collect::<Vec<_>>()));
    }
    rig.until([&mut member], "all are read", |[member]| member.records.len() == topics.len());
    assert_eq!(member.ever_revoked, []);
}
