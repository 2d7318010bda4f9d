//! Where reading begins, and where it goes on when the log no longer has what was wanted.

use kafka_listen::__internals::broker::OffsetReset;

use crate::rig::{READ_AHEAD, Rig, noise, partition};

on_both_brokers! {
    earliest_begins_with_the_oldest_record,
    latest_begins_behind_the_newest_record,
    latest_begins_with_the_oldest_where_the_topic_is_known,
    latest_begins_behind_the_newest_for_all_who_joined_before_the_first_commit,
    error_refuses_to_choose,
    a_commit_that_the_log_no_longer_has_tells_of_the_gap,
    a_commit_beyond_the_end_tells_too,
    records_that_go_while_they_wait_are_told_of,
}

fn earliest_begins_with_the_oldest_record(rig: &Rig) {
    let topic = rig.topic(1);
    let of = partition(&topic, 0);
    rig.write(&of, ["a", "b", "c"]);
    rig.beside.delete_records(&of, 1);
    let mut member = rig.join(&[&topic]);
    rig.until([&mut member], "the rest is read", |[member]| member.values() == ["b", "c"]);
    let assigned = &member.ever_assigned[0];
    assert_eq!((assigned.start, assigned.committed), (1, None));
    assert_eq!(member.gone, [], "nothing was missed that anybody had waited for");
}

fn latest_begins_behind_the_newest_record(rig: &Rig) {
    let topic = rig.topic(1);
    let of = partition(&topic, 0);
    rig.write(&of, ["old"]);
    let mut member = rig.join_as(&rig.group(), &[&topic], OffsetReset::Latest);
    rig.until([&mut member], "it is assigned", |[member]| member.has(&of).is_some());
    assert_eq!((member.ever_assigned[0].start, member.ever_assigned[0].committed), (1, None));
    rig.write(&of, ["new"]);
    rig.until([&mut member], "the new one is read", |[member]| !member.records.is_empty());
    assert_eq!(member.values(), ["new"]);
}

fn latest_begins_with_the_oldest_where_the_topic_is_known(rig: &Rig) {
    let topic = rig.topic(1);
    let (old, added) = (partition(&topic, 0), partition(&topic, 1));
    let mut first = rig.join_as(&rig.group(), &[&topic], OffsetReset::Latest);
    rig.until([&mut first], "it is assigned", |[first]| first.has(&old).is_some());
    first.commit(&old, 0);
    rig.until([&mut first], "it is committed", |[first]| !first.answers.is_empty());
    first.consumer.close();
    rig.until([&mut first], "it is closed", |[first]| first.closed);

    rig.beside.create_partitions(&topic, 2);
    rig.write(&added, ["written before anybody read it"]);
    let mut second = rig.join_as(&rig.group(), &[&topic], OffsetReset::Latest);
    rig.until([&mut second], "nothing is passed over", |[second]| second.offsets_of(&added) == [0]);
}

fn latest_begins_behind_the_newest_for_all_who_joined_before_the_first_commit(rig: &Rig) {
    let topic = rig.topic(2);
    for number in 0..2 {
        rig.write(&partition(&topic, number), ["old"]);
    }
    let mut first = rig.join_as(&rig.group(), &[&topic], OffsetReset::Latest);
    first.releasing = false;
    rig.until([&mut first], "it has both", |[first]| first.kept().len() == 2);
    let mut second = rig.join_as(&rig.group(), &[&topic], OffsetReset::Latest);
    rig.until([&mut first, &mut second], "the second one has joined", |[first, _]| !first.revoked.is_empty());
    let kept = first.kept().remove(0);
    first.commit(&kept, 1);
    rig.until([&mut first, &mut second], "that one is committed", |[first, _]| !first.answers.is_empty());
    assert_eq!(first.answers[0].1, None);

    first.release();
    rig.until([&mut first, &mut second], "they share", |[_, second]| second.kept().len() == 1);
    let assigned = &second.ever_assigned[0];
    assert_eq!((assigned.start, assigned.committed), (1, None), "both were there before anything was committed");
}

fn error_refuses_to_choose(rig: &Rig) {
    let topic = rig.topic(1);
    let of = partition(&topic, 0);
    rig.write(&of, ["a"]);
    let mut member = rig.join_as(&rig.group(), &[&topic], OffsetReset::Error);
    rig.until([&mut member], "it says so", |[member]| !member.failures.is_empty());
    let failure = &member.failures[0];
    assert!(failure.fatal, "{failure:?}");
    assert_eq!(failure.partition.as_ref(), Some(&of));
    assert!(failure.message.contains(&rig.group()), "{failure}");
    assert!(member.records.is_empty());
}

fn a_commit_that_the_log_no_longer_has_tells_of_the_gap(rig: &Rig) {
    let topic = rig.topic(1);
    let of = partition(&topic, 0);
    rig.write(&of, (0..6).map(|n| n.to_string()));
    commit(rig, 1);
    rig.beside.delete_records(&of, 4);
    let mut member = rig.join_as(&rig.group(), &[&topic], OffsetReset::Latest);
    rig.until([&mut member], "the rest is read", |[member]| member.offsets_of(&of) == [4, 5]);
    let assigned = &member.ever_assigned[0];
    assert_eq!((assigned.start, assigned.committed), (4, Some(1)));
    assert_eq!(member.gone, [(assigned.id, 1, 4)]);
}

fn a_commit_beyond_the_end_tells_too(rig: &Rig) {
    let topic = rig.topic(1);
    let of = partition(&topic, 0);
    rig.write(&of, ["a", "b"]);
    commit(rig, 9);
    let mut member = rig.join(&[&topic]);
    rig.until([&mut member], "it begins anew", |[member]| member.values() == ["a", "b"]);
    assert_eq!(member.gone, [(member.id(&of), 9, 0)]);
}

fn records_that_go_while_they_wait_are_told_of(rig: &Rig) {
    const RECORDS: i64 = 40;
    let topic = rig.topic(1);
    let of = partition(&topic, 0);
    // Far more than a client reads ahead, so that most are still in the log when they are deleted.
    rig.write(&of, (0..RECORDS).map(|_| noise(READ_AHEAD / 4)));
    let mut member = rig.join(&[&topic]);
    (member.most, member.room.records) = (1, 1);
    rig.until([&mut member], "the first one is read", |[member]| member.offsets_of(&of) == [0]);
    let id = member.id(&of);
    rig.beside.delete_records(&of, RECORDS);
    rig.write(&of, ["after"]);
    member.most = usize::MAX;
    rig.until([&mut member], "it goes on", |[member]| member.values().last().is_some_and(|last| last == "after"));
    let read_ahead = member.offsets_of(&of)[member.records.len() - 2];
    assert!(read_ahead < RECORDS - 1, "all were read ahead");
    assert_eq!(member.gone, [(id, read_ahead + 1, RECORDS)], "from where it was to where it went on");
    assert_eq!(member.has(&of), Some(id), "it is the same stay");
}

/// Leaves this offset committed, and no member.
fn commit(rig: &Rig, offset: i64) {
    let of = partition(&rig.topic_name(""), 0);
    let mut member = rig.join(&[&of.topic]);
    rig.until([&mut member], "it is assigned", |[member]| member.has(&of).is_some());
    member.commit(&of, offset);
    rig.until([&mut member], "it is committed", |[member]| !member.answers.is_empty());
    assert_eq!(member.answers[0].1, None);
    member.consumer.close();
    rig.until([&mut member], "it is closed", |[member]| member.closed);
}
