//! What a member may do with a partition that it was asked to let go of, and with one that it was not.

use super::*;

#[tokio::test(start_paused = true)]
async fn letting_go_of_what_was_not_revoked_changes_nothing() {
    let cluster = cluster("not-revoked", 1);
    let mut reader = Reader::join(&cluster, &[]);
    let (_, id) = reader.assigned()[0];
    cluster.produce(record("a")).unwrap();
    reader.consumer.release(&[id]);
    assert_eq!(reader.take(id).0, [0]);
    assert_eq!(reader.commit(id, 1), Some(None));
}

#[tokio::test(start_paused = true)]
async fn what_is_revoked_is_read_no_longer_but_may_be_committed() {
    let cluster = cluster("revoked", 2);
    let mut reader = Reader::join(&cluster, &[]);
    let (_, id) = reader.assigned()[1];
    let _other = Reader::join(&cluster, &[]);
    assert_eq!(reader.revoked(), [(vec![id], false)]);
    cluster.produce(Outgoing { partition: Wanted::Exactly(1), ..record("a") }).unwrap();
    assert!(reader.poll().is_empty(), "nobody is told to read it");
    assert_eq!(reader.take(id), (vec![], Taken::Drained));
    assert_eq!(reader.commit(id, 0), Some(None));
    reader.consumer.release(&[id]);
    assert!(reader.commit(id, 0).unwrap().is_some(), "after the release no more");
}
