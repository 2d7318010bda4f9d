//! Offsets without a record: compaction and transactions.

use crate::rig::{Rig, outgoing, partition};

on_both_brokers! {
    compaction_leaves_gaps_that_stop_nothing,
    an_aborted_transaction_is_not_seen_and_is_passed,
    the_marker_behind_the_last_record_is_passed,
    a_marker_that_comes_later_moves_the_position,
}

fn compaction_leaves_gaps_that_stop_nothing(rig: &Rig) {
    let topic = rig.topic_with("", 1, &rig.beside.compacting());
    let of = partition(&topic, 0);
    for (key, value) in [("a", "1"), ("b", "1"), ("a", "2"), ("c", "1"), ("a", "3"), ("b", "2"), ("end", "1")] {
        rig.send(outgoing(&topic, Some(0), Some(key), value)).unwrap();
    }
    rig.beside.compact(&of, 3);
    let mut member = rig.join(&[&topic]);
    rig.until([&mut member], "the last of each key is read", |[member]| member.records.len() >= 4);
    assert_eq!(member.offsets_of(&of)[..4], [3, 4, 5, 6]);
    assert_eq!(member.ever_assigned[0].start, 0, "the range of offsets stays");
    assert_eq!(member.gone, [], "compaction is no loss");
}

fn an_aborted_transaction_is_not_seen_and_is_passed(rig: &Rig) {
    let topic = rig.topic(1);
    let of = partition(&topic, 0);
    rig.beside.transaction(&of, &["one", "two"], true);
    rig.beside.transaction(&of, &["never", "seen"], false);
    rig.beside.transaction(&of, &["three"], true);
    rig.write(&of, ["plain"]);
    let mut member = rig.join(&[&topic]);
    rig.until([&mut member], "what was committed is read", |[member]| member.records.len() >= 4);
    assert_eq!(member.values(), ["one", "two", "three", "plain"]);
    assert_eq!(member.offsets_of(&of), [0, 1, 6, 8]);
}

fn the_marker_behind_the_last_record_is_passed(rig: &Rig) {
    let topic = rig.topic(1);
    let of = partition(&topic, 0);
    rig.beside.transaction(&of, &["one", "two"], true);
    rig.beside.transaction(&of, &["never seen"], false);
    let mut member = rig.join(&[&topic]);
    assert_position(rig, &mut member, &of, 2, 5);
    member.commit(&of, 5);
    rig.until([&mut member], "it is committed", |[member]| !member.answers.is_empty());
    let offsets = rig.offsets(&rig.group(), &of);
    assert_eq!((offsets.committed, offsets.high), (Some(5), 5), "nothing is left, as Kafka's own tools count");
}

fn a_marker_that_comes_later_moves_the_position(rig: &Rig) {
    let topic = rig.topic(1);
    let of = partition(&topic, 0);
    rig.write(&of, ["plain"]);
    let mut member = rig.join(&[&topic]);
    assert_position(rig, &mut member, &of, 1, 1);
    rig.beside.transaction(&of, &["never seen"], false);
    assert_position(rig, &mut member, &of, 1, 3);
}

/// Waits until this many records were read and the position is there, woken by nothing but events.
fn assert_position(
    rig: &Rig,
    member: &mut crate::member::Member,
    of: &kafka_listen::__internals::record::TopicPartition,
    records: usize,
    position: i64,
) {
    rig.until([member], "the records are read", |[member]| member.records.len() == records);
    let id = member.id(of);
    let deadline = std::time::Instant::now() + crate::rig::PATIENCE;
    while member.consumer.position(id) != Some(position) {
        assert!(std::time::Instant::now() < deadline, "the position stays at {:?}", member.consumer.position(id));
        rig.idle([member], std::time::Duration::from_millis(50));
    }
    assert_eq!(member.records.len(), records);
}
