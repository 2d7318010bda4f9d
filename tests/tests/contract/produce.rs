//! Writing: order, answers, and topics that are not there.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use kafka_listen::__internals::broker::ProducerPort;
use kafka_listen::__internals::record::{HeaderBuf, OwnedBody, PublishErrorKind};

use crate::rig::{Rig, outgoing, partition, send_when_there_is_room};

on_both_brokers! {
    what_is_written_is_read_back_in_order,
    every_answer_names_the_place,
    a_flush_waits_for_all_answers,
    what_a_topic_cannot_hold_is_refused,
    a_missing_topic_is_not_created_and_gives_the_record_back,
}

fn what_is_written_is_read_back_in_order(rig: &Rig) {
    let topic = rig.topic(3);
    let records = (0..900).map(|n: i32| outgoing(&topic, Some(n % 3), None, n.to_string())).collect();
    assert!(rig.send_all(records).iter().all(Result::is_ok));

    let mut member = rig.join(&[&topic]);
    rig.until([&mut member], "everything is read", |[member]| member.records.len() >= 900);
    for number in 0..3 {
        let of = partition(&topic, number);
        assert_eq!(member.offsets_of(&of), (0..300).collect::<Vec<i64>>());
        let values = member.records.iter().filter(|(from, _)| *from == of).map(|(_, record)| record.value().unwrap());
        let written = (0..300).map(|n| (n * 3 + number).to_string());
        assert!(values.eq(written.map(String::into_bytes)), "in the order of the calls");
    }
}

fn every_answer_names_the_place(rig: &Rig) {
    let topic = rig.topic(2);
    let records = (0..500).map(|n: i32| outgoing(&topic, Some(n % 2), None, "x")).collect();
    for (n, answer) in (0..).zip(rig.send_all(records)) {
        let written = answer.unwrap();
        assert_eq!((written.partition, written.offset), (n % 2, i64::from(n / 2)));
    }
}

fn a_flush_waits_for_all_answers(rig: &Rig) {
    let topic = rig.topic(1);
    let answered = Arc::new(AtomicUsize::new(0));
    let producer: &dyn ProducerPort = rig.producer();
    for n in 0..200 {
        let answered = Arc::clone(&answered);
        let receipt = Box::new(move |answer: Result<_, _>| {
            answer.unwrap();
            answered.fetch_add(1, Ordering::SeqCst);
        });
        send_when_there_is_room(producer, outgoing(&topic, Some(0), None, n.to_string()), receipt);
    }
    rig.block_on(producer.flush());
    assert_eq!(answered.load(Ordering::SeqCst), 200);
    rig.block_on(producer.flush());
}

fn what_a_topic_cannot_hold_is_refused(rig: &Rig) {
    let (plain, compacted) = (rig.topic(1), rig.topic_with("-compacted", 1, &[("cleanup.policy", "compact")]));
    let mut ahead = outgoing(&plain, None, None, "from the future");
    ahead.timestamp = Some(rig.broker.clock().now().after(Duration::from_secs(2 * 3600)));
    for record in [ahead, outgoing(&compacted, None, None, "without a key")] {
        let error = rig.send(record.clone()).unwrap_err();
        assert_eq!((error.kind, error.record), (PublishErrorKind::NotWritten, record));
    }
    for record in [outgoing(&plain, None, None, "x"), outgoing(&compacted, None, Some("key"), "x")] {
        assert_eq!(rig.send(record).unwrap().offset, 0);
    }
}

fn a_missing_topic_is_not_created_and_gives_the_record_back(rig: &Rig) {
    let (there, missing) = (rig.topic(1), rig.topic_name("-missing"));
    let mut record = outgoing(&missing, Some(2), Some("key"), "value");
    let headers = vec![HeaderBuf::new("name", "value"), HeaderBuf { name: "null".into(), value: None }];
    record.body = OwnedBody { headers, ..record.body.to_owned_body() }.pack().unwrap();

    let error = rig.send(record.clone()).unwrap_err();
    assert_eq!(error.kind, PublishErrorKind::NoSuchTopic, "{error}");
    assert_eq!(error.record, record, "to be written again");
    assert!(error.to_string().contains(missing.as_str()), "{error}");

    assert_eq!(rig.send(outgoing(&there, None, None, "x")).unwrap().offset, 0, "the producer goes on");
    assert_eq!(rig.block_on(rig.admin().describe(&[missing])).unwrap(), [None]);
}
