//! Members that fall silent: when the group gives them up, to the millisecond.

use std::time::Duration;

use tokio::time::advance;

use super::*;
use crate::clock::Timestamp;

#[tokio::test(start_paused = true)]
async fn a_member_that_was_dropped_is_dead_when_its_session_is_over() {
    let cluster = cluster("session", 2);
    let first = Reader::join(&cluster, &[]);
    let mut second = Reader::join(&cluster, &[]);
    assert_eq!(second.assigned(), [], "the first one has everything");
    second.woken();

    let dropped = cluster.now();
    drop(first);
    assert!(second.woken() > 0, "the deadline is new to it");
    assert_eq!(second.consumer.wake_at(), Some(dropped.after(Duration::from_secs(45))));
    assert_eq!(cluster.members("g").len(), 2);

    advance(Duration::from_millis(44_999)).await;
    assert_eq!(second.assigned(), []);
    advance(Duration::from_millis(1)).await;
    assert_eq!(second.assigned().len(), 2);
    assert_eq!(cluster.members("g").len(), 1);
    assert_eq!(second.consumer.wake_at(), None, "nothing is due any more");
}

#[tokio::test(start_paused = true)]
async fn the_session_is_as_long_as_the_member_said() {
    let cluster = cluster("short-session", 1);
    let first = Reader::join(&cluster, &[("session.timeout.ms", "6000")]);
    let mut second = Reader::join(&cluster, &[]);
    drop(first);
    advance(Duration::from_millis(5_999)).await;
    assert_eq!(second.assigned(), []);
    advance(Duration::from_millis(1)).await;
    assert_eq!(second.assigned().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_closed_member_needs_no_deadline() {
    let cluster = cluster("closed", 1);
    let mut first = Reader::join(&cluster, &[]);
    let mut second = Reader::join(&cluster, &[]);
    first.consumer.close();
    let revoked = first.revoked();
    first.consumer.release(&revoked[0].0);
    assert!(matches!(first.poll()[..], [ConsumerEvent::Closed]));
    drop(first);
    assert_eq!(second.assigned().len(), 1);
    assert_eq!(second.consumer.wake_at(), None);
}

#[tokio::test(start_paused = true)]
async fn a_member_that_does_not_let_go_is_given_up_and_joins_anew() {
    let cluster = cluster("no-release", 2);
    let mut stuck = Reader::join(&cluster, &[]);
    let ids = stuck.assigned();
    let mut other = Reader::join(&cluster, &[]);
    let revoked = stuck.revoked();
    assert_eq!(revoked, [(vec![ids[1].1], false)]);
    assert_eq!(other.consumer.wake_at(), Some(cluster.now().after(Duration::from_secs(300))));

    advance(Duration::from_secs(300)).await;
    assert_eq!(other.assigned().len(), 2, "it gets all of them: the other one is out");
    assert_eq!(stuck.commit(ids[0].1, 1).flatten().as_deref(), Some("no longer a member of the group"));
    assert_eq!(cluster.committed("g", "t", 0), None);
    // The poll of that commit made it a member again.
    assert_eq!(cluster.members("g").len(), 2);
    let (moved, _) = other.revoked().remove(0);
    other.consumer.release(&moved);
    assert_eq!(stuck.assigned().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn whoever_is_expelled_hears_of_it_and_comes_back() {
    let cluster = cluster("expelled", 1);
    let mut reader = Reader::join(&cluster, &[]);
    let (_, old) = reader.assigned()[0];
    cluster.produce(record("a")).unwrap();
    reader.woken();
    cluster.expel("g", cluster.members("g")[0].id);
    assert!(reader.woken() > 0);
    assert_eq!(reader.take(old), (vec![], Taken::Drained), "it is somebody else's");

    let events = reader.poll();
    let lost =
        events.iter().position(|event| matches!(event, ConsumerEvent::Revoked { ids, lost: true } if *ids == [old]));
    let back =
        events.iter().position(|event| matches!(event, ConsumerEvent::Assigned(assigned) if assigned[0].id != old));
    assert!(lost.is_some() && lost < back, "{events:?}");
}

#[tokio::test(start_paused = true)]
async fn time_begins_where_it_is_told_to() {
    let epoch = Timestamp::from_millis(1_000);
    let cluster = Cluster::starting_at("embedded:unit-epoch", epoch).unwrap();
    assert_eq!(cluster.now(), epoch);
    advance(Duration::from_secs(15)).await;
    assert_eq!(cluster.now(), Timestamp::from_millis(16_000));
    cluster.create_topic("t", 1).unwrap();
    cluster.produce(record("a")).unwrap();
    assert_eq!(cluster.records("t", 0)[0].time.at, Timestamp::from_millis(16_000));
}
