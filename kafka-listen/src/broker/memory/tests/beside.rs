//! What a simulation needs beside clients: aborted transactions, clocks that are set, and a watcher who is told everything.

use std::sync::Mutex;
use std::time::Duration;

use tokio::time::advance;

use super::*;
use crate::broker::memory::{PublishFault, Seen};

#[tokio::test(start_paused = true)]
async fn nobody_reads_what_was_aborted_and_its_offsets_are_passed() {
    let cluster = cluster("aborted", 1);
    let mut reader = Reader::join(&cluster, &[]);
    let (_, id) = reader.assigned()[0];
    assert_eq!(reader.take(id), (vec![], Taken::Drained));
    reader.woken();
    cluster.produce_aborted(record("a")).unwrap();
    assert!(reader.woken() > 0, "the position moves");
    cluster.produce(record("b")).unwrap();
    cluster.produce_aborted(record("c")).unwrap();
    assert_eq!(reader.take(id), (vec![2], Taken::Drained), "one record behind a record and a marker");
    assert_eq!(reader.consumer.position(id), Some(5));
    assert_eq!(cluster.records("t", 0).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn clients_clocks_are_set_and_the_clusters_is_not() {
    let cluster = cluster("clock", 1);
    let (mut reader, began) = (Reader::join(&cluster, &[("session.timeout.ms", "5000")]), cluster.now());
    let gone = Reader::join(&cluster, &[("session.timeout.ms", "5000")]);
    reader.woken();
    drop(gone);
    cluster.step_clock(-60_000);
    assert!(reader.woken() > 0, "whoever sleeps has set an alarm by the old time");
    assert_eq!((cluster.now(), cluster.clock().now()), (began, began.before(Duration::from_secs(60))));
    let alarm = reader.consumer.wake_at().unwrap();
    assert_eq!(cluster.clock().until(alarm), Duration::from_secs(5), "the session ends when it would have");
    advance(Duration::from_secs(5)).await;
    reader.poll();
    assert_eq!(cluster.members("g").len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_machine_has_a_clock_of_its_own_on_the_same_cluster() {
    let cluster = cluster("machines", 1);
    let address = cluster.address();
    let [first, again, other] = ["a", "a", "b"].map(|machine| Cluster::reached_by(&format!("{address}/{machine}")));
    cluster.step_clock_of("a", 3_000);
    let (now, ahead) = (cluster.now(), cluster.now().after(Duration::from_secs(3)));
    assert_eq!([&first, &again, &other].map(|it| it.clock().now()), [ahead, ahead, now]);
    cluster.step_clock(1_000);
    assert_eq!(other.clock().now(), now, "set by its own name alone");
    assert_eq!(first.admin().unwrap().partitions(&[topic()]).await.unwrap(), [Some(1)], "the same cluster");
}

#[tokio::test(start_paused = true)]
async fn a_watcher_is_told_in_the_order_in_which_it_happened() {
    let cluster = cluster("watch", 1);
    let told = Arc::new(Mutex::new(Vec::new()));
    let tell = Arc::clone(&told);
    cluster.watch(move |seen| {
        tell.lock().unwrap().push(match seen {
            Seen::Appended { record, .. } => format!("appended {}", record.offset),
            Seen::Answered { answer, .. } => format!("answered {:?}", answer.map(|written| written.offset)),
            Seen::Committed { offset, .. } => format!("committed {offset}"),
            Seen::Assigned { start, .. } => format!("assigned from {start}"),
        });
    });
    cluster.produce(record("a")).unwrap();
    let mut reader = Reader::join(&cluster, &[]);
    let (_, id) = reader.assigned()[0];
    reader.commit(id, 1);
    cluster.on_publish(|_| Some(PublishFault::LoseAnswer));
    cluster.producer().unwrap().send(record("b"), Box::new(|_| ())).unwrap();
    let wanted = ["appended 0", "assigned from 0", "committed 1", "appended 1", "answered Err(Unknown)"];
    assert_eq!(*told.lock().unwrap(), wanted);
}
