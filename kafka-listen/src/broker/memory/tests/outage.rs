//! A cluster that cannot be reached, and one that can again.

use std::sync::Mutex;
use std::time::Duration;

use tokio::time::advance;

use super::*;

#[tokio::test(start_paused = true)]
async fn records_wait_in_the_producer_and_are_written_in_order() {
    let cluster = cluster("held", 1);
    let producer = cluster.producer().unwrap();
    let answers = Arc::new(Mutex::new(Vec::new()));
    cluster.set_reachable(false);
    for value in ["a", "b"] {
        let answers = Arc::clone(&answers);
        let receipt =
            Box::new(move |answer: super::super::after::Answer| answers.lock().unwrap().push(answer.unwrap().offset));
        producer.send(record(value), receipt).unwrap();
    }
    assert_eq!(cluster.end_offset("t", 0), Some(0));
    cluster.set_reachable(true);
    producer.flush().await;
    assert_eq!(*answers.lock().unwrap(), [0, 1]);
    assert_eq!(cluster.records("t", 0)[0].value.as_deref(), Some(&b"a"[..]));
}

#[tokio::test(start_paused = true)]
async fn a_member_is_told_reads_nothing_and_goes_on_by_itself() {
    let cluster = cluster("reading", 1);
    let mut reader = Reader::join(&cluster, &[]);
    let (_, id) = reader.assigned()[0];
    cluster.produce(record("a")).unwrap();
    reader.poll();
    cluster.set_reachable(false);
    assert!(matches!(&reader.poll()[..], [ConsumerEvent::Failed(failed)] if !failed.fatal));
    assert_eq!(reader.take(id), (vec![], Taken::Drained));
    assert!(reader.commit(id, 1).unwrap().is_some());
    assert_eq!(reader.consumer.wake_at(), None, "nothing to hope for but the cluster");

    reader.woken();
    cluster.set_reachable(true);
    assert!(reader.woken() > 0);
    assert!(matches!(reader.poll()[..], [ConsumerEvent::Readable(readable)] if readable == id));
    assert_eq!(reader.take(id), (vec![0], Taken::Drained));
    assert_eq!(reader.commit(id, 1), Some(None));
}

#[tokio::test(start_paused = true)]
async fn questions_are_answered_with_an_error_that_names_the_cluster() {
    let cluster = cluster("asking", 1);
    cluster.set_reachable(false);
    let admin = cluster.admin().unwrap();
    assert!(admin.describe(&[topic()]).await.unwrap_err().0.contains("embedded:unit-asking"));
    assert!(admin.ends(&[of(0)]).await.is_err());
    cluster.set_reachable(true);
    assert!(admin.describe(&[topic()]).await.unwrap()[0].is_some());
}

#[tokio::test(start_paused = true)]
async fn a_member_can_leave_a_cluster_that_cannot_be_reached() {
    let cluster = cluster("leaving", 1);
    let mut reader = Reader::join(&cluster, &[]);
    let (_, id) = reader.assigned()[0];
    cluster.set_reachable(false);
    reader.consumer.close();
    assert_eq!(reader.revoked(), [(vec![id], false)]);
    reader.consumer.release(&[id]);
    assert!(matches!(reader.poll()[..], [ConsumerEvent::Closed]));
}

#[tokio::test(start_paused = true)]
async fn nobody_is_given_up_or_assigned_anything_meanwhile() {
    let cluster = cluster("standstill", 2);
    let first = Reader::join(&cluster, &[]);
    let mut second = Reader::join(&cluster, &[]);
    cluster.set_reachable(false);
    drop(first);
    advance(Duration::from_secs(100)).await;
    assert_eq!(second.assigned(), []);
    assert_eq!(cluster.members("g").len(), 2);
    let mut third = Reader::join(&cluster, &[]);
    cluster.set_reachable(true);
    assert_eq!((second.assigned().len(), third.assigned().len()), (1, 1), "the first one's time is long over");
}

#[tokio::test(start_paused = true)]
async fn whoever_joins_meanwhile_waits() {
    let cluster = cluster("joining", 1);
    cluster.set_reachable(false);
    let mut reader = Reader::join(&cluster, &[]);
    assert_eq!(reader.assigned(), []);
    cluster.set_reachable(true);
    assert_eq!(reader.assigned().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn whoever_was_given_up_meanwhile_is_woken_and_comes_back() {
    let cluster = cluster("expelled-meanwhile", 1);
    let mut reader = Reader::join(&cluster, &[]);
    reader.assigned();
    cluster.set_reachable(false);
    cluster.expel("g", cluster.members("g")[0].id);
    reader.poll();
    reader.woken();
    cluster.set_reachable(true);
    assert!(reader.woken() > 0, "nothing else would make it poll");
    assert_eq!(reader.assigned().len(), 1);
}
