//! Taking: never more than there is room for, always one, and no wake-up call is lost.

use std::time::Duration;

use kafka_listen::__internals::broker::{Room, Taken};

use crate::rig::{Rig, outgoing, partition, send_when_there_is_room};

on_both_brokers! {
    take_keeps_to_the_room_in_records,
    take_keeps_to_the_room_in_bytes_but_yields_at_least_one,
    what_is_not_taken_stays,
    no_wake_up_is_lost,
    the_position_follows_what_was_taken,
    what_rests_goes_on_where_it_was_left,
}

fn take_keeps_to_the_room_in_records(rig: &Rig) {
    let topic = rig.topic(1);
    let of = partition(&topic, 0);
    rig.write(&of, (0..10).map(|n| n.to_string()));
    let mut member = rig.join(&[&topic]);
    member.most = 0;
    rig.until([&mut member], "it is readable", |[member]| !member.readable.is_empty());
    member.room = Room { records: 3, bytes: usize::MAX };
    let id = member.id(&of);
    while member.records.len() < 10 {
        // At most three, as the member itself checks.
        member.take(id);
    }
    assert_eq!(member.take(id), Taken::Drained);
    assert_eq!(member.offsets_of(&of), (0..10).collect::<Vec<i64>>());
}

fn take_keeps_to_the_room_in_bytes_but_yields_at_least_one(rig: &Rig) {
    let topic = rig.topic(1);
    let of = partition(&topic, 0);
    rig.write(&of, (0..6).map(|_| vec![b'x'; 1000]));
    let mut member = rig.join(&[&topic]);
    member.room = Room { records: usize::MAX, bytes: 2_500 };
    member.most = 0;
    rig.until([&mut member], "it is readable", |[member]| !member.readable.is_empty());
    let id = member.id(&of);
    while member.records.len() < 4 {
        let before = member.records.len();
        member.take(id);
        assert!(member.records.len() <= before + 2, "two of 1,000 bytes go into 2,500");
    }
    member.room.bytes = 1;
    while member.records.len() < 5 {
        member.take(id);
    }
    assert_eq!(member.records.len(), 5, "one always goes");
}

fn what_is_not_taken_stays(rig: &Rig) {
    let topic = rig.topic(2);
    let (held, read) = (partition(&topic, 0), partition(&topic, 1));
    rig.write(&held, (0..50).map(|n| n.to_string()));
    rig.write(&read, ["first"]);
    let mut member = rig.join(&[&topic]);
    member.leaves = Some(held.clone());
    rig.until([&mut member], "the first one is read", |[member]| member.values() == ["first"]);
    // This partition goes on though the other one's records lie there.
    rig.write(&read, ["second"]);
    rig.until([&mut member], "the second one is read", |[member]| member.values() == ["first", "second"]);
    rig.until([&mut member], "the other one waits", |[member]| member.readable.contains(&member.id(&held)));
    member.leaves = None;
    rig.until([&mut member], "the rest is read", |[member]| member.records.len() == 52);
    assert_eq!(member.offsets_of(&held), (0..50).collect::<Vec<i64>>());
}

/// One record at a time, each at another moment of the reader's round: whoever sleeps after `Drained` must hear of it.
fn no_wake_up_is_lost(rig: &Rig) {
    const RECORDS: usize = 2_000;
    let topic = rig.topic(2);
    let mut member = rig.join(&[&topic]);
    rig.until([&mut member], "it is assigned", |[member]| member.assigned.len() == 2);
    let producer = rig.broker.producer().unwrap();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for n in 0..RECORDS {
                let record = outgoing(&topic, Some((n % 2) as i32), None, n.to_string());
                send_when_there_is_room(&*producer, record, Box::new(|answer| assert!(answer.is_ok())));
                // Sometimes into the reader's poll, sometimes into its sleep.
                match n % 20 {
                    0 => std::thread::sleep(Duration::from_micros((n % 700) as u64)),
                    _ => (0..n % 500).for_each(|_| std::hint::spin_loop()),
                }
            }
        });
        rig.until([&mut member], "every record was heard of", |[member]| member.records.len() == RECORDS);
    });
}

fn the_position_follows_what_was_taken(rig: &Rig) {
    let topic = rig.topic(1);
    let of = partition(&topic, 0);
    rig.write(&of, (0..5).map(|n| n.to_string()));
    let mut member = rig.join(&[&topic]);
    rig.until([&mut member], "all are read", |[member]| member.records.len() == 5);
    let id = member.id(&of);
    assert_eq!(member.consumer.position(id), Some(5));
}

fn what_rests_goes_on_where_it_was_left(rig: &Rig) {
    let topic = rig.topic(1);
    let of = partition(&topic, 0);
    rig.write(&of, (0..10).map(|n| n.to_string()));
    let mut member = rig.join(&[&topic]);
    (member.most, member.room.records) = (3, 3);
    rig.until([&mut member], "some are taken", |[member]| member.records.len() == 3);
    let id = member.id(&of);
    member.consumer.rest(id);
    assert_eq!(member.consumer.position(id), Some(3), "it is still there");
    member.most = usize::MAX;
    // The first may come back empty-handed, and it is told when there is something.
    rig.until([&mut member], "all are read", |[member]| member.records.len() == 10);
    assert_eq!(member.offsets_of(&of), (0..10).collect::<Vec<i64>>());
    assert_eq!(member.consumer.position(id), Some(10));
}
