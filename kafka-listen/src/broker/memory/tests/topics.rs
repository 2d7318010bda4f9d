//! Topics that change under their readers.

use super::*;

#[tokio::test(start_paused = true)]
async fn a_deleted_topic_is_lost_and_its_successor_is_assigned_anew() {
    let cluster = cluster("deleted", 1);
    cluster.produce(record("old")).unwrap();
    let mut reader = Reader::join(&cluster, &[]);
    let (_, old) = reader.assigned()[0];
    assert_eq!(reader.take(old).0, [0]);
    assert_eq!(reader.commit(old, 1), Some(None));

    assert!(cluster.delete_topic("t"));
    cluster.create_topic("t", 1).unwrap();
    for value in ["new", "newer"] {
        cluster.produce(record(value)).unwrap();
    }
    assert_eq!(cluster.committed("g", "t", 0), None, "commits go with their topic");
    assert_eq!(reader.take(old), (vec![], Taken::Drained), "it reads nothing of the new one");
    let events = reader.poll();
    let [
        ConsumerEvent::Failed(failed),
        ConsumerEvent::Revoked { ids, lost: true },
        ConsumerEvent::Assigned(assigned),
        ..,
    ] = &events[..]
    else {
        panic!("{events:?}")
    };
    assert!(failed.message.contains("`t`"), "{failed}");
    assert_eq!(*ids, [old]);
    let new = assigned[0].id;
    assert_eq!(reader.take(new).0, [0, 1]);
}

#[tokio::test(start_paused = true)]
async fn a_commit_for_a_topic_that_is_gone_fails() {
    let cluster = cluster("gone", 1);
    let mut reader = Reader::join(&cluster, &[]);
    let (_, id) = reader.assigned()[0];
    cluster.delete_topic("t");
    assert!(reader.commit(id, 0).unwrap().is_some());
    assert_eq!(cluster.partitions("t"), None);
}

#[tokio::test(start_paused = true)]
async fn records_that_go_while_they_wait_are_told_of_before_reading_goes_on() {
    let cluster = cluster("truncated", 1);
    let mut reader = Reader::join(&cluster, &[]);
    let (_, id) = reader.assigned()[0];
    for value in ["a", "b", "c"] {
        cluster.produce(record(value)).unwrap();
    }
    reader.poll();
    cluster.delete_records("t", 0, 2);
    assert_eq!(reader.take(id), (vec![], Taken::Drained), "not before it was told");
    let events = reader.poll();
    assert!(
        matches!(events[..], [ConsumerEvent::Gone { from: 0, to: 2, .. }, ConsumerEvent::Readable(readable)] if readable == id),
        "{events:?}"
    );
    assert_eq!(reader.take(id).0, [2]);
}

#[tokio::test(start_paused = true)]
async fn offsets_without_records_wake_the_reader_whose_position_they_move() {
    let cluster = cluster("markers", 1);
    let mut reader = Reader::join(&cluster, &[]);
    let (_, id) = reader.assigned()[0];
    cluster.skip_offsets("t", 0, 2);
    assert!(matches!(reader.poll()[..], [ConsumerEvent::Readable(readable)] if readable == id));
    assert_eq!(reader.consumer.position(id), Some(2), "there is no record to be taken first");
    assert_eq!(reader.take(id), (vec![], Taken::Drained));

    cluster.produce(record("a")).unwrap();
    cluster.skip_offsets("t", 0, 1);
    assert_eq!(reader.consumer.position(id), Some(2), "a record comes first");
    assert_eq!(reader.take(id), (vec![2], Taken::Drained));
    assert_eq!(reader.consumer.position(id), Some(4));
}
