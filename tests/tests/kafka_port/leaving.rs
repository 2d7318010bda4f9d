//! A member leaves while its group finds out who reads what: what it has read is committed before it goes, although the
//! coordinator refuses commits for a part of that time.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use kafka_listen::__internals::broker::{Broker, ConsumerEvent, OffsetReset};
use kafka_listen::__internals::record::AssignmentId;
use kafka_listen_tests::real_kafka::shared;

use crate::member::{Member, cluster, create, record, send, topic};

/// As the engine has it: how long a commit is tried again before a partition goes, and how long it rests between two tries.
const COMMIT_WITHIN: Duration = Duration::from_secs(2);
const REST: Duration = Duration::from_millis(200);

const RECORDS: usize = 10;

/// What came of leaving.
#[derive(Debug)]
struct Left {
    tries: u32,
    committed: bool,
    refused: Vec<String>,
    lost: bool,
}

/// Leaves as the engine does: commits what was read of what is revoked, again if that is refused, and lets go.
fn leave(member: &mut Member, read: AssignmentId, upto: i64) -> Left {
    let mut left = Left { tries: 0, committed: false, refused: Vec::new(), lost: false };
    let (mut revoked, mut retry) = (None, None);
    member.consumer.close();
    loop {
        for event in member.poll(Duration::from_millis(10)) {
            match event {
                ConsumerEvent::Revoked { ids, lost } => {
                    left.lost |= lost;
                    revoked = Some((ids, Instant::now() + COMMIT_WITHIN));
                    retry = Some(Instant::now());
                }
                ConsumerEvent::Committed { error: None, .. } => left.committed = true,
                ConsumerEvent::Committed { error: Some(error), .. } => {
                    left.refused.push(error);
                    retry = Some(Instant::now() + REST);
                }
                ConsumerEvent::Closed => return left,
                _ => {}
            }
        }
        if retry.is_some_and(|at| at <= Instant::now()) && !left.committed {
            member.consumer.commit(&[(read, upto)]);
            left.tries += 1;
            retry = None;
        }
        if let Some((ids, _)) = revoked.take_if(|(_, until)| left.committed || *until <= Instant::now()) {
            member.consumer.release(&ids);
        }
    }
}

#[tokio::test]
async fn a_member_that_leaves_right_behind_a_new_subscription_commits_what_it_has_read() {
    let kafka = shared();
    let broker = Arc::new(cluster(kafka, &[]));
    let mut all = Vec::new();
    for millis in [0, 2, 5, 10, 20, 50, 100, 300, 1_000, 2_500, 2_900, 2_950, 3_000, 3_005, 3_010, 3_020, 3_100] {
        let (first, second) = (format!("leaving-a-{millis}"), format!("leaving-b-{millis}"));
        create(kafka, &first, 2, &[]).await;
        create(kafka, &second, 2, &[]).await;
        let producer = broker.producer().unwrap();
        for partition in [0, 1] {
            (0..RECORDS).for_each(|_| send(&*producer, record(&topic(&first), Some(partition), "x")));
        }
        let ends = Arc::new(AtomicBool::new(false));
        let other = {
            let (broker, ends, first) = (broker.clone(), ends.clone(), first.clone());
            thread::spawn(move || {
                let mut member = Member::join(&broker, &first, &[&first]);
                while !ends.load(Ordering::Relaxed) {
                    for event in member.poll(Duration::from_millis(20)) {
                        if let ConsumerEvent::Revoked { ids, lost: false } = event {
                            member.consumer.release(&ids);
                        }
                    }
                }
                member.leave();
            })
        };
        thread::sleep(Duration::from_millis(500));
        let mut member = Member::join(&broker, &first, &[&first]);
        let id = member.assigned()[0].id;
        let upto = member.take(id, RECORDS).last().unwrap().offset + 1;
        let both = [&first, &second].map(|name| (topic(name), OffsetReset::Earliest));
        member.consumer.subscribe(&both);
        let until = Instant::now() + Duration::from_millis(millis);
        while Instant::now() < until {
            for event in member.poll(Duration::from_millis(5).min(until - Instant::now())) {
                if let ConsumerEvent::Revoked { ids, lost: false } = event {
                    member.consumer.release(&ids);
                }
            }
        }
        let left = leave(&mut member, id, upto);
        println!("{millis:>5} ms: {left:?}");
        all.push((millis, left));
        ends.store(true, Ordering::Relaxed);
        other.join().unwrap();
    }
    assert!(all.iter().all(|(_, left)| left.committed && !left.lost), "{all:?}");
}
