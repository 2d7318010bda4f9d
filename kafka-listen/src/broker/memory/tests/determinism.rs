//! The same calls at the same times give the same events, down to their order.

use std::time::Duration;

use tokio::time::advance;

use super::*;

/// Joins, writes, crashes, growth and a rebalance; every event as text, assignments numbered as they come up.
async fn script(name: &str) -> Vec<String> {
    let cluster = cluster(name, 5);
    let (mut readers, mut events, mut ids) = (Vec::new(), Vec::new(), Vec::new());
    for step in 0..12 {
        match step {
            0 | 1 | 2 | 6 => readers.push(Reader::join(&cluster, &[("session.timeout.ms", "2000")])),
            3 => drop(readers.remove(0)),
            5 => cluster.create_partitions("t", 9).unwrap(),
            8 => readers[0].consumer.close(),
            _ => (0..4).for_each(|_| drop(cluster.produce(Outgoing { partition: Wanted::Any, ..record("x") }))),
        }
        advance(Duration::from_millis(700)).await;
        for (reader, member) in readers.iter_mut().enumerate() {
            for event in member.poll() {
                match &event {
                    ConsumerEvent::Assigned(assigned) => ids.extend(assigned.iter().map(|assigned| assigned.id)),
                    ConsumerEvent::Revoked { ids, .. } => member.consumer.release(ids),
                    _ => {}
                }
                events.push(format!("{reader}: {event:?}"));
            }
        }
    }
    let numbered = |event: &String| {
        let numbers = ids.iter().enumerate().rev();
        numbers.fold(event.clone(), |text, (number, id)| text.replace(&format!("{id:?}"), &format!("#{number}")))
    };
    events.iter().map(numbered).collect()
}

#[tokio::test(start_paused = true)]
async fn the_same_script_gives_the_same_events() {
    let first = script("script-1").await;
    assert!(first.len() > 20, "something happens: {first:#?}");
    assert_eq!(first, script("script-2").await);
}
